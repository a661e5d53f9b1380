// The workflow as it is drawn: of a long one only what is seen and what is next to that, so that a step costs what one looks at.

import type { JSX } from 'preact';
import { render } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { DETAIL_CHAR, NAME_CHAR } from '../../model/editor/chart';
import type { Bounds, FlatBox, FlatLine, Plane, Target } from '../../model/editor/geometry';
import { drawnOf } from '../../model/editor/seen';
import { pathOf } from '../../model/layout';
import { Icon } from '../../widgets/icon';
import { useDrag, type Drag } from './drag';
import { inside } from './shapes';
import type { Editor } from './store';
import { keyOf } from '../../model/editor/machine';

export const MARGIN = 28;
/** More ways than this show where something can be put in only while something is dragged. */
const QUIET_FROM = 150;

export const shown = (name: string, most: number): string => (name.length > most ? `${name.slice(0, Math.max(4, most - 1))}…` : name);

type Badness = 'ERROR' | 'WARNING';
export function worst(editor: Editor): Map<string, Badness> {
  const bad = new Map<string, Badness>();
  for (const finding of editor.findings) if (finding.state && bad.get(finding.state) !== 'ERROR') bad.set(finding.state, finding.severity);
  return bad;
}

/** `seen`: the part to be drawn, everything without it; of a `whole` one only the lines are left out beside it. The state `active` is there in any
 * case: it takes the focus. */
interface Drawn { plane: Plane; seen?: Bounds | undefined; whole?: boolean; selection: readonly string[]; active: string | undefined; bad: ReadonlyMap<string, Badness> }

export function Drawing({ plane, seen, whole, selection, active, bad }: Drawn): JSX.Element {
  const part = useMemo(() => drawnOf(plane, seen, whole), [plane, seen, whole]);
  const [keptLines, keptLabels] = [useKept<FlatLine>(), useKept<FlatLine>()];
  const below = useMemo(() => (
    <>
      <g aria-hidden="true">{part.boxes.filter(box => box.container).map(box => <Backdrop key={box.key} box={box} />)}{keptLines(part.lines, line => line.way.key, (line, key) => <Line key={key} line={line} />)}</g>
      {part.boxes.filter(box => box.node.mark).map(box => <Mark key={box.key} box={box} />)}
    </>
  ), [part]);
  const labels = useMemo(() => <g aria-hidden="true">{keptLabels(part.lines.filter(line => line.label), line => line.way.key, (line, key) => <Label key={key} line={line} />)}</g>, [part]);
  const nodes = useNodes({ plane, selection, active, bad }, part.boxes);
  return <><Arrows />{below}{nodes}{labels}</>;
}

interface Made { box: FlatBox; place: number; selected: boolean; active: boolean; bad: Badness | undefined; body: JSX.Element; drawn: JSX.Element }

/** The states. One that looks as before is not drawn again, and of one that moved only where it stands. */
function useNodes({ plane, selection, active, bad }: Drawn, boxes: readonly FlatBox[]): JSX.Element | null {
  const kept = useRef(new Map<string, Made>());
  const places = useMemo(() => new Map(plane.boxes.filter(box => !box.node.mark).map((box, i) => [box.key, i])), [plane]);
  return useMemo(() => {
    const chosen = new Set(selection);
    const made = new Map<string, Made>();
    const first = boxes.some(box => box.key === active) ? undefined : plane.boxes.find(box => box.key === active);
    for (const box of first ? [...boxes, first] : boxes) {
      if (box.node.mark) continue;
      const now = { box, place: places.get(box.key) ?? 0, selected: chosen.has(box.key), active: box.key === active, bad: bad.get(box.key) };
      const old = kept.current.get(box.key);
      const body = old && old.bad === now.bad && looksSame(old.box, box) ? old.body : <NodeBody box={box} bad={now.bad} />;
      const same = old && body === old.body && old.selected === now.selected && old.active === now.active && old.box.x === box.x && old.box.y === box.y && old.place === now.place;
      made.set(box.key, { ...now, body, drawn: same ? old.drawn : <Node key={box.key} {...now} of={places.size}>{body}</Node> });
    }
    kept.current = made;
    if (made.size === 0) return null;
    return <g role="listbox" aria-label="States" aria-multiselectable="true" aria-orientation="vertical">{[...made.values()].sort((a, b) => a.place - b.place).map(one => one.drawn)}</g>;
  }, [boxes, selection, bad, active]);
}
const looksSame = (a: FlatBox, b: FlatBox): boolean => a.w === b.w && a.h === b.h && a.head === b.head && a.container === b.container && a.node.name === b.node.name && a.node.detail === b.node.detail && a.node.retries === b.node.retries && a.node.shape === b.node.shape;

/** Drawings by key, each kept while what it is drawn of is the same. */
function useKept<T>(): (all: readonly T[], keyOf: (one: T) => string, draw: (one: T, key: string) => JSX.Element) => JSX.Element[] {
  const kept = useRef(new Map<string, { of: string; drawn: JSX.Element }>());
  return (all, key, draw) => {
    const made = new Map<string, { of: string; drawn: JSX.Element }>();
    for (const one of all) {
      const [name, of] = [key(one), JSON.stringify(one)];
      const old = kept.current.get(name);
      made.set(name, old?.of === of ? old : { of, drawn: draw(one, name) });
    }
    kept.current = made;
    return [...made.values()].map(one => one.drawn);
  };
}

const ARROWS = [['ea', 'text-3'], ['eaw', 'warn']] as const;
const Arrows = (): JSX.Element => <defs>{ARROWS.map(([id, token]) => <marker key={id} id={id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M1 1 7 4 1 7z" style={{ fill: `var(--${token})` }} /></marker>)}</defs>;

function Line({ line }: { line: FlatLine }): JSX.Element {
  const caught = line.way.kind === 'catch';
  return <path class={`e ${caught ? 'c' : ''} ${line.way.to.startsWith('\u0000open') ? 'open' : ''}`} d={pathOf(line.points)} marker-end={line.goesOn ? undefined : `url(#${caught ? 'eaw' : 'ea'})`} />;
}

function Label({ line }: { line: FlatLine }): JSX.Element | null {
  if (!line.label) return null;
  const words = line.way.kind === 'catch' ? (line.way.label === 'States.ALL' ? 'catch all' : `catch ${line.way.label}`) : line.way.label;
  const text = shown(words, line.way.kind === 'catch' ? 16 : 22);
  const width = text.length * 5.7 + 6;
  return (
    <g class={line.way.to.startsWith('\u0000open') ? 'open' : ''}>
      <title>{words}</title>
      <rect class={`lab-bg ${line.inside ? 'in' : ''}`} x={line.label.x - width / 2} y={line.label.y - 8} width={width} height={15} />
      <text class={`lab ${line.way.kind === 'catch' ? 'w' : ''}`} x={line.label.x} y={line.label.y + 3.5} text-anchor="middle">{text}</text>
    </g>
  );
}

function Mark({ box }: { box: FlatBox }): JSX.Element {
  const [x, y] = [box.x + box.w / 2, box.y + box.h / 2];
  if (box.node.mark === 'start') return <circle class="at-start" cx={x} cy={y} r="4" />;
  if (box.node.mark === 'end') return <g class="at-end"><circle cx={x} cy={y} r="4.5" /><circle class="dot" cx={x} cy={y} r="1.5" /></g>;
  return (
    <g class="hole" data-slot={keyOf(box.node.slot ?? [])}>
      <rect x={box.x + 0.5} y={box.y + 0.5} width={box.w - 1} height={box.h - 1} rx="4" />
      <text x={x} y={y + 4}>{box.node.mark === 'empty' ? 'Drop a state here' : box.node.slot?.at(-1) === 'Default' && !box.node.detail ? 'Fails: no rule matches' : box.node.detail ? `No state “${shown(box.node.detail, 15)}”` : 'Leads nowhere yet'}</text>
    </g>
  );
}

/** Behind what is in a state that holds others, and behind the lines there. */
function Backdrop({ box: { x, y, w, h, head } }: { box: FlatBox }): JSX.Element {
  return (
    <g class="backdrop" transform={`translate(${x} ${y})`}>
      <rect x="0.5" y="0.5" width={w - 1} height={h - 1} rx="6" />
      <path class="inner" d={`M1 ${head}H${w - 1}V${h - 6}a5 5 0 0 1-5 5H6a5 5 0 0 1-5-5Z`} />
      <path class="rule" d={`M1 ${head - 0.5}H${w - 1}`} />
    </g>
  );
}

function Node({ box: { key, x, y, container, node }, place, of, selected, active, bad, children }: Omit<Made, 'body' | 'drawn'> & { of: number; children: JSX.Element }): JSX.Element {
  return <g class={`n ${selected ? 'sel' : ''} ${bad === 'ERROR' ? 'faulty' : ''} ${container ? 'scope' : ''}`} transform={`translate(${x} ${y})`} role="option" aria-selected={selected} aria-posinset={place + 1} aria-setsize={of} aria-description={bad ? `has ${bad === 'ERROR' ? 'errors' : 'warnings'}` : undefined} tabindex={active ? 0 : -1} data-box={key} data-name={node.name}>{children}</g>;
}

function NodeBody({ box: { w, h, head, container, node }, bad }: Pick<Made, 'box' | 'bad'>): JSX.Element {
  const room = w - 42 - (bad ? 18 : 0) - (node.retries ? 16 : 0);
  return (
    <>
      <title>{`${node.name} · ${node.detail}`}</title>
      {container ? <rect class="hit" width={w} height={head} /> : null}
      <rect class="b" x="0.5" y="0.5" width={w - 1} height={h - 1} rx={container ? 6 : 4} />
      <svg class="i" x="10" y={head / 2 - 8} width="16" height="16" viewBox="0 0 16 16" dangerouslySetInnerHTML={inside(node.shape)} />
      <text class="nm" x="34" y={head / 2 - 3}>{shown(node.name, Math.floor(room / NAME_CHAR))}</text>
      <text class="d" x="34" y={head / 2 + 13}>{shown(node.detail, Math.floor((w - 44) / DETAIL_CHAR))}</text>
      {node.retries ? <svg class="i" x={w - 24 - (bad ? 18 : 0)} y="7" width="14" height="14" viewBox="0 0 16 16"><Icon name="retry" /></svg> : null}
      {bad ? <svg class={`i ${bad === 'ERROR' ? 'fail' : 'warn'}`} x={w - 23} y="7" width="15" height="15" viewBox="0 0 16 16"><Icon name={bad === 'ERROR' ? 'fail' : 'alert'} class={bad === 'ERROR' ? 'fail' : 'warn'} /></svg> : null}
    </>
  );
}

/** Where something can be put in, and where what is dragged would go. */
export function Places({ editor, drag, plane, seen }: { editor: Editor; drag: Drag; plane: Plane; seen: Bounds | undefined }): JSX.Element {
  const now = useDrag(drag);
  const quiet = plane.targets.length > QUIET_FROM && !now;
  const chosen = now ? now.target?.key : editor.slot && keyOf(editor.slot);
  const over = plane.targets.find(target => target.key === chosen);
  const kept = useKept<Spot>();
  // While something is dragged only what changes for the eye is drawn again.
  const spots = useMemo(() => kept(plane.targets.filter(target => !target.box && target.key !== chosen && (!seen || (target.x > seen.left && target.x < seen.right && target.y > seen.top && target.y < seen.bottom))).map(({ key, x, y }): Spot => ({ key, x, y })), spot => spot.key, (spot, key) => <Place key={key} spot={spot} />), [plane, chosen, seen]);
  return (
    <g class={quiet ? 'quiet' : ''} aria-hidden="true">
      {spots}
      {over ? (
        <g class="drop on" transform={`translate(${over.x} ${over.y})`}>
          <rect x="-109.5" y="-16.5" width="219" height="33" rx="4" />
          <text y="4">{now ? shown(`${now.held.title} goes here`, 34) : 'Choose what goes here'}</text>
        </g>
      ) : null}
    </g>
  );
}

type Spot = Pick<Target, 'key' | 'x' | 'y'>;
const Place = ({ spot: { key, x, y } }: { spot: Spot }): JSX.Element => <g class="drop" data-slot={key} transform={`translate(${x} ${y})`}><circle class="reach" r="12" /><circle r="7" /><path d="M-3.5 0h7m-3.5-3.5v7" /></g>;

/** All of it, drawn aside while `use` takes a picture. It stands where the style sheets find it. */
export async function withWhole(editor: Editor, stage: Element, use: (svg: SVGSVGElement) => void | Promise<void>): Promise<void> {
  const aside = document.createElement('div');
  aside.hidden = true;
  stage.append(aside);
  const { plane } = editor;
  const [w, h] = [plane.w + 2 * MARGIN, plane.h + 2 * MARGIN];
  try {
    render(<svg class="flow" viewBox={`${-MARGIN} ${-MARGIN} ${w} ${h}`}><Drawing plane={plane} selection={[]} active={undefined} bad={worst(editor)} /></svg>, aside);
    await use(aside.firstElementChild as SVGSVGElement);
  } finally {
    render(null, aside);
    aside.remove();
  }
}
