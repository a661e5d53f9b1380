import { describe, expect, it } from 'vitest';
import { age, bytes, count, cutMiddle, duration, moment, offset, rate, share, shortCount, shortDuration, steady } from './format';

const nb = (text: string): string => text.replaceAll(' ', '\u00a0');

describe('durations', () => {
  it.each([
    [1, '1 µs'], [480, '480 µs'], [999.6, '1.00 ms'], [2_300, '2.30 ms'], [96_700, '96.7 ms'], [204_000, '204 ms'], [999_600, '1.00 s'], [3_530_000, '3.53 s'],
    [98_000_000, '98.0 s'], [99_960_000, '1 m 40 s'], [312_000_000, '5 m 12 s'], [3_599_700_000, '1 h 00 m'], [7_500_000_000, '2 h 05 m'],
  ])('%d µs is %s', (us, text) => expect(duration(us)).toBe(nb(text)));

  it.each([[500, '500 µs'], [250_000, '250 ms'], [16_000_000, '16 s'], [240_000_000, '4 m']])('the mark %d µs is %s', (us, text) => expect(shortDuration(us)).toBe(nb(text)));
});

it('does not say that something took no time', () => expect(duration(0)).toBe('< 1\u00a0ms'));

describe('offsets take their precision from the step', () => {
  it.each([
    [151_480_000, 1e6, '2:31'], [151_480_000, 1e3, '2:31.480'], [151_480_000, 1e5, '2:31.5'], [0, 1e6, '0:00'], [59_999_600, 1e3, '1:00.000'], [7_384_000_000, 1e6, '2:03:04'],
  ])('%d with steps of %d is %s', (us, step, text) => expect(offset(us, step)).toBe(text));
});

describe('shares never round to all or to nothing', () => {
  it.each([[1, 1, '100 %'], [0, 5, '0 %'], [999_999, 1_000_000, '99.9 %'], [1, 1_000_000, '< 0.01 %'], [57, 10_000, '0.57 %'], [812, 1000, '81.2 %'], [1, 0, '–']])('%d of %d is %s', (part, whole, text) =>
    expect(share(part, whole)).toBe(text.includes('<') ? `< 0.01${nb(' %')}` : nb(text)));
});

it('groups counts and shortens them in graph nodes only', () => {
  expect(count(812_004)).toBe('812,004');
  expect([9_999, 812_004, 1_234_567, 999_600].map(shortCount)).toEqual(['9,999', '812k', '1.2M', '1.0M']);
});

it('says rates with what can be read of them', () => {
  expect([2610.4, 37.25, 3.7, 0.041, 0].map(rate)).toEqual(['2,610', '37.3', '3.7', '0.041', '0']);
});

it('says sizes in binary units', () => {
  expect([0, 1, 212, 1024, 8_808_038].map(bytes)).toEqual(['0 bytes', '1 byte', '212 bytes', '1.00 KiB', '8.40 MiB'].map(nb));
});

it('says moments by how far away they are', () => {
  const now = Date.UTC(2026, 10, 28, 2, 5) * 1000;
  expect(moment(Date.UTC(2026, 10, 28, 2, 0, 4) * 1000, now, 'utc')).toBe('02:00:04');
  expect(moment(Date.UTC(2026, 10, 27, 23, 52) * 1000, now, 'utc')).toBe('27 Nov 23:52');
  expect(moment(Date.UTC(2025, 0, 2) * 1000, now, 'utc')).toBe('2 Jan 2025');
  expect(age(3 * 60e6)).toBe(nb('3 m ago').replace(`m${nb(' ')}ago`, 'm ago'));
});

it('leaves out the middle of long names', () => {
  expect(cutMiddle('short', 10)).toBe('short');
  expect(cutMiddle('abcdefghijklmnop', 9)).toBe('abcd…mnop');
});

it('keeps two digits of a bound, and is never above it', () => {
  expect([0, 7, 99, 1_234, 987_654, 1_000_000].map(steady)).toEqual([0, 7, 99, 1_200, 980_000, 1_000_000]);
});
