// Where a time axis has its ticks.

const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500].flatMap(step => [step, step * 1e3]) // µs and ms
  .concat([1, 2, 5, 10, 15, 30].map(step => step * 1e6), [1, 2, 5, 10, 15, 30].map(step => step * 60e6), [1, 2, 3, 6, 12, 24, 48, 96].map(step => step * 3600e6))
  .sort((a, b) => a - b);

/** The smallest round step (µs) with at most `most` ticks in `range` µs. */
export function tickStep(range: number, most: number): number {
  const least = range / Math.max(1, most);
  return STEPS.find(step => step >= least) ?? Math.ceil(least / 86_400e6) * 86_400e6;
}

export function ticks(from: number, to: number, most: number): { step: number; at: number[] } {
  const step = tickStep(to - from, most);
  const at: number[] = [];
  for (let tick = Math.ceil(from / step) * step; tick <= to; tick += step) at.push(tick);
  return { step, at };
}

/** Round durations (µs) for a logarithmic axis from `lo` to `hi`: powers of two of a second, or of ten of a millisecond. */
export function durationMarks(lo: number, hi: number, most: number): number[] {
  const marks = [1, 10, 100, 1e3, 1e4, 1e5, 2.5e5, 1e6, 4e6, 16e6, 60e6, 240e6, 900e6, 3600e6, 4 * 3600e6, 24 * 3600e6].filter(mark => mark >= lo && mark <= hi);
  const keep = Math.ceil(marks.length / Math.max(1, most));
  return marks.filter((_, i) => (marks.length - 1 - i) % keep === 0);
}

/** A round number at or just above `value`: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find(factor => factor * power >= value) ?? 10) * power;
}
