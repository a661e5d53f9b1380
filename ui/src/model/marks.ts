// Limits of a Map Run that were changed while it ran, as they stand on its time axis.

import type { Mark } from '../api/types';
import { count, offset } from './format';

const WORDS: Record<Mark['kind'], string> = { concurrency: 'at once', toleratedFailureCount: 'failures tolerated', toleratedFailurePercentage: '% failures tolerated' };
const value = (mark: Mark, of: number): string => (mark.kind === 'concurrency' && of === 0 ? 'no limit' : count(of));

/** "1,000 → 5,000 at once" */
export const markText = (mark: Mark): string => `${value(mark, mark.from)} → ${value(mark, mark.to)} ${WORDS[mark.kind]}`;
export const markTitle = (mark: Mark): string => `${offset(mark.t, 1000)}: ${markText(mark)}`;

/** How many children were allowed at once: [since, limit], 0 = no limit; the first is since the start. */
export function limitSteps(now: number, marks: readonly Mark[]): [number, number][] {
  const changes = marks.filter(mark => mark.kind === 'concurrency');
  return [[0, changes[0]?.from ?? now], ...changes.map((mark): [number, number] => [mark.t, mark.to])];
}
