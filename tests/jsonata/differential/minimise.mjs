// Makes differing cases shorter: drops runs of tokens and replaces brackets by what is in them, as
// long as the engines still differ in the same way.
import { checkedExpectation } from './oracle.mjs';

const tokensOf = text => text.match(/\$?[\p{L}\p{N}_]+|"(?:\\.|[^"\\])*"|'[^']*'|`[^`]*`|\s+|:=|\.\.|~>|!=|<=|>=|\?\?|\?:|./gsu) ?? [];

function shorter(text) {
  const tokens = tokensOf(text);
  const texts = new Set();
  for (let length = Math.min(tokens.length - 1, 24); length > 0; --length) {
    for (let at = 0; at + length <= tokens.length; ++at) {
      texts.add([...tokens.slice(0, at), ...tokens.slice(at + length)].join('').trim());
    }
  }
  const open = [];
  tokens.forEach((token, at) => {
    if ('([{'.includes(token)) open.push(at);
    if (!')]}'.includes(token) || !open.length) return;
    const start = open.pop();
    const inside = tokens.slice(start + 1, at);
    texts.add(inside.join('').trim());
    texts.add([...tokens.slice(0, start), ...inside, ...tokens.slice(at + 1)].join('').trim());
    texts.add(tokens.slice(0, at + 1).join(''));
    texts.add(tokens.slice(start).join(''));
  });
  tokens.forEach((token, at) => {
    if (/^"..+"$/su.test(token)) texts.add([...tokens.slice(0, at), '"a"', ...tokens.slice(at + 1)].join(''));
    if (/^\d\d+$/.test(token)) texts.add([...tokens.slice(0, at), '1', ...tokens.slice(at + 1)].join(''));
  });
  texts.delete(text);
  texts.delete('');
  return [...texts].filter(each => each.length < text.length).sort((a, b) => a.length - b.length);
}

function* smaller(data) {
  if (Array.isArray(data)) {
    for (let i = 0; i < data.length; ++i) {
      yield [...data.slice(0, i), ...data.slice(i + 1)];
      for (const item of smaller(data[i])) yield [...data.slice(0, i), item, ...data.slice(i + 1)];
    }
  } else if (data && typeof data === 'object') {
    for (const key of Object.keys(data)) {
      const { [key]: member, ...rest } = data;
      yield rest;
      for (const value of smaller(member)) yield { ...data, [key]: value };
    }
  }
  if (data !== null && typeof data === 'object') yield 1;
}

/** How two answers differ, so that a shorter case shows the same difference. */
export function classOf({ expect, detail }) {
  const wanted = expect.code ?? (expect.undefined ? 'nothing' : 'a value');
  const raised = /raised (\w*)/.exec(detail)?.[1];
  const field = /^(token|message|position|value|functionName) is/.exec(detail)?.[1];
  const got = raised !== undefined ? raised || 'a bound' : field ?? (/got undefined$/.test(detail) ? 'nothing' : 'a value');
  return `${wanted} / ${got}`;
}

/** `failing(cases)` gives those of the cases that differ, with `detail`. */
export async function minimise(cases, failing, rounds = 12, breadth = 400) {
  let current = cases.map(each => ({ ...each, done: false }));
  for (let round = 0; round < rounds && current.some(each => !each.done); ++round) {
    const tries = [];
    for (const [index, each] of current.entries()) {
      if (each.done) continue;
      const candidates = [
        ...(each.data === undefined ? [] : [...smaller(each.data)].slice(0, 60).map(data => ({ expr: each.expr, data }))),
        ...shorter(each.expr).slice(0, breadth).map(expr => ({ expr, data: each.data })),
      ];
      for (const candidate of candidates) {
        const expect = await checkedExpectation(candidate.expr, candidate.data);
        if (expect) tries.push({ ...candidate, expect, id: `${index}` });
      }
    }
    const size = each => each.expr.length * 4 + (JSON.stringify(each.data)?.length ?? 0);
    const best = new Map();
    for (const found of failing(tries)) {
      const origin = current[Number(found.id)];
      if (classOf(found) !== classOf(origin)) continue;
      if (size(found) < size(best.get(found.id) ?? origin)) best.set(found.id, found);
    }
    current = current.map((each, index) => {
      const found = best.get(String(index));
      return found ? { ...found, id: each.id, done: false } : { ...each, done: true };
    });
  }
  return current.map(({ done, ...each }) => each);
}
