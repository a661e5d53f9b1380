import type { JSX } from 'preact';
import type { Strip } from '../../api/types';
import { count, duration, offset } from '../../model/format';
import { rangeText, withFilter } from '../../model/filter';
import { tickStep } from '../../model/ticks';
import { setState } from '../../widgets/place';
import type { RunView } from './maprun';

interface Line { from: number; to: number; ends: number; failed: number; conc: number; p50: number; max: number }

/** Buckets put together to round stretches of time: at most 30. */
export function linesOf(strip: Strip, most = 30): Line[] {
  const bucket = (strip.t1 - strip.t0) / strip.w;
  const step = Math.max(tickStep(strip.t1 - strip.t0, most), bucket);
  const lines = new Map<number, Line & { weight: number; n: number }>();
  for (let i = 0; i < strip.w; i++) {
    const at = strip.t0 + i * bucket;
    const from = Math.floor(at / step) * step;
    const line = lines.get(from) ?? { from, to: from + step, ends: 0, failed: 0, conc: 0, p50: 0, max: 0, weight: 0, n: 0 };
    const ends = strip.ends[i] ?? 0;
    line.ends += ends;
    line.failed += strip.err[i] ?? 0;
    line.conc += strip.conc[i] ?? 0;
    line.n += 1;
    line.p50 += (strip.p50[i] ?? 0) * ends;
    line.weight += ends;
    line.max = Math.max(line.max, strip.max[i] ?? 0);
    lines.set(from, line);
  }
  return [...lines.values()].map(({ weight, n, ...line }) => ({ ...line, conc: line.conc / n, p50: weight ? line.p50 / weight : 0 }));
}

/** The picture in numbers. */
export function TimeTable({ strip, view }: { strip: Strip; view: RunView }): JSX.Element {
  const lines = linesOf(strip);
  const step = lines[0] ? lines[0].to - lines[0].from : 1e6;
  return (
    <div class="flush scroll-x">
      <table class="grid">
        <thead><tr><th>Ended</th><th class="num">Children</th><th class="num">Failed</th><th class="num">Running</th><th class="num">Median, mean of parts</th><th class="num">Longest</th></tr></thead>
        <tbody>
          {lines.map(line => (
            <tr key={line.from}>
              <td>{line.ends ? <button type="button" class="link" onClick={() => setState({ f: withFilter(view.filters, rangeText('end', line.from, line.to - 1)) }, true)}>{offset(line.from, step)} – {offset(line.to, step)}</button> : <span class="t3">{offset(line.from, step)} – {offset(line.to, step)}</span>}</td>
              <td class="num">{line.ends ? count(line.ends) : ''}</td><td class={`num ${line.failed ? 'fail' : ''}`}>{line.failed ? count(line.failed) : ''}</td>
              <td class="num t2">{count(Math.round(line.conc))}</td><td class="num">{line.ends ? duration(line.p50) : ''}</td><td class="num">{line.ends ? duration(line.max) : ''}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
