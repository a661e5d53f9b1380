// What the reference engine makes of an expression, in the form of a suite case's `expect`.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import vm from 'node:vm';
import { NAMES_OF_FUNCTIONS } from './functions.mjs';

const require = createRequire(import.meta.url);

// With a time zone that is no number, the reference computes on with NaN. Here that is a fault.
const ZONE = [/const offset = parseInt\(timezone\);/, "const offset = parseInt(timezone); if (Number.isNaN(offset)) throw new Error('a time zone that is no number');"];
// The clock of `weft jsonata --cases`.
const CLOCK = [/new Date\(\)/g, 'new Date(1700000000000)'];
// An object constructor over an empty array leaves a hole in that array, to be seen in its results.
const HOLE = [/input\.push\(undefined\);/, 'input = [undefined];'];
// A function counts as an object that can be merged, with the engine's insides.
const UPDATE = [/updateType !== 'object' \|\| update === null/, "updateType !== 'object' || update?._jsonata_lambda || update?._jsonata_function || update === null"];
// The engine notes on a library function itself where it was last called, and errors of calls that have
// no place of their own (x ~> $sum, $map(x, $sum)) tell that place.
const forget = call => `(delete ${call}.token, delete ${call}.position)`;
const PLACES = [
  [/result = await apply\(func, \[lhs\], null, environment\);/, `if (func._jsonata_function) ${forget('func')}; $&`],
  [/return await apply\(arg, params, null, environment\);/, `if (arg._jsonata_function) ${forget('arg')}; $&`],
];
// An array can be updated too: it gets members with names.
const ARRAY = [/match\[prop\] = update\[prop\];/, "if (Array.isArray(match)) throw new Error('an array with members'); $&"];
const COMMON = [ARRAY, ZONE, CLOCK, HOLE, UPDATE, ...PLACES];
const reference = patched(COMMON);

// The reference starts all members of a constructor at once, so of two that fail, the one with fewer
// turns of the event loop before its error wins. The same engine with the members one after the other
// tells whether that alone makes a difference.
const IN_ORDER = [...COMMON,
  [/Promise\.all\(expr\.expressions\s*\.map\(async/, 'inOrder(expr.expressions, (async'],
  [/Promise\.all\(utils\.keys\(groups\)\.map\(async/, 'inOrder(utils.keys(groups), (async'],
];
const ordered = patched(IN_ORDER);

// A partial application of a library function forgets the function's signature in the reference, so
// that what a wrong argument gives is up to JavaScript. This one keeps it, as lambdas and we do.
const checked = patched([...IN_ORDER,
  [/result = partialApplyNativeFunction\(proc\.implementation, evaluatedArgs, environment\);/, 'result = checkedPartial(proc, evaluatedArgs.map(arg => (isFunction(arg) ? closure(arg, getFunctionArity(arg), apply, environment) : arg)), apply);'],
]);

function patched(replacements) {
  let source = fs.readFileSync(require.resolve('jsonata'), 'utf8');
  for (const [from, to] of replacements) {
    if (!from.test(source)) throw new Error(`the reference engine has no ${from}`);
    source = source.replace(from, to);
  }
  const added = `
    async function inOrder(list, f) { const out = []; for (let i = 0; i < list.length; ++i) out.push(await f(list[i], i)); return out; }
    function closure(target, arity, apply, environment) {
      const called = async (...given) => await apply(target, given, null, environment);
      return Object.assign(called, { arity });
    }
    function checkedPartial(target, given, apply) {
      const isOpen = argument => argument && argument.type === 'operator' && argument.value === '?';
      const implementation = async function (...rest) {
        return await apply(target, given.map(argument => (isOpen(argument) ? rest.shift() : argument)), this.input, this.environment);
      };
      return { _jsonata_function: true, implementation, arity: given.filter(isOpen).length };
    }`;
  const module = { exports: {} };
  vm.runInThisContext(`(function (module, exports, require) { ${added}\n${source}\n})`, { filename: 'jsonata-in-order.js' })(module, module.exports, require);
  return module.exports;
}

const LIMITS = { timeout: 2000, stack: 400, sequence: 100_000 };
const LIMIT_CODES = new Set(['D1011', 'D1012', 'D2015']);

// What earlier expressions noted on library functions.
const library = (await Promise.all([reference, ordered, checked].map(jsonata =>
  Promise.all(NAMES_OF_FUNCTIONS.map(name => jsonata(`$${name}`).evaluate()))))).flat();
function forgetCalls() {
  for (const each of library) {
    delete each.token;
    delete each.position;
  }
}

/** JSON as the suite has it: a sequence is an array. Throws when a function is in it. */
function plain(value) {
  if (typeof value === 'function' || value?._jsonata_lambda || value?._jsonata_function) throw new TypeError('a function has no JSON');
  if (Array.isArray(value)) return Array.from(value, plain);
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return value;
}

/** What the reference answers when it evaluates the members of constructors in order. */
export const orderedExpectation = (expr, data) => expectation(expr, data, ordered);

/** The same, with partial applications of library functions that check their arguments. */
export const checkedExpectation = (expr, data) => expectation(expr, data, checked);

// A copy of the left side of ?: and ?? decides; in it, regular expressions and signatures are broken.
const COPY_DECIDES = /(?:\/|>\{)[^;]*(?:\?:|\?\?)/;

/** null: the reference has no opinion (it hit a limit, or a fault of JavaScript came through). */
export async function expectation(expr, data, jsonata = reference) {
  if (COPY_DECIDES.test(expr)) return null;
  let value;
  forgetCalls();
  try {
    value = await jsonata(expr, LIMITS).evaluate(data === undefined ? undefined : JSON.parse(JSON.stringify(data)));
  } catch (error) {
    if (typeof error.code !== 'string' || !/^[STDU]\d{4}$/.test(error.code) || LIMIT_CODES.has(error.code)) return null;
    const wanted = {
      code: error.code, position: error.position ?? 0, token: error.token === undefined ? '' : String(error.token), message: error.message,
    };
    // The insides of the engine, and members in JavaScript's order instead of the one written.
    if (/_jsonata_(?:function|lambda)|async (?:function|\(\.)|"\d+":/.test(wanted.message)) delete wanted.message;
    return wanted;
  }
  if (value === undefined) return { undefined: true };
  try {
    value = plain(value);
    if (typeof value === 'number' && !Number.isFinite(value)) return null;
    // Numbers that are not finite are written as Step Functions does, by their names.
    const text = JSON.stringify(value, (_, each) => (typeof each === 'number' && !Number.isFinite(each) ? String(each) : each));
    if (/NaN|async (?:function|\()/.test(text)) return null;  // computed with something that is no number or no text
    if (text === undefined || text.length > 100_000) return null;
    return { result: JSON.parse(text) };
  } catch {
    return null;  // cyclic, or with a function in it
  }
}
