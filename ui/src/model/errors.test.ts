import { expect, it } from 'vitest';
import { groupsIn, unnamed } from './errors';

it('asks for the names of groups that nobody told, each once, and of none that is no id', () => {
  const known = new Map([['7', 'S3.SlowDown']]);
  expect(unnamed(['9', '7', '9', '0', 'PictureError', '12'], known)).toEqual(['12', '9']);
  expect(unnamed(Array.from({ length: 300 }, (_, i) => String(i + 1_000)), known)).toHaveLength(100);
  expect(groupsIn(['err:7,9', 'dur:>2s', 'err:PictureError'])).toEqual(['7', '9', 'PictureError']);
});
