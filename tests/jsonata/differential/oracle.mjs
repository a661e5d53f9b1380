// What the reference engine makes of an expression, in the form of a suite case's `expect`.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import vm from 'node:vm';
import { NAMES_OF_FUNCTIONS } from './functions.mjs';

const require = createRequire(import.meta.url);
const reference = require('jsonata');

// The reference starts all members of a constructor at once, so of two that fail, the one with fewer
// turns of the event loop before its error wins. The same engine with the members one after the other
// tells whether that alone makes a difference.
const ordered = patched([
  [/Promise\.all\(expr\.expressions\s*\.map\(async/, 'inOrder(expr.expressions, (async'],
  [/Promise\.all\(utils\.keys\(groups\)\.map\(async/, 'inOrder(utils.keys(groups), (async'],
]);

function patched(replacements) {
  let source = fs.readFileSync(require.resolve('jsonata'), 'utf8');
  for (const [from, to] of replacements) {
    if (!from.test(source)) throw new Error(`the reference engine has no ${from}`);
    source = source.replace(from, to);
  }
  const inOrder = 'async function inOrder(list, f) { const out = []; for (let i = 0; i < list.length; ++i) out.push(await f(list[i], i)); return out; }';
  const module = { exports: {} };
  vm.runInThisContext(`(function (module, exports, require) { ${inOrder}\n${source}\n})`, { filename: 'jsonata-in-order.js' })(module, module.exports, require);
  return module.exports;
}

const LIMITS = { timeout: 2000, stack: 400, sequence: 100_000 };
const LIMIT_CODES = new Set(['D1011', 'D1012', 'D2015']);

// The engine notes on a library function itself where it was last called, and errors raised without a
// call of their own ($map(x, $sum), x ~> $sum) tell that place even when it was in another expression.
const library = (await Promise.all([reference, ordered].map(jsonata =>
  Promise.all(NAMES_OF_FUNCTIONS.map(name => jsonata(`$${name}`).evaluate()))))).flat();
function forgetCalls() {
  for (const each of library) {
    delete each.token;
    delete each.position;
  }
}

/** JSON as the suite has it: a function prints as "", and a sequence is an array. */
function plain(value) {
  if (value && typeof value === 'object' && (value._jsonata_lambda || value._jsonata_function)) return '';
  if (typeof value === 'function') return '';
  if (Array.isArray(value)) return Array.from(value, plain);
  if (value instanceof RegExp) return '';
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return value;
}

/** What the reference answers when it evaluates the members of constructors in order. */
export const orderedExpectation = (expr, data) => expectation(expr, data, ordered);

/** null: the reference has no opinion (it hit a limit, or a fault of JavaScript came through). */
export async function expectation(expr, data, jsonata = reference) {
  let value;
  forgetCalls();
  try {
    value = await jsonata(expr, LIMITS).evaluate(data === undefined ? undefined : JSON.parse(JSON.stringify(data)));
  } catch (error) {
    if (typeof error.code !== 'string' || !/^[STDU]\d{4}$/.test(error.code) || LIMIT_CODES.has(error.code)) return null;
    const wanted = {
      code: error.code, position: error.position ?? 0, token: error.token === undefined ? '' : String(error.token), message: error.message,
    };
    if (/_jsonata_(?:function|lambda)/.test(wanted.message)) delete wanted.message;  // insides of the engine
    return wanted;
  }
  if (value === undefined) return { undefined: true };
  try {
    value = plain(value);
    if (typeof value === 'number' && !Number.isFinite(value)) return null;
    const text = JSON.stringify(value);
    if (text === undefined || text.length > 100_000 || (value === '' && text === '""' && /function|λ|\$/.test(expr) && await isFunction(expr, data, jsonata))) return null;
    return { result: value };
  } catch {
    return null;  // cyclic
  }
}

async function isFunction(expr, data, jsonata) {
  const value = await jsonata(expr).evaluate(data === undefined ? undefined : JSON.parse(JSON.stringify(data)));
  return typeof value !== 'string';
}
