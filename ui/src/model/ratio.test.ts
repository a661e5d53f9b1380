import { expect, test } from 'vitest';
import { ratioText } from './ratio';

test('a ratio is a factor, or the same, or nothing', () => {
  expect(ratioText(2, 3)).toBe('1.5 ×');
  expect(ratioText(1000, 1004)).toBe('the same');
  expect(ratioText(0, 0)).toBe('the same');
  expect(ratioText(0, 3)).toBe('');
  expect(ratioText(1, 12345)).toBe('12,300 ×');
});
