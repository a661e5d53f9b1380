import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aboveText, chipOf, parseCondition, rangeOf, rangeText, timeText, withFilter, withoutFilter } from './filter';

interface Vector { text: string; field?: string; from?: number; to?: number; values?: string[]; key?: string; error?: boolean }
// The same cases as columns_test runs: both sides read one language.
const vectors = JSON.parse(readFileSync(new URL('../../../tests/ui/filters.json', import.meta.url), 'utf8')) as Vector[];

describe('the language of filters', () => {
  it.each(vectors.map(vector => [vector.text, vector] as const))('%s', (text, vector) => {
    const parsed = parseCondition(text);
    expect(parsed.ok).toBe(!vector.error);
    if (!parsed.ok) return;
    const { condition } = parsed;
    expect(condition.field).toBe(vector.field);
    if (vector.values) return void expect(condition.values).toEqual(vector.values);
    if (condition.field === 'key') return void expect(condition.text).toBe(vector.key);
    if (condition.text !== undefined) return void expect([condition.text]).toEqual([vector.to === 0 ? 'no' : 'yes']);
    expect([condition.from ?? 0, condition.to]).toEqual([vector.from ?? 0, vector.to]);
  });
});

it('says what is wrong, and where', () => {
  expect(parseCondition('dur:fast')).toEqual({ ok: false, column: 5, expected: 'a duration such as 100ms, >2s or 1s..5s' });
  expect(parseCondition('size')).toMatchObject({ ok: false, column: 1 });
});

it('writes times exactly', () => {
  expect([0, 1, 1_500, 2_000, 2_000_000, 90_000_000].map(timeText)).toEqual(['0us', '1us', '1500us', '2ms', '2s', '90s']);
  expect(rangeText('end', 128e6, 164e6)).toBe('end:128s..164s');
  expect(aboveText('retry', 0)).toBe('retry:>0');
});

it('reads as a chip', () => {
  const nb = (text: string): string => text.replaceAll(' ', '\u00a0');
  const chips: [string, string, string][] = [
    ['status:failed,timed_out', 'status', 'Failed, Timed out'], ['dur:>2500ms', 'duration', `> ${nb('2.50 s')}`], ['end:128s..164s', 'ended', '2:08 – 2:44'], ['retry:>0', 'retries', '> 0'], ['index:17', 'child', '#17'],
    ['key:2024/', 'key', '2024/…'], ['cold:yes', 'cold start', 'yes'], ['size:128..255', 'input bytes', '128 – 255'], ['err:77', 'error', 'TypeError'], ['queue:<1ms', 'queued', `< ${nb('1.00 ms')}`],
  ];
  for (const [text, name, value] of chips) expect(chipOf(text, new Map([['77', 'TypeError']]))).toEqual({ name, value });
});

it('keeps one condition a field', () => {
  const filters = withFilter(['dur:>1s', 'status:failed'], 'dur:>2s');
  expect(filters).toEqual(['status:failed', 'dur:>2s']);
  expect(withoutFilter(filters, 'status:failed')).toEqual(['dur:>2s']);
  expect(rangeOf(filters, 'dur')).toEqual({ from: 2_000_001, to: Infinity });
  expect(rangeOf(filters, 'end')).toBeUndefined();
});
