// Random inputs: small documents whose members have few names, so that random paths meet something.
export const NAMES = ['a', 'b', 'c', 'd', 'id', 'name', 'x y', 'true', 'Größe', '1', '10'];

export const WORDS = [
  '', 'a', 'b', 'abc', 'Hello World', 'foo bar  baz', 'aXbXc', '12', '-3.5', '1e3', 'true', 'null', ' pad ', 'tab\tnew\nline',
  'é', 'ß', 'ǅ', 'naïve café', '日本語', '😀', 'a😀b', '𝒳', 'e\u0301', '\u00a0', '"quoted"', "it's", 'back\\slash', 'a/b?c=d&e=f#g',
  '2017-11-07T15:12:37.121Z', '2018-04-01', 'eyJhIjoxfQ==', '%E6%97%A5', '{"a":[1,2]}', 'zebra', 'Apple', 'apple', '\u{ffff}', '0', '007',
];

export const NUMBERS = [
  0, 1, 2, 3, 4, 5, 7, 10, 12, 42, 100, 255, 1000, 1999, 12345, -1, -2, -7, 0.5, 1.5, 2.5, -0.5, -1.5, 3.14159, 0.1, 0.2, 1e-7, 1.005, 99.995,
  1e6, 1e9, 123456789.123, 1e15, 9007199254740991, 1e21, 1.5e300, 1510067557121,
];

export function scalar(random) {
  return random.weighted([
    [5, () => random.pick(NUMBERS)], [5, () => random.pick(WORDS)], [1, () => true], [1, () => false], [1, () => null],
  ])();
}

export function value(random, depth = 3) {
  if (depth <= 0) return scalar(random);
  return random.weighted([
    [3, () => scalar(random)],
    [2, () => list(random, depth)],
    [3, () => record(random, depth)],
  ])();
}

function list(random, depth) {
  return random.weighted([
    [3, () => random.times(0, 4, () => record(random, depth - 1))],
    [2, () => random.times(0, 5, () => random.pick(NUMBERS))],
    [1, () => random.times(0, 4, () => random.pick(WORDS))],
    [2, () => random.times(0, 4, () => value(random, depth - 1))],
  ])();
}

function record(random, depth) {
  return Object.fromEntries(random.times(0, 4, () => [random.pick(NAMES), value(random, depth - 1)]));
}

/** An input: mostly an object, sometimes anything, sometimes undefined. */
export function document(random) {
  if (random.chance(0.04)) return undefined;
  if (random.chance(0.12)) return value(random, 3);
  return Object.fromEntries(['a', 'b', 'c', 'd', ...random.times(0, 2, () => random.pick(NAMES))]
    .filter(() => random.chance(0.85)).map(name => [name, value(random, 3)]));
}
