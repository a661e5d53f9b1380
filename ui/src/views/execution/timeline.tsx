import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ExecutionSummary, TreeAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { duration, offset } from '../../model/format';
import { busyIn } from '../../model/idle';
import { parseRangeParameter, rangeParameter } from '../../model/lanes';
import { folded, type Scale } from '../../model/scale';
import { nest } from '../../model/tree';
import { inside, isWhole, panned, zoomed, type Span } from '../../model/window';
import { Icon } from '../../widgets/icon';
import { InSight } from '../../widgets/in_sight';
import { useKeys } from '../../widgets/keys';
import { Panel } from '../../widgets/panel';
import { setState, useAddress } from '../../widgets/place';
import { Shown } from '../../widgets/states';
import { Legend } from './legend';
import { Graph } from './graph';
import { moveInTree, nextFailed, nextSlowest, rowsOf } from './rows';
import { SpanPanel } from './span_panel';
import { Axis, Nodes, type Chosen } from './tree';

/** The waterfall, and beside it what a chosen row is. */
export function Timeline({ summary }: { summary: ExecutionSummary }): JSX.Element {
  const { query } = useAddress();
  const live = summary.stop === undefined;
  const asked = useAnswer<TreeAnswer>('exec/tree', { arn: summary.arn }, live ? 1_000 : 5_000);
  const sel = query.get('sel') ?? '';
  const of = query.get('of') ?? summary.arn;
  const chosen: Chosen = { id: sel, arn: of };
  const show = (next: Chosen): void => setState({ sel: next.id || undefined, of: next.arn === summary.arn ? undefined : next.arn });
  const past = usePast(chosen, show);
  const [wf, setWf] = useState<HTMLDivElement | null>(null);
  const view = useScale(asked.data, wf);
  useKeys({
    ...view.keys,
    f: () => nextFailed(wf),
    t: () => nextSlowest(wf),
    '[': () => past.go(-1),
    ']': () => past.go(1),
    Escape: () => (sel ? show({ id: '', arn: summary.arn }) : view.zoomed ? view.look(view.whole) : false),
  });
  const [marked, setMarked] = useState('');
  const toState = (name: string): void => {
    setMarked(name);
    const row = rowsOf(wf).find(one => one.dataset.name === name);
    row?.scrollIntoView({ block: 'center' });
    row?.click();
  };
  const root = asked.data?.rows[0];
  return (
    <main class={`sheet view with-graph ${sel ? 'with-panel' : ''}`}>
      <InSight><Graph summary={summary} chosen={marked} onChoose={toState} /></InSight>
      <Panel title="Waterfall" class="wf-panel" tools={<Tools view={view} wf={wf} />}
        sub={view.zoomed ? <><button type="button" class="link accent" onClick={() => view.look(view.whole)}>All</button> › <span class="t2">{offset(view.scale.from, (view.scale.to - view.scale.from) / 50)} – {offset(view.scale.to, (view.scale.to - view.scale.from) / 50)}</span></> : asked.data?.note ? undefined : 'choose a row to see what went in and out'}>
        {asked.data?.note ? <div class="pad"><div class="note"><Icon name="info" /><div>{asked.data.note}</div></div></div> : null}
        <Shown asked={asked} what="The waterfall">
          {tree => (
            <div class="wf" role="tree" aria-label="Spans" ref={setWf} onKeyDown={moveInTree}>
              <Axis scale={view.scale} />
              <Nodes nodes={nest(tree.rows)} arn={summary.arn} scale={view.scale} depth={0} live={live} chosen={chosen} choose={show} zoomTo={view.zoomTo} />
            </div>
          )}
        </Shown>
        <Legend />
      </Panel>
      {sel ? <SpanPanel arn={of} id={sel} summary={summary} onClose={() => show({ id: '', arn: summary.arn })} key={of + sel} /> : null}
      {!sel && root ? <p class="sr">Choose a row to see its input, output and what it called.</p> : null}
    </main>
  );
}

function Tools({ view, wf }: { view: Looking; wf: HTMLElement | null }): JSX.Element {
  return (
    <>
      {view.folds ? <button type="button" class="btn plain small" aria-pressed={view.on} title={view.on ? `${duration(view.idle)} in which nothing was at work are folded` : 'Fold long stretches in which nothing was at work'} onClick={() => setState({ idle: view.on ? undefined : 'cut' })}>{view.on ? 'Show idle' : 'Collapse idle'}</button> : null}
      <span class="zoom">
        <button type="button" class="btn plain small icon" aria-label="Zoom out" disabled={!view.zoomed} onClick={() => view.zoom(2)}><Icon name="minus" /></button>
        <button type="button" class="btn plain small icon" aria-label="Zoom in" onClick={() => view.zoom(0.5)}><Icon name="plus" /></button>
        <button type="button" class="btn plain small icon" aria-label="All of it" disabled={!view.zoomed} onClick={() => view.look(view.whole)}><Icon name="fit" /></button>
      </span>
      <button type="button" class="btn plain small" onClick={() => nextFailed(wf)}>Next failed <kbd>f</kbd></button>
    </>
  );
}

interface Looking {
  scale: Scale; whole: Span; zoomed: boolean;
  /** Idle stretches are folded; there are some that can be; how long they are together. */
  on: boolean; folds: boolean; idle: number;
  look: (next: Span) => void; zoom: (factor: number) => void; zoomTo: (from: number, to: number) => void;
  keys: Record<string, () => void>;
}

/** The part of the time that is shown, and what of it is folded: both stand in the address. */
function useScale(tree: TreeAnswer | undefined, wf: HTMLElement | null): Looking {
  const { query } = useAddress();
  const whole: Span = { from: 0, to: Math.max(1, tree?.end ?? 1) };
  const t = parseRangeParameter(query.get('t'));
  const shown: Span = { from: t ? Math.min(t[0], whole.to - 1) : 0, to: t ? Math.min(t[1], whole.to) : whole.to };
  const on = query.get('idle') === 'cut';
  const busy = useMemo(() => busyIn(tree?.rows ?? []), [tree]);
  const cut = useMemo((): Scale => folded({ from: shown.from, to: shown.to }, busy), [busy, shown.from, shown.to]);
  const plain = useMemo((): Scale => ({ from: shown.from, to: shown.to }), [shown.from, shown.to]);
  const look = (next: Span): void => setState({ t: isWhole(next, whole) ? undefined : rangeParameter(next.from, next.to) });
  const zoom = (factor: number, at = 0.5): void => look(zoomed(shown, whole, factor, at));
  const latest = useRef({ zoom, pan: (_: number): void => undefined });
  latest.current = { zoom, pan: share => look(panned(shown, whole, share)) };
  useEffect(() => wf ? followWheel(wf, latest) : undefined, [wf]);
  useEffect(() => wf ? followDrag(wf, latest) : undefined, [wf]);
  const idle = (cut.cuts ?? []).reduce((sum, one) => sum + one.to - one.from, 0);
  return {
    scale: on ? cut : plain, whole, zoomed: !isWhole(shown, whole), on, folds: on || idle > 0, idle, look, zoom,
    // With a little around it, so that one sees where it begins and ends.
    zoomTo: (from, to) => look(inside({ from: from - (to - from) * 0.02, to: to + (to - from) * 0.02 + 1 }, whole)),
    keys: {
      w: () => zoom(0.5), s: () => zoom(2), '+': () => zoom(0.5), '-': () => zoom(2), '0': () => look(whole),
      a: () => latest.current.pan(-0.25), d: () => latest.current.pan(0.25),
    },
  };
}

/** The wheel with a key zooms at the pointer or pans; without one it scrolls the page. */
function followWheel(wf: HTMLElement, latest: { current: { zoom: (factor: number, at?: number) => void; pan: (share: number) => void } }): () => void {
  const wheel = (event: WheelEvent): void => {
    if (!event.ctrlKey && !event.altKey && !event.shiftKey) return;
    const frame = (event.target as Element).closest('.t')?.getBoundingClientRect() ?? wf.querySelector('.axis .t')?.getBoundingClientRect();
    if (!frame) return;
    event.preventDefault();
    if (event.shiftKey) latest.current.pan((event.deltaY || event.deltaX) / frame.width);
    else latest.current.zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 200))), Math.max(0, Math.min(1, (event.clientX - frame.left) / frame.width)));
  };
  wf.addEventListener('wheel', wheel, { passive: false });
  return () => wf.removeEventListener('wheel', wheel);
}

/** ms between the moves of what is dragged: each is a new address. */
const DRAG_EVERY_MS = 50;
const DRAG_FROM_PX = 4;

/** What is zoomed in is dragged along its time. A drag chooses no row. */
function followDrag(wf: HTMLElement, latest: { current: { pan: (share: number) => void } }): () => void {
  let from: { x: number; width: number; moved: boolean; at: number } | undefined;
  const down = (event: PointerEvent): void => {
    const bars = (event.target as Element).closest('.t');
    from = bars && event.button === 0 && !(event.target as Element).closest('a, button') ? { x: event.clientX, width: bars.clientWidth, moved: false, at: 0 } : undefined;
  };
  const move = (event: PointerEvent): void => {
    if (!from || (!from.moved && Math.abs(event.clientX - from.x) < DRAG_FROM_PX) || event.timeStamp - from.at < DRAG_EVERY_MS) return;
    if (!from.moved) wf.setPointerCapture(event.pointerId);
    latest.current.pan((from.x - event.clientX) / Math.max(1, from.width));
    from = { ...from, x: event.clientX, moved: true, at: event.timeStamp };
  };
  const up = (event: PointerEvent): void => {
    if (from?.moved) {
      latest.current.pan((from.x - event.clientX) / Math.max(1, from.width));
      const swallow = (event: Event): void => event.stopPropagation();
      wf.addEventListener('click', swallow, { capture: true, once: true });
      window.setTimeout(() => wf.removeEventListener('click', swallow, { capture: true }), 0);
    }
    from = undefined;
  };
  const events = [['pointerdown', down], ['pointermove', move], ['pointerup', up], ['pointercancel', () => { from = undefined; }]] as const;
  for (const [name, listener] of events) wf.addEventListener(name, listener as EventListener);
  return () => { for (const [name, listener] of events) wf.removeEventListener(name, listener as EventListener); };
}

/** The rows that were chosen, one after the other, to step back to. */
function usePast(chosen: Chosen, show: (next: Chosen) => void): { go: (by: number) => void | boolean } {
  const past = useRef<{ all: Chosen[]; at: number }>({ all: [], at: -1 });
  useEffect(() => {
    const now = past.current;
    const current = now.all[now.at];
    if (!chosen.id || (current?.id === chosen.id && current.arn === chosen.arn)) return;
    now.all = [...now.all.slice(0, now.at + 1), chosen].slice(-50);
    now.at = now.all.length - 1;
  }, [chosen.id, chosen.arn]);
  return {
    go: by => {
      const now = past.current;
      const next = now.all[now.at + by];
      if (!next) return false;
      now.at += by;
      show(next);
    },
  };
}
