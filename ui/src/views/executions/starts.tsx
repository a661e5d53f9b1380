import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ExecutionsAnswer } from '../../api/types';
import { count, moment, shortDuration } from '../../model/format';
import { ticks } from '../../model/ticks';
import { Canvas } from '../../widgets/canvas';
import { Icon } from '../../widgets/icon';
import { usePreferences } from '../../widgets/preferences';

/** When executions started: all, failed, running. */
export function Starts({ starts }: { starts: ExecutionsAnswer['starts'] }): JSX.Element {
  const { zone } = usePreferences();
  const { from, to, started, failed, running } = starts;
  const most = Math.max(...started, 1);
  const bucket = (to - from) / started.length;
  const part = bucket >= 120e6 && bucket < 5_400e6 ? `${Number((bucket / 60e6).toPrecision(2))}\u00a0min` : shortDuration(Number(bucket.toPrecision(2)));
  const label = `Executions started since ${moment(from, to, zone)}: at most ${count(most)} in ${part}`;
  const [table, setTable] = useState(false);
  const toggle = <button type="button" class="btn plain small icon hist-table" aria-pressed={table} aria-label={table ? 'Picture of starts' : 'Table of starts'} title={table ? 'Picture' : 'Table'} onClick={() => setTable(!table)}><Icon name="table" /></button>;
  if (table) {
    return (
      <div class="hist">
        {toggle}
        <div class="hist-rows"><table class="grid">
          <thead><tr><th>From</th><th class="num">Started</th><th class="num">Failed</th><th class="num">Running</th></tr></thead>
          <tbody>{started.map((n, i) => n > 0 ? <tr key={i}><td>{moment(from + i * bucket, to, zone)}</td><td class="num">{count(n)}</td><td class={`num ${failed[i] ? 'fail' : ''}`}>{failed[i] ? count(failed[i]) : ''}</td><td class="num">{running[i] ? count(running[i]) : ''}</td></tr> : null)}</tbody>
        </table></div>
      </div>
    );
  }
  return (
    <div class="hist">
      {toggle}
      <Canvas height={64} label={label} deps={[starts, zone]} draw={pen => {
        const { c, w, h } = pen;
        const top = 14;
        const base = h - 16;
        const width = w / started.length;
        pen.horizontal('grid', top);
        started.forEach((n, i) => {
          const x = Math.round(i * width);
          const bar = Math.max(1, Math.round((i + 1) * width) - x - 1);
          const high = (value: number): number => (value ? Math.max(2, (value / most) * (base - top)) : 0);
          pen.fill('ok-fill', x, base - high(n), bar, high(n));
          const bad = high(failed[i] ?? 0);
          const busy = high(running[i] ?? 0);
          pen.fill('fail-fill', x, base - bad, bar, bad);
          pen.fill('run-fill', x, base - bad - busy, bar, busy);
        });
        pen.horizontal('axis', base);
        c.fillStyle = pen.token('text-3');
        c.fillText(`at most ${count(most)} started in ${part}`, 0, 6);
        const marks = ticks(from - midnightOffset(from, zone), to - midnightOffset(from, zone), Math.max(2, Math.floor(w / 110)));
        c.textAlign = 'center';
        for (const tick of marks.at) {
          const at = tick + midnightOffset(from, zone);
          const x = ((at - from) / (to - from)) * w;
          if (x < 24 || x > w - 60) continue;
          c.fillText(moment(at, to, zone).replace(/:00$/, ''), x, h - 6);
        }
        c.textAlign = 'right';
        c.fillText('now', w, h - 6);
        c.textAlign = 'left';
      }} />
    </div>
  );
}

/** So that ticks of hours fall on hours of the zone. */
const midnightOffset = (at: number, zone: 'local' | 'utc'): number => (zone === 'utc' ? 0 : new Date(at / 1000).getTimezoneOffset() * 60e6);
