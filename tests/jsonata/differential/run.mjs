// Random expressions over random data: our engine against the reference engine, value or error code
// with position, token and message. Differing cases are made shorter and written to
// build/jsonata-differential/.
//
//   node tests/jsonata/differential/run.mjs [--count N] [--seed S] [--weft PROGRAM] [--all] [--keep]
//
// Before them run the cases of cases.jsonl, which differed once. --all makes every differing case
// shorter, not only the first few of a kind. --keep adds the shortened cases to cases.jsonl.
// Ends with "N passed, N failed"; the status is 0 when none differ.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { document } from './data.mjs';
import { Grammar } from './grammar.mjs';
import { Random } from './random.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');
const out = path.join(root, 'build', 'jsonata-differential');
const SHORTENED_OF_A_KIND = 3;
const BATCH = 2000;

if (process.argv.includes('--help') || process.argv.includes('-h')) {
  console.log(fs.readFileSync(fileURLToPath(import.meta.url), 'utf8').match(/^(?:\/\/.*\n)+/)[0].replace(/^\/\/ ?/gm, ''));
  process.exit(0);
}

function option(name, otherwise) {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
}
const count = Number(option('--count', '2000'));
const seed = option('--seed', '1');
const weft = path.resolve(option('--weft', path.join(root, 'build/release/bin/weft')));

/** The reference engine comes from the package registry once. */
function install() {
  const lock = fs.readFileSync(path.join(here, 'package-lock.json'));
  const stamp = path.join(here, 'node_modules', '.weft-lock');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp).equals(lock)) return;
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: here, stdio: 'inherit' });
  fs.writeFileSync(stamp, lock);
}

/** The cases our engine answers otherwise. A batch that ends the program is cut until one case is left. */
function failing(cases) {
  if (cases.length > BATCH) {
    const parts = [];
    for (let at = 0; at < cases.length; at += BATCH) parts.push(...failing(cases.slice(at, at + BATCH)));
    return parts;
  }
  if (!cases.length) return [];
  const file = path.join(out, 'batch.jsonl');
  fs.writeFileSync(file, cases.map((each, index) => JSON.stringify({ ...each, id: String(index), timelimit: 5000 }) + '\n').join(''));
  const run = spawnSync(weft, ['jsonata', '--cases', file, '--failed', '--json'], { encoding: 'utf8', maxBuffer: 1 << 30, timeout: 120_000 });
  const lines = run.stdout.trimEnd().split('\n');
  if (/^\d+ passed, \d+ failed$/.test(lines.at(-1))) {
    return lines.slice(0, -1).map(line => {
      const { id, detail } = JSON.parse(line);
      return { ...cases[Number(id)], detail };
    });
  }
  if (cases.length === 1) return [{ ...cases[0], detail: `the program ended: ${run.signal ?? run.status} ${run.stderr.slice(0, 300)}` }];
  const middle = cases.length >> 1;
  return [...failing(cases.slice(0, middle)), ...failing(cases.slice(middle))];
}

/** Those of the cases that differ from another variant of the reference engine too, where that has an opinion. */
async function against(cases, expectationOf) {
  const again = [];
  for (const each of cases) {
    const expect = await expectationOf(each.expr, each.data);
    if (expect) again.push({ ...each, expect });
  }
  return failing(again);
}

/** Whether the answers are powers that libraries of mathematics round to neighbours. */
function isRounding({ expr, expect, detail }) {
  const got = Number(/got (\S+)$/.exec(detail)?.[1]);
  return /\$power\(/.test(expr) && typeof expect.result === 'number' && Math.abs(got - expect.result) <= 4e-16 * Math.abs(got);
}

/** Whether only the message differs, by a function in an array. */
function showsFunction({ expect, detail }) {
  const got = /^message is '(.*)'$/s.exec(detail)?.[1];
  return got !== undefined && got.replaceAll('""', 'null') === expect.message.replaceAll('""', 'null');
}

async function generate(expectation) {
  const cases = [];
  let refused = 0;
  for (let number = 0; cases.length < count; ++number) {
    const random = new Random(`${seed}/${number}`);
    const data = document(random);
    const expr = new Grammar(random).whole();
    const expect = await expectation(expr, data);
    if (expect) {
      cases.push({ id: `${seed}/${number}`, expr, data, expect });
    } else {
      ++refused;
    }
  }
  return { cases, refused };
}

install();
fs.mkdirSync(out, { recursive: true });
const { expectation, orderedExpectation, checkedExpectation } = await import('./oracle.mjs');
const { classOf, minimise } = await import('./minimise.mjs');
const kept = fs.readFileSync(path.join(here, 'cases.jsonl'), 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line));
const { cases, refused } = await generate(expectation);
const errors = cases.filter(each => each.expect.code).length;
console.log(`${cases.length} cases of seed ${seed}: ${errors} errors, ${cases.filter(each => each.expect.undefined).length} yield nothing; `
  + `${refused} more left out (limits, functions as results, faults of the host)`);
const first = failing([...kept, ...cases]);
const inOrder = await against(first, orderedExpectation);
const unchecked = await against(inOrder, checkedExpectation);
const different = unchecked.filter(each => !isRounding(each) && !showsFunction(each));
if (unchecked.length > different.length) console.log(`${unchecked.length - different.length} differ only in the last digit of a power or in how a message shows a function`);
// All of them are explained in docs/reference/jsonata.md.
if (first.length > inOrder.length) console.log(`${first.length - inOrder.length} differ only in which member of a constructor fails first`);
if (inOrder.length > unchecked.length) console.log(`${inOrder.length - unchecked.length} differ only in that partial applications of library functions check their arguments`);
const kinds = Map.groupBy ? Map.groupBy(different, classOf) : different.reduce((map, each) => map.set(classOf(each), [...(map.get(classOf(each)) ?? []), each]), new Map());
const chosen = [...kinds.values()].flatMap(list => {
  list.sort((a, b) => a.expr.length - b.expr.length);
  return process.argv.includes('--all') ? list : list.slice(0, SHORTENED_OF_A_KIND);
});
const short = await minimise(chosen, failing);
short.sort((a, b) => a.expr.length - b.expr.length);
fs.writeFileSync(path.join(out, `different-${seed}.jsonl`), short.map(each => JSON.stringify(each) + '\n').join(''));
fs.writeFileSync(path.join(out, `all-${seed}.jsonl`), different.map(each => JSON.stringify(each) + '\n').join(''));
if (process.argv.includes('--keep')) {
  const seen = new Set(kept.map(each => each.expr));
  const fresh = short.filter(each => !seen.has(each.expr) && seen.add(each.expr));
  fs.appendFileSync(path.join(here, 'cases.jsonl'), fresh.map(({ expr, data, expect }, index) =>
    JSON.stringify({ id: `kept/${String(kept.length + index + 1).padStart(3, '0')}`, expr, data, expect }) + '\n').join(''));
}
for (const [kind, list] of [...kinds].sort((a, b) => b[1].length - a[1].length)) console.log(`${String(list.length).padStart(5)}  ${kind}`);
for (const each of short) {
  console.log(`FAILED ${each.id} (${classOf(each)})\n  ${each.expr}\n  over ${JSON.stringify(each.data)}\n  expected ${JSON.stringify(each.expect)}\n  ${each.detail}`);
}
if (different.length) console.log(`whole list: ${path.relative(root, out)}/all-${seed}.jsonl`);
const failed = different.length;
console.log(`${kept.length + cases.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
