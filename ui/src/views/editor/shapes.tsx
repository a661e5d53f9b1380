// Icons of states, in the grid of widgets/icon.

import type { JSX } from 'preact';
import type { Shape } from '../../model/editor/catalogue';

const SHAPES: Record<Shape | 'trash' | 'undo' | 'redo' | 'up' | 'grip', string> = {
  fn: '<path d="M4 3h2l5.5 10H13.5M7.2 7.6 4.2 13"/>',
  dmap: '<rect x="2" y="2" width="5" height="5" rx="1"/><path d="M10.5 3v.1M13.5 3v.1M10.5 6v.1M13.5 6v.1M3 10.5v.1M6 10.5v.1M3 13.5v.1M6 13.5v.1M10.5 10.5v.1M13.5 10.5v.1M10.5 13.5v.1M13.5 13.5v.1" stroke-width="2"/>',
  map: '<rect x="2.5" y="2.5" width="8" height="8" rx="1"/><path d="M12.9 5.5v6.4a1 1 0 0 1-1 1H5.5"/>',
  choice: '<path d="M8 2.5 13.5 8 8 13.5 2.5 8z"/>',
  par: '<path d="M4 3v10M8 3v10M12 3v10"/>',
  wait: '<circle cx="8" cy="8" r="5.5"/><path d="M8 5v3l2 1.5"/>',
  pass: '<path d="M2.5 8h11M10 4.5 13.5 8 10 11.5"/>',
  queue: '<path d="M3 4h10M3 8h10M3 12h6"/>',
  succeed: '<circle cx="8" cy="8" r="5.5"/><path d="m5.5 8.3 1.8 1.8 3.4-3.8"/>',
  stop: '<circle cx="8" cy="8" r="5.5"/><path d="m6 6 4 4m0-4-4 4"/>',
  http: '<circle cx="8" cy="8" r="5.5"/><path d="M2.5 8h11M8 2.5c2 2.2 2 8.8 0 11-2-2.2-2-8.8 0-11Z"/>',
  flow: '<rect x="2.5" y="2.5" width="4" height="4" rx="1"/><rect x="9.5" y="9.5" width="4" height="4" rx="1"/><path d="M4.5 6.5v3a2 2 0 0 0 2 2h3"/>',
  person: '<circle cx="8" cy="5" r="2.5"/><path d="M3 13.5c.4-3 2.3-4.5 5-4.5s4.6 1.5 5 4.5"/>',
  code: '<path d="m5.5 4.5-3 3.5 3 3.5m5-7 3 3.5-3 3.5"/>',
  trash: '<path d="M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9"/>',
  undo: '<path d="M5.5 3 2.5 6l3 3"/><path d="M2.5 6h7a3.5 3.5 0 0 1 0 7H6"/>',
  redo: '<path d="m10.5 3 3 3-3 3"/><path d="M13.5 6h-7a3.5 3.5 0 0 0 0 7H10"/>',
  up: '<path d="m4 10 4-4 4 4"/>',
  grip: '<path d="M6 4v.1M6 8v.1M6 12v.1M10 4v.1M10 8v.1M10 12v.1" stroke-width="2"/>',
};
export type ShapeName = keyof typeof SHAPES;

export const inside = (name: ShapeName): { __html: string } => ({ __html: SHAPES[name] });
export function ShapeIcon({ name, class: more = '' }: { name: ShapeName; class?: string }): JSX.Element {
  return <svg class={`i ${more}`} viewBox="0 0 16 16" aria-hidden="true" dangerouslySetInnerHTML={inside(name)} />;
}
