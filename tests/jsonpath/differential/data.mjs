// Random documents as JSON texts: few names, so that paths meet them, and numbers in many spellings.
export const NAMES = ['a', 'b', 'c', 'd', 'v', 'items', 'a b', 'x-y', 'é', '$', '0', '1', 'length', '*', 'null', '@', 'a.b', '名'];
export const TEXTS = ['', 'a', 'b', 'abc', 'A', '1', '1.0', '10', 'true', 'null', 'x y', '2020-01-01', 'é', '\u{1F600}', '\uffff', ' ', 'a(b', '(a)', '[0]', "\\'"];
const NUMBERS = ['0', '1', '2', '-1', '1.0', '1.50', '1e2', '1E+2', '1e-7', '-0', '0.1', '10', '100', '1e7', '12345678.9', '9007199254740993', '9223372036854775807', '9223372036854775808',
  '123456789012345678901234567890', '-2147483648', '0.30000000000000004', '5e-324', '1e22'];

/** A JSON text. Names come first where one of `names` weights is higher. */
export function document(random, depth = 0) {
  const kind = random.weighted([
    [depth > 3 ? 0 : 5, 'object'], [depth > 3 ? 0 : 5, 'array'], [depth === 0 ? 0.3 : 3, 'number'], [depth === 0 ? 0.3 : 3, 'text'],
    [depth === 0 ? 0.1 : 1, 'word'],
  ]);
  if (kind === 'object') return object(random, depth);
  if (kind === 'array') return array(random, depth);
  if (kind === 'number') return random.pick(NUMBERS);
  if (kind === 'text') return JSON.stringify(random.pick(TEXTS));
  return random.pick(['true', 'false', 'null']);
}

function object(random, depth) {
  const names = new Set(random.times(0, 4, () => random.weighted([[4, () => random.pick(NAMES.slice(0, 6))], [1, () => random.pick(NAMES)]])()));
  return `{${[...names].map(name => `${JSON.stringify(name)}:${document(random, depth + 1)}`).join(',')}}`;
}

/** Half of them hold objects that are alike, as tables do. */
function array(random, depth) {
  if (random.chance(0.5)) return `[${random.times(0, 4, () => document(random, depth + 1)).join(',')}]`;
  const names = random.times(1, 3, () => random.pick(NAMES.slice(0, 6)));
  return `[${random.times(1, 4, () => `{${[...new Set(names)].filter(() => random.chance(0.85))
    .map(name => `${JSON.stringify(name)}:${document(random, depth + 2)}`).join(',')}}`).join(',')}]`;
}
