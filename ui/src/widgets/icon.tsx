// Icons: 16 px grid, drawn in 2..14, stroke 1.5. Glyphs of a status differ by outline, not only by colour.

import type { JSX } from 'preact';
import { lookOf, wordOf, type Look } from '../model/status';

const SHAPES = {
  ok: '<path d="M3 8.5 6.5 12 13 4.5"/>',
  fail: '<circle cx="8" cy="8" r="6" fill="currentColor" stroke="none"/><path class="cut-out" d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4"/>',
  run: '<circle cx="8" cy="8" r="5.25" opacity=".35"/><path d="M8 2.75A5.25 5.25 0 0 1 13.25 8"/><circle cx="8" cy="8" r="1.75" fill="currentColor" stroke="none"/>',
  timeout: '<rect x="2.5" y="2.5" width="11" height="11" rx="3" fill="currentColor" stroke="none"/><path class="cut-out" d="M8 5v3.2l2 1.6"/>',
  abort: '<circle cx="8" cy="8" r="5.25"/><path d="m4.5 11.5 7-7"/>',
  warn: '<path d="M8 1.6 14.4 8 8 14.4 1.6 8z"/><path d="m5.6 8.1 1.7 1.7 3.1-3.4"/>',
  retry: '<path d="M12.8 6.2A5.2 5.2 0 1 0 13 9.2"/><path d="M13.2 2.8v3.6H9.6"/>',
  idle: '<circle cx="8" cy="8" r="5.25" stroke-dasharray="1.4 2.6"/>',
  search: '<circle cx="7" cy="7" r="4.25"/><path d="m10.2 10.2 3.3 3.3"/>',
  x: '<path d="m4 4 8 8m0-8-8 8"/>',
  plus: '<path d="M8 3v10M3 8h10"/>',
  minus: '<path d="M3 8h10"/>',
  down: '<path d="m4 6 4 4 4-4"/>',
  right: '<path d="m6 4 4 4-4 4"/>',
  copy: '<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M10.5 3.2A1 1 0 0 0 9.5 2.5H3.5a1 1 0 0 0-1 1v6a1 1 0 0 0 .7 1"/>',
  filter: '<path d="M2.5 4h11M4.5 8h7M6.5 12h3"/>',
  link: '<path d="M7 9a2.6 2.6 0 0 0 3.7 0l2-2A2.6 2.6 0 0 0 9 3.3l-.7.7M9 7a2.6 2.6 0 0 0-3.7 0l-2 2A2.6 2.6 0 0 0 7 12.7l.7-.7"/>',
  moon: '<path d="M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6Z"/>',
  sun: '<circle cx="8" cy="8" r="3"/><path d="M8 1.8v1.4M8 12.8v1.4M1.8 8h1.4M12.8 8h1.4M3.6 3.6l1 1M11.4 11.4l1 1M12.4 3.6l-1 1M4.6 11.4l-1 1"/>',
  help: '<path d="M6 6a2 2 0 1 1 2.9 1.8C8.2 8.2 8 8.6 8 9.3M8 12v.1"/>',
  info: '<circle cx="8" cy="8" r="5.5"/><path d="M8 7.2v3.6M8 5v.1"/>',
  alert: '<path d="M8 2.5 14 13H2z"/><path d="M8 6.5v3M8 11.2v.1"/>',
  table: '<rect x="2.5" y="3" width="11" height="10" rx="1"/><path d="M2.5 6.5h11M6.5 6.5V13"/>',
  fit: '<path d="M2.5 6V3.5a1 1 0 0 1 1-1H6m4 0h2.5a1 1 0 0 1 1 1V6m0 4v2.5a1 1 0 0 1-1 1H10m-4 0H3.5a1 1 0 0 1-1-1V10"/>',
  weft: '<path d="M3.5 2v12M8 2v12M12.5 2v12" opacity=".45"/><path d="M1.5 5.5h4.6M9.9 5.5h4.6M5.4 10.5h5.2" stroke-width="2"/>',
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name, class: more = '' }: { name: IconName; class?: string }): JSX.Element {
  return <svg class={`i ${more}`} viewBox="0 0 16 16" aria-hidden="true" dangerouslySetInnerHTML={{ __html: SHAPES[name] }} />;
}

/** A status as glyph and word. */
export function StatusMark({ status, word, look }: { status: string; word?: JSX.Element | string; look?: Look }): JSX.Element {
  const kind = look ?? lookOf(status);
  return <span class={`st ${kind}`}><Icon name={kind} /><span>{word ?? wordOf(status)}</span></span>;
}
/** The glyph alone; its word is in the title. */
export function StatusGlyph({ status, look, title }: { status: string; look?: Look; title?: string }): JSX.Element {
  const kind = look ?? lookOf(status);
  return <span class={`st ${kind}`} title={title ?? wordOf(status)}><Icon name={kind} /><span class="sr">{title ?? wordOf(status)}</span></span>;
}
