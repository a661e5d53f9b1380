import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Bounds, FlatBox, Plane, Target } from '../../model/editor/geometry';
import { neighbour, targetAt } from '../../model/editor/geometry';
import { keyOf, nameOfState } from '../../model/editor/machine';
import type { Path } from '../../model/editor/json_text';
import * as operations from '../../model/editor/operations';
import { partAround } from '../../model/editor/seen';
import { announce } from '../../widgets/announce';
import { Icon } from '../../widgets/icon';
import { useDrag, type Drag } from './drag';
import { Drawing, MARGIN, Places, worst } from './drawing';
import { duplicate } from './inspector';
import { pasteNow } from './clipboard';
import { Menu, type MenuItem } from './menu';
import { Minimap } from './minimap';
import { drawNow } from './now';
import { ShapeIcon } from './shapes';
import { useEditor, type Editor } from './store';

const [ZOOM_LEAST, ZOOM_MOST] = [0.25, 2];
/** Of so many boxes all are drawn, of more those that are seen. */
const DRAWN_WHOLE = 150;
/** What is drawn before it is known what is seen. */
const AT_FIRST: Bounds = { left: -MARGIN, top: -MARGIN, right: 2_000, bottom: 1_400 };

export function Canvas({ editor, drag, onAdd, onOpen }: { editor: Editor; drag: Drag; onAdd: (slot?: Path) => void; onOpen: () => void }): JSX.Element {
  useEditor(editor, one => [one.plane, one.selection, one.slot, one.findings, one.canUndo, one.canRedo]);
  const stage = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const { plane, selection } = editor;
  const view = useView(stage, plane, zoom, setZoom);
  const bad = useMemo(() => worst(editor), [editor.findings]);
  const whole = plane.boxes.length <= DRAWN_WHOLE;
  // The one that takes the focus: where nothing is selected any more, the last that was.
  const last = useRef<string | undefined>(undefined);
  const held = useRef(false);
  held.current = document.activeElement?.classList.contains('n') || (held.current && document.activeElement === document.body);
  const active = selection.at(-1) ?? (plane.boxes.find(box => box.key === last.current) ?? plane.boxes.find(box => !box.node.mark))?.key;
  last.current = active;

  drag.find = (x, y, paths) => {
    const at = view.at(x, y);
    return at && targetAt(plane, at, paths);
  };
  drag.edge = view.edge;
  drag.drop = (held, target, copy) => {
    if (held.item) editor.insert(held.item.make(editor.language), target.slot);
    else if (copy) editor.insert(operations.copied(editor.machine, held.paths), target.slot, true);
    else moveTo(editor, target);
    focusState(stage.current);
  };
  // In the frame that shows it, when all else is drawn: one layout and one picture a step.
  useLayoutEffect(() => {
    const frame = requestAnimationFrame(() => {
      if (selection.length > 0) view.reveal(active);
      view.look();
      // The focus goes with the selection, while it is on the canvas, also where the state that had it is gone.
      if (document.activeElement?.classList.contains('n') || (held.current && document.activeElement === document.body)) focusNow(stage.current);
    });
    return () => cancelAnimationFrame(frame);
  }, [active, plane, zoom]);

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

  const [w, h] = [plane.w + 2 * MARGIN, plane.h + 2 * MARGIN];
  return (
    <section class="panel work" aria-label="Workflow">
      <div class="stage" ref={stage} onPointerDown={press} onKeyDown={key} onContextMenu={ask} onDblClick={event => { if ((event.target as Element).closest('[data-box]')) onOpen(); }}>
        <svg class="flow" role="group" aria-label="Workflow" width={w * zoom} height={h * zoom} viewBox={`${-MARGIN} ${-MARGIN} ${w} ${h}`}>
          <Drawing plane={plane} seen={view.seen} whole={whole} selection={selection} active={active} bad={bad} />
          <Places editor={editor} drag={drag} plane={plane} seen={whole ? undefined : view.seen} />
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
    { title: 'Rename', keys: 'F2', off: !one, run: onOpen },
    { title: 'Test', off: !one, run: () => { onOpen(); (document.querySelector('.insp [data-tab=test]') as HTMLElement | null)?.click(); } },
    { title: 'Add behind…', keys: 'a', off: !one, run: () => onAdd(editor.place()) },
    { title: 'Add before…', keys: 'b', off: !one || !ahead, run: () => onAdd(ahead) },
    { title: 'Add inside…', keys: 'i', off: !one || !inside, run: () => onAdd(inside) },
    { title: 'Move up', keys: 'Alt ↑', off: !one, run: () => void shift(editor, plane, 'up') },
    { title: 'Move down', keys: 'Alt ↓', off: !one, run: () => void shift(editor, plane, 'down') },
    { title: 'Duplicate', keys: 'Ctrl D', run: () => duplicate(editor) },
    { title: 'Copy', keys: 'Ctrl C', run: clip('copy') },
    { title: 'Cut', keys: 'Ctrl X', run: clip('cut') },
    { title: 'Paste', keys: 'Ctrl V', run: () => pasteNow(editor) },
    { title: 'Delete', keys: 'Del', run: () => editor.remove() },
  ];
}

const focusNow = (root: Element | null): void => (root?.querySelector('.n[tabindex="0"]') as HTMLElement | null)?.focus({ preventScroll: true });
export function focusState(root: Element | null): void {
  drawNow();
  focusNow(root);
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
  /** The part of the drawing that is drawn. */
  seen: Bounds;
  /** Looks which part that has to be. */
  look: () => void;
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
  const [seen, setSeen] = useState(AT_FIRST);
  const look = (): void => {
    const box = stage.current?.getBoundingClientRect();
    const from = box && at(box.left, box.top, true);
    if (box && from) setSeen(drawn => partAround({ left: from.x, top: from.y, right: from.x + box.width / zoom, bottom: from.y + box.height / zoom }, drawn));
  };
  const looks = useRef(look);
  looks.current = look;
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const again = (): void => looks.current();
    element.addEventListener('scroll', again, { passive: true });
    const watcher = new ResizeObserver(again);
    watcher.observe(element);
    return () => { element.removeEventListener('scroll', again); watcher.disconnect(); };
  }, []);
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
    at, marquee, seen, look,
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
