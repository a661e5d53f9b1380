import { expect, test } from 'vitest';
import { limitSteps, markText } from './marks';

const mark = (t: number, from: number, to: number, kind: 'concurrency' | 'toleratedFailureCount' = 'concurrency') => ({ t, kind, from, to });

test('a change is said in words', () => {
  expect(markText(mark(1, 1000, 5000))).toBe('1,000 → 5,000 at once');
  expect(markText(mark(1, 10, 0))).toBe('10 → no limit at once');
  expect(markText(mark(1, 0, 3, 'toleratedFailureCount'))).toBe('0 → 3 failures tolerated');
});

test('the limit over time begins with what it was', () => {
  expect(limitSteps(12, [])).toEqual([[0, 12]]);
  expect(limitSteps(3, [mark(10, 12, 5), mark(15, 0, 3, 'toleratedFailureCount'), mark(20, 5, 3)])).toEqual([[0, 12], [10, 5], [20, 3]]);
});
