import { expect, it } from 'vitest';
import { jsonataPath, jsonPath, matchesIn } from './json_path';

it('writes paths as both languages read them', () => {
  expect(jsonataPath(['a', 'b', 0, 'two words', 'and'])).toBe('a.b[0].`two words`.`and`');
  expect(jsonataPath([3, 'x'])).toBe('$[3].x');
  expect(jsonataPath([])).toBe('$');
  expect(jsonPath(['a', 0, "it's", 'b'])).toBe("$.a[0]['it\\'s'].b");
  expect(jsonPath([])).toBe('$');
});

it('finds names and values, so many at most', () => {
  const value = { Key: 'a/b.tif', list: [{ key: 1 }, { other: 'KEY' }], n: 17 };
  expect(matchesIn(value, 'key', 10).found.map(one => jsonPath(one.path))).toEqual(['$.Key', '$.list[0].key', '$.list[1].other']);
  expect(matchesIn(value, '17', 10).found.map(one => jsonPath(one.path))).toEqual(['$.n']);
  expect(matchesIn(value, 'key', 2)).toMatchObject({ more: true, found: [{}, {}] });
});
