import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { FlatBox, FlatLine, Plane, Target } from '../../model/editor/geometry';
import { neighbour, targetAt } from '../../model/editor/geometry';
import { keyOf, nameOfState, type Raw } from '../../model/editor/machine';
import type { Path } from '../../model/editor/json_text';
import * as operations from '../../model/editor/operations';
import { DETAIL_CHAR, NAME_CHAR } from '../../model/editor/chart';
import { pathOf } from '../../model/layout';
import { announce } from '../../widgets/announce';
import { Icon } from '../../widgets/icon';
import { useDrag, type Drag } from './drag';
import { duplicate } from './inspector';
import { Menu, type MenuItem } from './menu';
import { Minimap } from './minimap';
import { inside, shapeOf, ShapeIcon } from './shapes';
import { useEditor, type Editor } from './store';

const MARGIN = 28;
const [ZOOM_LEAST, ZOOM_MOST] = [0.25, 2];
/** More ways than this show where something can be put in only while something is dragged. */
const QUIET_FROM = 150;

const shown = (name: string, most: number): string => (name.length > most ? `${name.slice(0, Math.max(4, most - 1))}…` : name);

export function Canvas({ editor, drag, onAdd, onOpen }: { editor: Editor; drag: Drag; onAdd: (slot?: Path) => void; onOpen: () => void }): JSX.Element {
  useEditor(editor);
  const stage = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const { plane, selection } = editor;
  const view = useView(stage, plane, zoom, setZoom);
  const bad = useMemo(() => worst(editor), [editor.findings]);
  const active = selection.at(-1) ?? plane.boxes.find(box => !box.node.mark)?.key;

  drag.find = (x, y, paths) => {
    const at = view.at(x, y);
    return at && targetAt(plane, at, paths);
  };
  drag.edge = view.edge;
  drag.drop = (held, target, copy) => {
    if (held.item) editor.insert(held.item.make(editor.language), target.slot);
    else if (copy) editor.insert(operations.copied(editor.machine, held.paths), target.slot);
    else moveTo(editor, target);
    focusState(stage.current);
  };
  // In the frame that shows it, when all else is drawn: one layout and one picture a step.
  useLayoutEffect(() => {
    const frame = requestAnimationFrame(() => {
      view.reveal(active);
      // The focus goes with the selection, while it is on the canvas.
      if (document.activeElement?.classList.contains('n')) focusNow(stage.current);
    });
    return () => cancelAnimationFrame(frame);
  }, [active, plane]);

  const pick = (box: FlatBox, event: MouseEvent | PointerEvent): void => {
    if (event.shiftKey || event.metaKey || event.ctrlKey) editor.select(selection.includes(box.key) ? selection.filter(key => key !== box.key) : [...selection, box.key]);
    else editor.select([box.key]);
  };
  const press = (event: PointerEvent): void => {
    const element = (event.target as Element).closest('[data-box],[data-slot]');
    const slot = element?.getAttribute('data-slot');
    if (slot) {
      const target = plane.targets.find(one => one.key === slot);
      if (target && event.button === 0) { event.preventDefault(); editor.choose(target.slot); onAdd(); }
      return;
    }
    const box = plane.boxes.find(one => one.key === element?.getAttribute('data-box'));
    if (!box) return view.pan(event, (left, top, right, bottom) => {
      const caught = plane.boxes.filter(one => !one.node.mark && one.x >= left && one.y >= top && one.x + one.w <= right && one.y + one.h <= bottom);
      editor.select(caught.map(one => one.key));
    }, () => editor.select([]));
    if (event.button !== 0) return;
    const selected = selection.includes(box.key);
    const plain = !event.shiftKey && !event.metaKey && !event.ctrlKey;
    if (!selected && plain) pick(box, event);
    const paths = plain && selected ? editor.selected : [box.node.path];
    drag.begin(event, { title: paths.length > 1 ? `${paths.length} states` : box.node.name, paths }, () => { if (selected || !plain) pick(box, event); });
  };
  const key = (event: KeyboardEvent): void => {
    const arrow = ({ ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' } as const)[event.key as 'ArrowUp'];
    if (arrow && event.altKey) { if (shift(editor, plane, arrow)) event.preventDefault(); return; }
    if (arrow) {
      const next = active && selection.length > 0 ? neighbour(plane, active, arrow) : plane.boxes.find(box => !box.node.mark);
      if (next) editor.select(event.shiftKey ? [...selection.filter(one => one !== next.key), next.key] : [next.key]);
    } else if ((event.key === 'Enter' && !event.ctrlKey && !event.metaKey) || event.key === 'F2') onOpen();
    else if (event.key === ' ' && active) editor.select([active]);
    else if (event.key === '+' || event.key === '=') setZoom(Math.min(ZOOM_MOST, zoom * 1.25));
    else if (event.key === '-') setZoom(Math.max(ZOOM_LEAST, zoom / 1.25));
    else if (event.key === '0') setZoom(view.fitting());
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const [menu, setMenu] = useState<{ x: number; y: number } | undefined>();
  const ask = (event: MouseEvent): void => {
    const element = (event.target as Element).closest('[data-box]');
    const key = element?.getAttribute('data-box');
    if (!element || !key) return;
    event.preventDefault();
    if (!selection.includes(key)) editor.select([key]);
    // From the keyboard it is asked for at the state.
    const at = event.button === 2 ? { x: event.clientX, y: event.clientY } : { x: element.getBoundingClientRect().left + 20, y: element.getBoundingClientRect().top + 36 };
    setMenu(at);
  };

  const below = useMemo(() => (
    <>
      <g aria-hidden="true">{plane.boxes.filter(box => box.container).map(box => <Backdrop key={box.key} box={box} />)}{plane.lines.map((line, i) => <Line key={i} line={line} />)}</g>
      {plane.boxes.filter(box => box.node.mark).map(box => <Mark key={box.key} box={box} />)}
    </>
  ), [plane]);
  const labels = useMemo(() => <g aria-hidden="true">{plane.lines.map((line, i) => (line.label ? <Label key={i} line={line} /> : null))}</g>, [plane]);
  const nodes = useNodes(editor, plane, bad, active);
  const [w, h] = [plane.w + 2 * MARGIN, plane.h + 2 * MARGIN];
  return (
    <section class="panel work" aria-label="Workflow">
      <div class="stage" ref={stage} onPointerDown={press} onKeyDown={key} onContextMenu={ask} onDblClick={event => { if ((event.target as Element).closest('[data-box]')) onOpen(); }}>
        <svg class="flow" role="group" aria-label="Workflow" width={w * zoom} height={h * zoom} viewBox={`${-MARGIN} ${-MARGIN} ${w} ${h}`}>
          <Arrows />
          {below}
          {nodes}
          {labels}
          <Places editor={editor} drag={drag} plane={plane} />
        </svg>
        <div class="marquee" ref={view.marquee} hidden />
      </div>
      <Tools editor={editor} drag={drag} zoom={zoom} setZoom={setZoom} fit={() => setZoom(view.fitting())} />
      <Minimap stage={stage} plane={plane} zoom={zoom} selection={selection} margin={MARGIN} />
      <Ghost drag={drag} />
      {menu ? <Menu {...menu} items={itemsFor(editor, plane, { onAdd, onOpen })} onClose={() => { setMenu(undefined); focusNow(stage.current); }} /> : null}
    </section>
  );
}

function itemsFor(editor: Editor, plane: Plane, { onAdd, onOpen }: { onAdd: (slot?: Path) => void; onOpen: () => void }): MenuItem[] {
  const one = editor.selection.length === 1;
  const [ahead, inside] = [editor.ahead(), editor.inside()];
  // By the page's own copying, which listens to the event.
  const clip = (what: 'copy' | 'cut') => (): void => { requestAnimationFrame(() => document.execCommand(what)); };
  return [
    { title: 'Settings', keys: 'Enter', off: !one, run: onOpen },
    { title: 'Add behind…', keys: 'a', off: !one, run: () => onAdd(editor.place()) },
    { title: 'Add before…', keys: 'b', off: !one || !ahead, run: () => onAdd(ahead) },
    { title: 'Add inside…', keys: 'i', off: !one || !inside, run: () => onAdd(inside) },
    { title: 'Move up', keys: 'Alt ↑', off: !one, run: () => void shift(editor, plane, 'up') },
    { title: 'Move down', keys: 'Alt ↓', off: !one, run: () => void shift(editor, plane, 'down') },
    { title: 'Duplicate', keys: 'Ctrl D', run: () => duplicate(editor) },
    { title: 'Copy', keys: 'Ctrl C', run: clip('copy') },
    { title: 'Cut', keys: 'Ctrl X', run: clip('cut') },
    { title: 'Delete', keys: 'Del', run: () => editor.remove() },
  ];
}

interface Made { box: FlatBox; selected: boolean; active: boolean; bad: 'ERROR' | 'WARNING' | undefined; type: string; drawn: JSX.Element }

/** The states. One that looks as before is not drawn again: most of a thousand do. */
function useNodes(editor: Editor, plane: Plane, bad: ReadonlyMap<string, 'ERROR' | 'WARNING'>, active: string | undefined): JSX.Element | null {
  const kept = useRef(new Map<string, Made>());
  const { selection } = editor;
  return useMemo(() => {
    const chosen = new Set(selection);
    const made = new Map<string, Made>();
    for (const box of plane.boxes) {
      if (box.node.mark) continue;
      const state = editor.stateAt(box.node.path) ?? {};
      const now = { selected: chosen.has(box.key), active: box.key === active, bad: bad.get(box.key), type: shapeOf(state) };
      const old = kept.current.get(box.key);
      const same = old && old.selected === now.selected && old.active === now.active && old.bad === now.bad && old.type === now.type && looksSame(old.box, box);
      made.set(box.key, { ...now, box, drawn: same ? old.drawn : <Node key={box.key} box={box} state={state} selected={now.selected} active={now.active} bad={now.bad} /> });
    }
    kept.current = made;
    if (made.size === 0) return null;
    return <g role="listbox" aria-label="States" aria-multiselectable="true" aria-orientation="vertical">{[...made.values()].map(one => one.drawn)}</g>;
  }, [plane, selection, bad, active]);
}
const looksSame = (a: FlatBox, b: FlatBox): boolean => a === b || (a.x === b.x && a.y === b.y && a.w === b.w && a.h === b.h && a.container === b.container && a.node.name === b.node.name && a.node.detail === b.node.detail && a.node.retries === b.node.retries);

const focusNow = (root: Element | null): void => (root?.querySelector('.n[tabindex="0"]') as HTMLElement | null)?.focus({ preventScroll: true });
export function focusState(root: Element | null): void {
  // After the change is drawn.
  requestAnimationFrame(() => focusNow(root));
}

function worst(editor: Editor): Map<string, 'ERROR' | 'WARNING'> {
  const bad = new Map<string, 'ERROR' | 'WARNING'>();
  for (const finding of editor.findings) if (finding.state && bad.get(finding.state) !== 'ERROR') bad.set(finding.state, finding.severity);
  return bad;
}

function moveTo(editor: Editor, target: Target): void {
  const why = operations.whyNotMoved(editor.machine, editor.selected, target.slot);
  if (why) return announce(why);
  editor.edit(text => operations.move(text, editor.selected, target.slot));
}

/** Moves what is selected one place on along its way, or back. */
function shift(editor: Editor, plane: Plane, direction: 'up' | 'down' | 'left' | 'right'): boolean {
  const path = editor.selected[0];
  if (!path || editor.selected.length > 1 || direction === 'left' || direction === 'right') return false;
  const [name, scope] = [nameOfState(path), keyOf(path.slice(0, -2))];
  const own = plane.lines.filter(line => keyOf(line.way.slot.slice(0, path.length - 2)) === scope);
  const next = own.find(line => line.way.from === name && (line.way.kind === 'next' || line.way.kind === 'default'));
  const ahead = own.find(line => line.way.to === name);
  const beyond = direction === 'down' ? own.find(line => next && line.way.from === next.way.to && (line.way.kind === 'next' || line.way.kind === 'default')) : own.find(line => ahead && line.way.to === ahead.way.from);
  const target = beyond && plane.targets.find(one => one.key === keyOf(beyond.way.slot));
  if (!target) return true;
  moveTo(editor, target);
  return true;
}

interface View {
  at: (x: number, y: number) => { x: number; y: number } | undefined;
  edge: (x: number, y: number) => void;
  reveal: (key: string | undefined) => void;
  fitting: () => number;
  pan: (event: PointerEvent, caught: (left: number, top: number, right: number, bottom: number) => void, click: () => void) => void;
  marquee: { current: HTMLDivElement | null };
}

/** The part of the drawing that is seen, and places of the screen in it. */
function useView(stage: { current: HTMLDivElement | null }, plane: Plane, zoom: number, setZoom: (zoom: number) => void): View {
  const marquee = useRef<HTMLDivElement>(null);
  const hold = useRef<{ x: number; y: number; screenX: number; screenY: number } | undefined>(undefined);
  const at = (x: number, y: number, loose = false): { x: number; y: number } | undefined => {
    const box = stage.current?.getBoundingClientRect();
    const svg = stage.current?.querySelector('svg')?.getBoundingClientRect();
    if (!box || !svg || (!loose && (x < box.left || x > box.right || y < box.top || y > box.bottom))) return undefined;
    return { x: (x - svg.left) / zoom - MARGIN, y: (y - svg.top) / zoom - MARGIN };
  };
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const place = at(event.clientX, event.clientY);
      if (place) hold.current = { ...place, screenX: event.clientX, screenY: event.clientY };
      setZoom(Math.max(ZOOM_LEAST, Math.min(ZOOM_MOST, zoom * Math.exp(-event.deltaY / 300))));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => element.removeEventListener('wheel', wheel);
  });
  // What was below the pointer stays there.
  useLayoutEffect(() => {
    const held = hold.current;
    const element = stage.current;
    const svg = element?.querySelector('svg')?.getBoundingClientRect();
    hold.current = undefined;
    if (!held || !element || !svg) return;
    element.scrollLeft += svg.left + (held.x + MARGIN) * zoom - held.screenX;
    element.scrollTop += svg.top + (held.y + MARGIN) * zoom - held.screenY;
  }, [zoom]);
  const first = useRef(true);
  useLayoutEffect(() => {
    const element = stage.current;
    if (!element || !first.current || plane.boxes.length === 0) return;
    first.current = false;
    element.scrollLeft = (element.scrollWidth - element.clientWidth) / 2;
  }, [plane]);
  return {
    at, marquee,
    edge: (x, y) => {
      const element = stage.current;
      const box = element?.getBoundingClientRect();
      if (!element || !box || x < box.left || x > box.right) return;
      if (y < box.top + 24) element.scrollTop -= 16;
      if (y > box.bottom - 24) element.scrollTop += 16;
      if (x < box.left + 24) element.scrollLeft -= 16;
      if (x > box.right - 24) element.scrollLeft += 16;
    },
    reveal: key => {
      const box = plane.boxes.find(one => one.key === key);
      const element = stage.current;
      const svg = element?.querySelector('svg');
      if (!box || !element || !svg) return;
      const [x, y] = [svg.getBoundingClientRect().left - element.getBoundingClientRect().left + element.scrollLeft + (box.x + MARGIN) * zoom, (box.y + MARGIN) * zoom];
      const [w, h] = [box.w * zoom, box.head * zoom];
      if (y < element.scrollTop || y + h > element.scrollTop + element.clientHeight) element.scrollTop = y - element.clientHeight / 2 + h / 2;
      if (x + w < element.scrollLeft + 40 || x > element.scrollLeft + element.clientWidth - 40) element.scrollLeft = x - element.clientWidth / 2 + w / 2;
    },
    fitting: () => {
      const element = stage.current;
      if (!element) return 1;
      return Math.max(ZOOM_LEAST, Math.min(1, element.clientWidth / (plane.w + 2 * MARGIN + 8), element.clientHeight / (plane.h + 2 * MARGIN + 8)));
    },
    pan: (event, caught, click) => {
      const element = stage.current;
      const rubber = marquee.current;
      if (!element || !rubber || event.button > 1) return;
      const from = { x: event.clientX, y: event.clientY, left: element.scrollLeft, top: element.scrollTop };
      const picking = event.shiftKey;
      let moved = false;
      const move = (now: PointerEvent): void => {
        moved ||= Math.hypot(now.clientX - from.x, now.clientY - from.y) > 4;
        if (!moved) return;
        if (!picking) {
          element.scrollLeft = from.left - (now.clientX - from.x);
          element.scrollTop = from.top - (now.clientY - from.y);
          return;
        }
        const box = element.getBoundingClientRect();
        rubber.hidden = false;
        Object.assign(rubber.style, {
          left: `${Math.min(now.clientX, from.x) - box.left + element.scrollLeft}px`, top: `${Math.min(now.clientY, from.y) - box.top + element.scrollTop}px`,
          width: `${Math.abs(now.clientX - from.x)}px`, height: `${Math.abs(now.clientY - from.y)}px`,
        });
      };
      const up = (now: PointerEvent): void => {
        window.removeEventListener('pointermove', move);
        window.removeEventListener('pointerup', up);
        rubber.hidden = true;
        const [a, b] = [at(from.x, from.y, true), at(now.clientX, now.clientY, true)];
        if (!moved) click();
        else if (picking && a && b) caught(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x), Math.max(a.y, b.y));
      };
      window.addEventListener('pointermove', move);
      window.addEventListener('pointerup', up);
    },
  };
}

const ARROWS = [['ea', 'text-3'], ['eaw', 'warn']] as const;
const Arrows = (): JSX.Element => <defs>{ARROWS.map(([id, token]) => <marker key={id} id={id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M1 1 7 4 1 7z" style={{ fill: `var(--${token})` }} /></marker>)}</defs>;

function Line({ line }: { line: FlatLine }): JSX.Element {
  const caught = line.way.kind === 'catch';
  return <path class={`e ${caught ? 'c' : ''} ${line.way.to.startsWith('\u0000open') ? 'open' : ''}`} d={pathOf(line.points)} marker-end={`url(#${caught ? 'eaw' : 'ea'})`} />;
}

function Label({ line }: { line: FlatLine }): JSX.Element | null {
  if (!line.label) return null;
  const words = line.way.kind === 'catch' ? (line.way.label === 'States.ALL' ? 'catch all' : `catch ${line.way.label}`) : line.way.label;
  const text = shown(words, line.way.kind === 'catch' ? 16 : 22);
  const width = text.length * 5.7 + 6;
  return (
    <g>
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
      <text x={x} y={y + 4}>{box.node.mark === 'empty' ? 'Drop a state here' : 'Leads nowhere yet'}</text>
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

function Node({ box, state, selected, active, bad }: { box: FlatBox; state: Raw; selected: boolean; active: boolean; bad: 'ERROR' | 'WARNING' | undefined }): JSX.Element {
  const { x, y, w, h, head, container, node } = box;
  const room = w - 42 - (bad ? 18 : 0) - (node.retries ? 16 : 0);
  return (
    <g class={`n ${selected ? 'sel' : ''} ${bad === 'ERROR' ? 'faulty' : ''} ${container ? 'scope' : ''}`} role="option" aria-selected={selected} aria-description={bad ? `has ${bad === 'ERROR' ? 'errors' : 'warnings'}` : undefined} tabindex={active ? 0 : -1} data-box={box.key} data-name={node.name}>
      <title>{`${node.name} · ${node.detail}`}</title>
      {container ? <rect class="hit" x={x} y={y} width={w} height={head} /> : null}
      <rect class="b" x={x + 0.5} y={y + 0.5} width={w - 1} height={h - 1} rx={container ? 6 : 4} />
      <svg class="i" x={x + 10} y={y + head / 2 - 8} width="16" height="16" viewBox="0 0 16 16" dangerouslySetInnerHTML={inside(shapeOf(state))} />
      <text class="nm" x={x + 34} y={y + head / 2 - 3}>{shown(node.name, Math.floor(room / NAME_CHAR))}</text>
      <text class="d" x={x + 34} y={y + head / 2 + 13}>{shown(node.detail, Math.floor((w - 44) / DETAIL_CHAR))}</text>
      {node.retries ? <svg class="i warn" x={x + w - 24 - (bad ? 18 : 0)} y={y + 7} width="14" height="14" viewBox="0 0 16 16"><Icon name="retry" /></svg> : null}
      {bad ? <svg class={`i ${bad === 'ERROR' ? 'fail' : 'warn'}`} x={x + w - 23} y={y + 7} width="15" height="15" viewBox="0 0 16 16"><Icon name={bad === 'ERROR' ? 'fail' : 'alert'} /></svg> : null}
    </g>
  );
}

/** Where something can be put in, and where what is dragged would go. */
function Places({ editor, drag, plane }: { editor: Editor; drag: Drag; plane: Plane }): JSX.Element {
  const now = useDrag(drag);
  const quiet = plane.targets.length > QUIET_FROM && !now;
  const chosen = now ? now.target?.key : editor.slot && keyOf(editor.slot);
  const over = plane.targets.find(target => target.key === chosen);
  return (
    <g aria-hidden="true">
      {plane.targets.map(target => (target.box || target.key === chosen ? null : (
        <g key={target.key} class={`drop ${quiet ? 'quiet' : ''}`} data-slot={target.key}>
          <circle class="reach" cx={target.x} cy={target.y} r="12" /><circle cx={target.x} cy={target.y} r="7" /><path d={`M${target.x - 3.5} ${target.y}h7m-3.5-3.5v7`} />
        </g>
      )))}
      {over ? (
        <g class="drop on" transform={`translate(${over.x} ${over.y})`}>
          <rect x="-109.5" y="-16.5" width="219" height="33" rx="4" />
          <text y="4">{now ? shown(`${now.held.title} goes here`, 34) : 'Choose what goes here'}</text>
        </g>
      ) : null}
    </g>
  );
}

function Ghost({ drag }: { drag: Drag }): JSX.Element | null {
  const now = useDrag(drag);
  if (!now) return null;
  return (
    <div class={`ghost ${now.target ? '' : 'nowhere'}`} style={{ left: `${now.x + 10}px`, top: `${now.y + 8}px` }}>
      {now.held.item ? <ShapeIcon name={now.held.item.shape} /> : <ShapeIcon name="grip" />}<b>{now.held.title}</b>{now.copy && !now.held.item ? <span class="t2">copy</span> : null}
    </div>
  );
}

function Tools({ editor, drag, zoom, setZoom, fit }: { editor: Editor; drag: Drag; zoom: number; setZoom: (zoom: number) => void; fit: () => void }): JSX.Element {
  const now = useDrag(drag);
  return (
    <>
      <div class="undo">
        {now ? <>Dragging {now.held.title} <kbd>Esc</kbd></> : (
          <>
            <span class="bar-buttons"><button type="button" class="btn plain small icon" aria-label="Undo" title="Undo, Ctrl Z" disabled={!editor.canUndo} onClick={() => editor.undo()}><ShapeIcon name="undo" /></button>
              <button type="button" class="btn plain small icon" aria-label="Redo" title="Redo, Ctrl Shift Z" disabled={!editor.canRedo} onClick={() => editor.redo()}><ShapeIcon name="redo" /></button></span>
            {editor.selection.length > 1 ? <span>{editor.selection.length} states selected</span> : null}
          </>
        )}
      </div>
      <div class="zoom">
        <button type="button" class="btn plain small icon" aria-label="Zoom out" disabled={zoom <= ZOOM_LEAST} onClick={() => setZoom(Math.max(ZOOM_LEAST, zoom / 1.25))}><Icon name="minus" /></button>
        <button type="button" class="btn plain small icon" aria-label="Zoom in" disabled={zoom >= ZOOM_MOST} onClick={() => setZoom(Math.min(ZOOM_MOST, zoom * 1.25))}><Icon name="plus" /></button>
        <button type="button" class="btn plain small icon" aria-label="Fit" onClick={fit}><Icon name="fit" /></button>
      </div>
    </>
  );
}
