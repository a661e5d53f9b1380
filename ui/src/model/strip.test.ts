import { expect, it } from 'vitest';
import { medianNear } from './strip';

it('says the median of a bucket in which enough ended, and of its neighbours where too few did', () => {
  expect(medianNear({ ends: [20, 20], p50: [100, 300] })).toEqual([100, 300]);
  expect(medianNear({ ends: [10, 0, 30], p50: [100, 0, 300] })).toEqual([250, 250, 300]);
  expect(medianNear({ ends: [0, 0], p50: [0, 0] })).toEqual([0, 0]);
});
