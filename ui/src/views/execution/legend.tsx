import type { JSX } from 'preact';

const KEYS: readonly (readonly [string, string])[] = [['k-queue', 'queued'], ['k-cold', 'cold start'], ['k-fn', 'function'], ['k-call', 'call'], ['k-retry', 'wait, retry wait'], ['k-state', 'state'], ['key-bad', 'failed'], ['key-to', 'timed out']];

export function Legend(): JSX.Element {
  return <div class="keys legend">{KEYS.map(([kind, text]) => <span key={kind} class="key"><i class={kind} />{text}</span>)}</div>;
}
