import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { diffLines, type DiffLine } from '../../model/editor/diff';
import { plural } from '../../model/format';

/** Lines of the same left between two changes. */
const AROUND = 3;

/** Two texts line by line; of what is the same only what is near a change. */
export function Diff({ before, after, label }: { before: string; after: string; label: string }): JSX.Element {
  const lines = useMemo(() => diffLines(before, after), [before, after]);
  const near = useMemo(() => {
    const keep = new Set<number>();
    lines.forEach((line, i) => { if (line.kind !== 'same') for (let j = i - AROUND; j <= i + AROUND; j += 1) keep.add(j); });
    return keep;
  }, [lines]);
  if (lines.every(line => line.kind === 'same')) return <p class="t2">The texts are the same.</p>;
  const row = (line: DiffLine, i: number): JSX.Element => <div key={i} class={`dl ${line.kind}`}><i>{line.before ?? ''}</i><i>{line.after ?? ''}</i><b aria-hidden="true">{line.kind === 'more' ? '+' : line.kind === 'less' ? '−' : ''}</b><span>{line.kind === 'same' ? null : <span class="sr">{line.kind === 'more' ? 'added: ' : 'removed: '}</span>}{line.text}</span></div>;
  return (
    <div class="code diff" role="region" aria-label={label} tabIndex={0}>
      {lines.map((line, i) => (near.has(i) || gapAround(near, i, lines.length) === 1 ? row(line, i) : near.has(i - 1) || i === 0 ? <div key={i} class="dl gap">{plural(gapFrom(near, i, lines.length), 'line')} the same</div> : null))}
    </div>
  );
}
/** Of a gap of one line that line takes no more room. */
const gapAround = (near: ReadonlySet<number>, at: number, end: number): number => (at > 0 && !near.has(at - 1) ? 2 : gapFrom(near, at, end));
function gapFrom(near: ReadonlySet<number>, from: number, end: number): number {
  let n = 0;
  while (from + n < end && !near.has(from + n)) n += 1;
  return n;
}
