// What the lanes say beside their picture: of a child under the pointer, and of all of them in numbers.

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { LanesAnswer } from '../../api/types';
import { ask, urlOf } from '../../api/query';
import { count, duration, offset } from '../../model/format';
import { placed, type Placed, type View } from '../../model/lanes';
import { wordOf } from '../../model/status';
import { StatusMark } from '../../widgets/icon';

/** ms that a pointer rests before the child is asked for that a cell stands for. */
const REST_MS = 150;
const ROWS_MAX = 200;

/** Of a picture of cells: the child for which the one under a resting pointer stands. */
export function useAt(run: string, filters: readonly string[], answer: LanesAnswer | undefined, view: View, at: { x: number; y: number; w: number } | undefined): number | undefined {
  const [found, set] = useState<{ key: string; idx: number } | undefined>();
  const cells = answer && !answer.exact ? answer : undefined;
  const t = at && cells ? Math.max(0, Math.floor(view.t0 + at.x * (view.t1 - view.t0))) : undefined;
  const lane = at ? Math.floor(view.l0 + at.y * (view.l1 - view.l0)) : 0;
  const wide = cells ? Math.max(1, Math.ceil((cells.t1 - cells.t0) / cells.w)) : 1;
  const high = cells ? Math.max(1, Math.ceil((cells.l1 - cells.l0) / cells.h)) : 1;
  const key = t === undefined ? '' : urlOf('maprun/at', { arn: run, f: filters, t: t - (t % wide), dt: wide, l: lane - (lane % high), dl: high });
  useEffect(() => {
    if (!key) return;
    const stop = new AbortController();
    const timer = window.setTimeout(() => {
      ask<{ idx: number | null }>(key, stop.signal).then(({ idx }) => { if (idx !== null) set({ key, idx }); }, () => undefined);
    }, REST_MS);
    return () => { window.clearTimeout(timer); stop.abort(); };
  }, [key]);
  return key && found?.key === key ? found.idx : undefined;
}

export function ChildTip({ of, stands, x, top }: { of: Placed | undefined; stands: number | undefined; x: number; top: number }): JSX.Element {
  const side = x > 0.6 ? { right: `calc(${(1 - x) * 100}% + 10px)` } : { left: `calc(${x * 100}% + 10px)` };
  return (
    <div class="tip" style={{ ...side, top: `${top}px` }}>
      <div class="h">#{count(of?.idx ?? stands ?? 0)}{of ? ` · ${wordOf(of.status)}` : ' stands for this cell'}</div>
      {of ? <dl><dt>started</dt><dd>{offset(of.s, 1000)}</dd>{of.d === undefined ? null : <><dt>took</dt><dd>{duration(of.d)}</dd></>}<dt>lane</dt><dd>{count(of.lane)}</dd></dl> : null}
      <div class="foot">{of ? 'Click opens it' : 'Click zooms in, Enter opens it'}</div>
    </div>
  );
}

/** The children of the picture one by one, as they started. */
export function LaneTable({ answer, open }: { answer: LanesAnswer | undefined; open: (idx: number) => void }): JSX.Element {
  if (!answer?.exact) return <p class="pad t2">{answer ? `${count(answer.total)} children are too many to list: zoom in, or look at the list of children below.` : ''}</p>;
  const rows = placed(answer);
  return (
    <div class="flush scroll-x lane-table">
      <table class="grid">
        <thead><tr><th>Status</th><th class="num">Child</th><th class="num">Lane</th><th class="num">Started</th><th class="num">Duration</th></tr></thead>
        <tbody>{rows.slice(0, ROWS_MAX).map(row => <tr key={row.idx}><td><StatusMark status={row.status} /></td><td class="num"><button type="button" class="link accent" onClick={() => open(row.idx)}>#{count(row.idx)}</button></td><td class="num">{count(row.lane)}</td><td class="num t2">{offset(row.s, 1000)}</td><td class="num">{row.d === undefined ? '–' : duration(row.d)}</td></tr>)}</tbody>
      </table>
      {rows.length > ROWS_MAX ? <div class="pager">The first {count(ROWS_MAX)} of {count(rows.length)}: zoom in to see the others.</div> : null}
    </div>
  );
}
