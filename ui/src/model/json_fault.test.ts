import { expect, test } from 'vitest';
import { jsonFault } from './json_fault';

const GOOD = ['{}', ' [1, -2.5e3, 0] ', '"a\\u00e9\\n"', 'null', '{"a":{"b":[true,false,null,"x"]}}', '12345678901234567890'];
const BAD: [string, number, number, RegExp][] = [
  ['', 1, 1, /ends/], ['{', 1, 2, /name/], ['{"a" 1}', 1, 6, /":"/], ['[1 2]', 1, 4, /","/], ['{"a":1,}', 1, 8, /name/], ['{\n  "a": tru\n}', 2, 8, /value/], ['[1] 2', 1, 5, /nothing more/], ['"a\nb"', 1, 1, /closing/], ['01', 1, 2, /nothing more/], ["{'a':1}", 1, 2, /name/],
];

test('what is JSON has no fault, as the browser sees it', () => {
  for (const text of GOOD) {
    expect(jsonFault(text), text).toBeUndefined();
    JSON.parse(text);
  }
});

test('a fault has a place and says what was expected', () => {
  for (const [text, line, column, said] of BAD) {
    expect(() => JSON.parse(text)).toThrow();
    const fault = jsonFault(text);
    expect([fault?.line, fault?.column], text).toEqual([line, column]);
    expect(fault?.text).toMatch(said);
  }
});

test('mutations of JSON are judged as the browser does', () => {
  const source = '{"key":[1,2.5,-3e2,"text \\"quoted\\"",null,true],"other":{"deep":{}}}';
  let seed = 7;
  const random = (n: number): number => {
    seed = (seed * 48271) % 2147483647;
    return seed % n;
  };
  const letters = '{}[]",:0123456789.-eE \\ntrufalsn';
  for (let round = 0; round < 1500; round++) {
    let text = source;
    for (let change = 0; change <= random(3); change++) {
      const at = random(text.length);
      text = text.slice(0, at) + (random(2) ? letters[random(letters.length)] : '') + text.slice(at + random(2));
    }
    let parses = true;
    try {
      JSON.parse(text);
    } catch {
      parses = false;
    }
    expect(jsonFault(text) === undefined, text).toBe(parses);
  }
});
