import { expect, it } from 'vitest';
import { childAt, durationStep, isWhole, lanesIn, pan, placed, placedAt, parseRangeParameter, rangeParameter, within, zoom, type View } from './lanes';

const whole: View = { t0: 0, t1: 100e6, l0: 0, l1: 1000 };

it('zooms around the pointer and never leaves the whole', () => {
  const half = zoom(whole, whole, 0.5, 0.25, 0, false);
  expect(half).toEqual({ t0: 12.5e6, t1: 62.5e6, l0: 0, l1: 1000 });
  expect(zoom(half, whole, 0.5, 0, 1, true)).toEqual({ t0: 12.5e6, t1: 37.5e6, l0: 500, l1: 1000 });
  expect(zoom(half, whole, 10, 0.5, 0.5, true)).toEqual(whole);
  expect(zoom({ t0: 0, t1: 1000, l0: 0, l1: 1 }, whole, 0.1, 0, 0, true)).toEqual({ t0: 0, t1: 1000, l0: 0, l1: 1 });
});

it('pans up to the edges', () => {
  const view = { t0: 10e6, t1: 20e6, l0: 100, l1: 200 };
  expect(pan(view, whole, 5e6, -50)).toEqual({ t0: 15e6, t1: 25e6, l0: 50, l1: 150 });
  expect(pan(view, whole, -50e6, 5000)).toEqual({ t0: 0, t1: 10e6, l0: 900, l1: 1000 });
  expect(within({ t0: -5, t1: 500e6, l0: 0, l1: 5000 }, whole)).toEqual(whole);
  expect(isWhole(whole, { ...whole })).toBe(true);
});

it('stands in an address', () => {
  expect(parseRangeParameter(rangeParameter(5, 17))).toEqual([5, 17]);
  for (const text of [null, '', '5', '7..5', 'a..b']) expect(parseRangeParameter(text)).toBeUndefined();
});

it('steps by multiples of the median, as the server does', () => {
  expect([50, 100, 101, 150, 250, 251, 500, 501].map(us => durationStep(us, 100))).toEqual([0, 0, 1, 1, 2, 3, 3, 4]);
});

it('finds the child below the pointer', () => {
  const lanes = { v: 1, final: true, t0: 0, t1: 100, l0: 0, l1: 2, total: 3, exact: true as const, idx: [7, 8, 9], s: [0, 50, 10], d: [40, 40, 5], lane: [0, 0, 1], st: [1, 1, 1], wait: [0, 0, 0], cold: [0, 0, 0], retries: [0, 0, 0] };
  expect(childAt(lanes, 20, 0, 1)).toBe(0);
  expect(childAt(lanes, 45, 0, 1)).toBeUndefined();
  expect(childAt(lanes, 45, 0, 6)).toBe(1);
  expect(childAt(lanes, 12, 1, 0)).toBe(2);
});

it('children at work have a place in their lane from their start on', () => {
  const lanes = { exact: true, v: 1, final: false, t0: 0, t1: 100, l0: 0, l1: 3, total: 1, idx: [4], s: [0], d: [10], lane: [0], st: [2], wait: [0], cold: [0], retries: [0], running: { idx: [9, 7], s: [20, 50], lane: [0, 2] } } as const;
  expect(placedAt(lanes as never, 5, 0, 0)).toEqual({ idx: 4, s: 0, d: 10, lane: 0, status: 'FAILED' });
  expect(placedAt(lanes as never, 90, 0, 0)).toEqual({ idx: 9, s: 20, d: undefined, lane: 0, status: 'RUNNING' });
  expect(placedAt(lanes as never, 40, 2, 0)).toBeUndefined();
  expect(placed(lanes as never).map(one => one.idx)).toEqual([4, 9, 7]);
  expect(lanesIn(1, lanes.running as never)).toBe(3);
  expect(lanesIn(5, undefined)).toBe(5);
});
