import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { nameOfState } from '../../model/editor/machine';
import { jsonFault } from '../../model/json_fault';
import { useAbout } from './fields';
import { evaluated, type Trial } from './server';

const AFTER_MS = 400;
/** What can only be known when the state runs. */
const LATER = /\$states\.(result|errorOutput|context)\b/;

/** What an expression gives on the input that the state is tried on, by the server's engine; once somebody gave one. */
export function LiveResult({ value }: { value: unknown }): JSX.Element | null {
  const { editor, path, language } = useAbout();
  const name = path.length ? nameOfState(path) : '';
  const input = editor.hasSample(name) ? editor.sample(name) : undefined;
  const text = JSON.stringify(value) ?? '';
  const [trial, set] = useState<Trial | undefined>();
  const ready = language === 'JSONata' && input !== undefined && text.includes('{%') && !LATER.test(text) && !jsonFault(input);
  useEffect(() => {
    set(undefined);
    if (!ready) return;
    let gone = false;
    const timer = window.setTimeout(() => void evaluated(value, input).then(answer => { if (!gone) set(answer); }, () => undefined), AFTER_MS);
    return () => { gone = true; window.clearTimeout(timer); };
  }, [text, input, ready]);
  if (!trial) return null;
  const words = trial.output !== undefined ? trial.output : `${trial.error ?? ''}: ${(trial.cause ?? '').replace(/^An error occurred while executing the state '[^']*'[^.]*\. /, '')}`;
  return <span class={`hint live ${trial.output === undefined ? 'fail' : ''}`} role="status" title={words}>Gives <span class="mono">{words.length > 300 ? `${words.slice(0, 300)}…` : words}</span></span>;
}
