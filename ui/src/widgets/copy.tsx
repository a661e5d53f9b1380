import type { ComponentChildren, JSX } from 'preact';
import { announce } from './announce';
import { Icon } from './icon';

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Not given on addresses that are neither https nor this machine.
    const field = document.createElement('textarea');
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  }
  announce('Copied');
}

/** A text that one wants to have elsewhere: an ARN, a trace id. */
export function Copy({ text, what, children }: { text: string; what: string; children: ComponentChildren }): JSX.Element {
  return (
    <button type="button" class="copy mono" title={`Copy ${what}: ${text}`} onClick={() => void copyText(text)}>
      <span class="sr">Copy {what}: </span><span class="cut">{children}</span><Icon name="copy" />
    </button>
  );
}
export function CopyLink(): JSX.Element {
  return <button type="button" class="btn plain small" onClick={() => void copyText(location.href)}><Icon name="link" />Copy link</button>;
}
/** The same without the text, beside it: seen while the row is pointed at. */
export const CopyIcon = ({ text, what }: { text: string; what: string }): JSX.Element =>
  <button type="button" class="copy-icon" aria-label={`Copy ${what}`} title={`Copy ${what}`} onClick={() => void copyText(text)}><Icon name="copy" /></button>;
