import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LanesAnswer } from '../../api/types';
import { useAnswer } from '../../api/use';
import { count, offset, plural, steady } from '../../model/format';
import { COLORS, isWhole, lanesIn, pan, parseRangeParameter, placedAt, rangeParameter, STEP_TOKENS, zoom, type Color, type Placed, type View } from '../../model/lanes';
import { ticks } from '../../model/ticks';
import { Canvas, type Pen } from '../../widgets/canvas';
import { Icon } from '../../widgets/icon';
import { useHeight } from '../../widgets/measure';
import { Panel, Segments } from '../../widgets/panel';
import { setState, useAddress } from '../../widgets/place';
import { Failure } from '../../widgets/states';
import { bitmap, drawRunning } from './lane_paint';
import { paintLanes } from './lane_picture';
import { ChildTip, LaneTable, useAt } from './lane_parts';
import type { RunView } from './maprun';
import { openChild } from './open_child';

const HEIGHT_MIN = 232;
const AXIS = 20;

/** Every child in the lane it ran in: the whole run small, and a part of it to look at. */
export function Lanes({ view: page }: { view: RunView }): JSX.Element | null {
  const { run, filters, every } = page;
  const { query } = useAddress();
  const some = run.n > 0 || run.executionCounts.running > 0;
  // In two digits: while it runs it moves a little with every child, and each would be another question.
  const typical = Math.max(1, steady(run.p50));
  const color = (COLORS.find(([id]) => id === query.get('color'))?.[0] ?? 'duration') as Color;
  const common = { arn: run.mapRunArn, f: filters, color, typical };
  const small = useAnswer<LanesAnswer>(some ? 'maprun/lanes' : undefined, { ...common, lim: 0, w: 320, h: 36 }, every);
  const lanes = lanesIn(run.lanes, small.data?.running);
  const whole: View = { t0: 0, t1: run.end, l0: 0, l1: lanes };
  const t = parseRangeParameter(query.get('t'));
  const l = parseRangeParameter(query.get('l'));
  const wanted: View = { t0: t?.[0] ?? whole.t0, t1: Math.min(whole.t1, t?.[1] ?? whole.t1), l0: l?.[0] ?? whole.l0, l1: Math.min(whole.l1, l?.[1] ?? whole.l1) };
  // While one drags, the picture follows at once and the server is asked a little later.
  const [view, setView] = useState(wanted);
  const key = `${wanted.t0} ${wanted.t1} ${wanted.l0} ${wanted.l1}`;
  useEffect(() => setView(wanted), [key]);
  const late = useRef(0);
  const look = (next: View): void => {
    setView(next);
    window.clearTimeout(late.current);
    late.current = window.setTimeout(() => setState({
      t: next.t0 === whole.t0 && next.t1 === whole.t1 ? undefined : rangeParameter(next.t0, next.t1),
      l: next.l0 === whole.l0 && next.l1 === whole.l1 ? undefined : rangeParameter(next.l0, next.l1),
    }), 80);
  };
  const part = isWhole(wanted, whole) ? {} : { t0: wanted.t0, t1: wanted.t1, l0: wanted.l0, l1: wanted.l1 };
  const large = useAnswer<LanesAnswer>(some ? 'maprun/lanes' : undefined, { ...common, ...part, w: 384, h: 53 }, every);
  const [table, setTable] = useState(false);
  if (!some) return null;
  const zoomed = !isWhole(view, whole);
  const step = (factor: number): void => look(zoom(view, whole, factor, 0.5, 0, view.l1 - view.l0 > 20));
  const tools = (
    <>
      <Segments label="Colour" options={COLORS} value={color} onChange={value => setState({ color: value === 'duration' ? undefined : value })} />
      <span class="zoom">
        <button type="button" class="btn plain small icon" aria-label="Zoom out" disabled={!zoomed} onClick={() => step(2)}><Icon name="minus" /></button>
        <button type="button" class="btn plain small icon" aria-label="Zoom in" onClick={() => step(0.5)}><Icon name="plus" /></button>
        <button type="button" class="btn plain small icon" aria-label="Whole run" disabled={!zoomed} onClick={() => look(whole)}><Icon name="fit" /></button>
      </span>
      <button type="button" class="btn plain small" aria-pressed={table} onClick={() => setTable(!table)}><Icon name="table" />{table ? 'Picture' : 'Table'}</button>
    </>
  );
  const place = `${offset(view.t0, (view.t1 - view.t0) / 50)} – ${offset(view.t1, (view.t1 - view.t0) / 50)}, lanes ${count(view.l0)} to ${count(view.l1 - 1)}`;
  return (
    <Panel title="Lanes" sub={zoomed ? <><button type="button" class="link" onClick={() => look(whole)}>Run</button> › <span class="t2">{place}</span></> : 'every child, as it ran'} tools={tools} class="lanes-panel">
      {large.error ? <div class="pad"><Failure asked={large} what="The lanes" /></div> : null}
      {table ? <LaneTable answer={large.data} open={idx => void openChild(run.mapRunArn, idx)} /> : <div class="tracks still">
        <div class="track">
          <div class="name"><b>Whole run</b>{plural(lanes, 'lane')}</div>
          <Overview answer={small.data} view={view} whole={whole} look={look} zoomed={zoomed} />
        </div>
        <div class="track">
          <div class="name"><Legend color={color} exact={large.data?.exact ?? true} live={run.stop === undefined} /></div>
          <Plane answer={large.data} view={view} whole={whole} look={look} color={color} typical={typical} run={run.mapRunArn} filters={filters} />
        </div>
      </div>}
    </Panel>
  );
}

const WORDS: Record<Color, readonly string[]> = {
  duration: ['under p50', 'to 1.5 × p50', 'to 2.5 ×', 'to 5 ×', 'over 5 ×'], status: ['up to 20 % busy', '40 %', '60 %', '80 %', 'busy'],
  retry: ['up to 20 % retried', '40 %', '60 %', '80 %', 'all retried'], cold: ['up to 20 % cold', '40 %', '60 %', '80 %', 'all cold'],
};

function Legend({ color, exact, live }: { color: Color; exact: boolean; live: boolean }): JSX.Element {
  return (
    <div class="lane-keys">
      {WORDS[color].map((text, i) => exact && color !== 'duration' && i > 0 && i < 4 ? null : <span key={text} class="key"><i style={{ background: `var(--${STEP_TOKENS[i]})` }} />{exact && color !== 'duration' ? (i === 0 ? 'others' : color === 'status' ? 'succeeded' : color === 'retry' ? 'tried again' : 'started cold') : text}</span>)}
      <span class="key"><i class="key-bad" />failed</span>
      {live ? <span class="key"><i class="f-run" />running</span> : null}
      {exact ? <><span class="key"><i class="k-queue" />queued</span><span class="key"><i class="k-cold" />cold start</span><span class="key"><i class="key-dots" />retry wait</span></> : null}
    </div>
  );
}

function Overview({ answer, view, whole, look, zoomed }: { answer: LanesAnswer | undefined; view: View; whole: View; look: (next: View) => void; zoomed: boolean }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const move = (event: PointerEvent): void => {
    if (!zoomed || event.buttons !== 1) return;
    const frame = box.current?.getBoundingClientRect();
    if (!frame) return;
    const t = whole.t0 + ((event.clientX - frame.left) / frame.width) * (whole.t1 - whole.t0);
    const l = Math.round(whole.l0 + ((event.clientY - frame.top) / frame.height) * (whole.l1 - whole.l0));
    look(pan(view, whole, t - (view.t0 + view.t1) / 2, l - Math.round((view.l0 + view.l1) / 2)));
  };
  return (
    <div class={`plot ${zoomed ? 'grab' : ''}`} ref={box} onPointerDown={move} onPointerMove={move}>
      <Canvas height={38} label="All lanes of the run in small" deps={[answer, view.t0, view.t1, view.l0, view.l1]} draw={pen => {
        const { c, w, h } = pen;
        if (answer && !answer.exact) {
          c.imageSmoothingEnabled = false;
          c.drawImage(bitmap(pen, answer), 0, 1, w, ((h - 2) * (answer.l1 - answer.l0)) / (whole.l1 - whole.l0));
        }
        const x = (us: number): number => ((us - whole.t0) / (whole.t1 - whole.t0)) * w;
        const y = (lane: number): number => ((lane - whole.l0) / (whole.l1 - whole.l0)) * h;
        if (answer?.running) drawRunning(pen, answer.running, x, w, y, h / (whole.l1 - whole.l0));
        if (!zoomed) return;
        c.strokeStyle = pen.token('text');
        c.lineWidth = 1.5;
        const left = Math.max(0.75, x(view.t0));
        const top = Math.max(0.75, y(view.l0));
        c.strokeRect(left, top, Math.max(3, Math.min(w - 0.75, x(view.t1)) - left), Math.max(3, Math.min(h - 0.75, y(view.l1)) - top));
      }} />
    </div>
  );
}

function Plane({ answer, view, whole, look, color, typical, run, filters }: {
  answer: LanesAnswer | undefined; view: View; whole: View; look: (next: View) => void; color: Color; typical: number; run: string; filters: readonly string[];
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [hover, setHover] = useState<{ x: number; y: number; w: number; found: Placed | undefined } | undefined>();
  const drag = useRef<{ x: number; y: number; view: View; moved: boolean } | undefined>(undefined);
  const height = Math.max(HEIGHT_MIN, useHeight(box));
  const latest = useRef({ view, look, whole });
  latest.current = { view, look, whole };
  const placeOf = (event: MouseEvent): { x: number; y: number; w: number; h: number } | undefined => {
    const frame = box.current?.getBoundingClientRect();
    return frame ? { x: (event.clientX - frame.left) / frame.width, y: (event.clientY - frame.top - AXIS) / (frame.height - AXIS), w: frame.width, h: frame.height - AXIS } : undefined;
  };
  useEffect(() => {
    // The wheel with a key zooms; without one it scrolls the page.
    const wheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.altKey && !event.shiftKey) return;
      const at = placeOf(event);
      if (!at) return;
      event.preventDefault();
      const now = latest.current;
      if (event.shiftKey) now.look(pan(now.view, now.whole, ((event.deltaY || event.deltaX) / at.w) * (now.view.t1 - now.view.t0), 0));
      else now.look(zoom(now.view, now.whole, Math.exp(Math.max(-1, Math.min(1, event.deltaY / 200))), at.x, Math.max(0, at.y), event.altKey));
    };
    const element = box.current;
    element?.addEventListener('wheel', wheel, { passive: false });
    return () => element?.removeEventListener('wheel', wheel);
  }, []);
  const find = (x: number, y: number, w: number): Placed | undefined => {
    if (!answer?.exact || y < 0) return undefined;
    const t = view.t0 + x * (view.t1 - view.t0);
    return placedAt(answer, t, Math.floor(view.l0 + y * (view.l1 - view.l0)), ((view.t1 - view.t0) / w) * 2);
  };
  const stands = useAt(run, filters, answer, view, hover && hover.y >= 0 ? hover : undefined);
  const move = (event: PointerEvent): void => {
    const at = placeOf(event);
    if (!at) return;
    const from = drag.current;
    if (from) {
      const dx = at.x - from.x;
      const dy = at.y - from.y;
      if (Math.abs(dx) * at.w + Math.abs(dy) * at.h > 4) from.moved = true;
      if (from.moved) look(pan(from.view, whole, -dx * (from.view.t1 - from.view.t0), -Math.round(dy * (from.view.l1 - from.view.l0))));
      return setHover(undefined);
    }
    const found = find(at.x, at.y, at.w);
    setHover(found || (answer && !answer.exact) ? { x: at.x, y: at.y, w: at.w, found } : undefined);
  };
  const up = (event: PointerEvent): void => {
    const from = drag.current;
    drag.current = undefined;
    const at = placeOf(event);
    if (!from || from.moved || !at) return;
    const found = find(at.x, at.y, at.w);
    if (found) void openChild(run, found.idx);
    else if (answer && !answer.exact) look(zoom(view, whole, 0.4, at.x, at.y, true));
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => look(pan(view, whole, -(view.t1 - view.t0) / 8, 0)), ArrowRight: () => look(pan(view, whole, (view.t1 - view.t0) / 8, 0)),
    ArrowUp: () => look(pan(view, whole, 0, -Math.ceil((view.l1 - view.l0) / 8))), ArrowDown: () => look(pan(view, whole, 0, Math.ceil((view.l1 - view.l0) / 8))),
    w: () => look(zoom(view, whole, 0.5, 0.5, 0.5, true)), '+': () => look(zoom(view, whole, 0.5, 0.5, 0.5, true)), s: () => look(zoom(view, whole, 2, 0.5, 0.5, true)), '-': () => look(zoom(view, whole, 2, 0.5, 0.5, true)), '0': () => look(whole),
    Enter: () => { const idx = hover?.found?.idx ?? stands; if (idx !== undefined) void openChild(run, idx); },
  };
  return (
    <div class="plot plane" ref={box} tabIndex={0} role="application" aria-label={`Children in lanes, ${answer ? count(answer.total) : ''} here; arrow keys move, w and s zoom, 0 shows all`}
      onPointerDown={event => { const at = placeOf(event); if (at && event.button === 0) { drag.current = { ...at, view, moved: false }; (event.currentTarget as Element).setPointerCapture(event.pointerId); } }}
      onPointerMove={move} onPointerUp={up} onPointerLeave={() => setHover(undefined)} onDblClick={event => { const at = placeOf(event); if (at) look(zoom(view, whole, 0.4, at.x, at.y, true)); }}
      onKeyDown={event => { const act = keys[event.key]; if (act && !event.ctrlKey && !event.metaKey) { event.preventDefault(); event.stopPropagation(); act(); } }}>
      <Canvas height={height} label="Children in lanes" deps={[answer, view.t0, view.t1, view.l0, view.l1, color, typical, filters.length]} draw={pen => draw(pen, answer, view, color, typical)} />
      {hover && (hover.found || stands !== undefined) ? <ChildTip of={hover.found} stands={stands} x={hover.x} top={AXIS + Math.min(0.6, Math.max(0, hover.y)) * (height - AXIS)} /> : null}
    </div>
  );
}

function draw(pen: Pen, answer: LanesAnswer | undefined, view: View, color: Color, typical: number): void {
  const { c, w } = pen;
  const span = view.t1 - view.t0;
  const x = (us: number): number => ((us - view.t0) / span) * w;
  const marks = ticks(view.t0, view.t1, Math.max(2, Math.floor(w / 84)));
  for (const tick of marks.at) {
    const at = x(tick);
    pen.vertical('grid', at, AXIS - 4);
    c.fillStyle = pen.token('text-3');
    c.textAlign = at < 16 ? 'left' : at > w - 24 ? 'right' : 'center';
    c.fillText(offset(tick, marks.step), at, 9);
  }
  c.textAlign = 'left';
  if (answer) paintLanes(pen, answer, { top: AXIS, l0: view.l0, l1: view.l1, x, color, typical });
}
