// Random paths over random documents: our engine against Jayway JsonPath 2.0.0 itself, the library
// that AWS's answers agree with. Compared are what is refused, definiteness, values with the order
// of their members, kinds of errors and the messages that AWS shows.
//
//   node tests/jsonpath/differential/run.mjs [--count N] [--seed S] [--weft PROGRAM]
//
// Needs a JDK, libjsonpath-java and libjackson2-databind-java (Debian); says how many cases did not
// run where they are missing. Differing cases are written to build/jsonpath-differential/. Ends with
// "N passed, N failed"; the status is 0 when none differ.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Random } from '../../jsonata/differential/random.mjs';
import { document } from './data.mjs';
import { Grammar } from './grammar.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../../..');
const out = path.join(root, 'build', 'jsonpath-differential');
const JARS = '/usr/share/java';
const CLASS_PATH = ['json-path', 'json-smart', 'accessors-smart', 'asm', 'slf4j-api', 'slf4j-nop', 'jackson-databind', 'jackson-core', 'jackson-annotations']
  .map(name => path.join(JARS, `${name}.jar`));
const SHOWN = 20;

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

/** Why the library cannot be run; undefined when it can. */
function missing() {
  if (spawnSync('javac', ['-version']).status !== 0) return 'no javac (default-jdk-headless)';
  const jar = CLASS_PATH.find(each => !fs.existsSync(each));
  return jar && `no ${jar} (libjsonpath-java, libjackson2-databind-java)`;
}

function check(result, what) {
  if (result.status === 0) return result.stdout;
  console.log(`${what} failed: ${result.error ?? result.signal ?? result.stderr.slice(0, 1000)}`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

/** The cases with what the library answers; those it takes too long for are left out. */
function answered(cases) {
  const options = { encoding: 'utf8', maxBuffer: 1 << 30, timeout: 600_000 };
  check(spawnSync('javac', ['-cp', CLASS_PATH.join(':'), '-d', out, path.join(here, 'Oracle.java')], options), 'javac');
  const input = cases.map(each => JSON.stringify(each) + '\n').join('');
  const lines = check(spawnSync('java', ['-cp', [...CLASS_PATH, out].join(':'), 'Oracle'], { ...options, input }), 'the library');
  return lines.trimEnd().split('\n').map(line => JSON.parse(line)).filter(each => !each.timeout);
}

/** Differences that docs/reference/jsonpath.md explains. */
function isExplained({ error }) {
  // Stack overflows and the like say nothing about the language.
  return error !== undefined && /Error$/.test(error.class);
}

const reason = missing();
if (reason) {
  console.log(`${count} cases did not run: ${reason}`);
  console.log('0 passed, 0 failed');
  process.exit(0);
}
fs.mkdirSync(out, { recursive: true });
const generated = Array.from({ length: count }, (_, number) => {
  const random = new Random(`${seed}/${number}`);
  return { id: `${seed}/${number}`, path: new Grammar(random).whole(), document: document(random) };
});
const all = answered(generated);
const cases = all.filter(each => !isExplained(each));
const refused = cases.filter(each => each.definite === null).length;
const failing = cases.filter(each => each.error && each.definite !== null).length;
console.log(`${cases.length} cases of seed ${seed}: ${refused} paths refused, ${failing} fail, ${cases.filter(each => each.result === '[]').length} find an empty array; ${count - cases.length} left out`);
const file = path.join(out, 'cases.jsonl');
fs.writeFileSync(file, cases.map(each => JSON.stringify(each) + '\n').join(''));
const run = spawnSync(weft, ['jsonpath', '--cases', file, '--failed', '--json'], { encoding: 'utf8', maxBuffer: 1 << 30, timeout: 600_000 });
const lines = run.stdout?.trimEnd().split('\n') ?? [''];
const total = /^(\d+) passed, (\d+) failed$/.exec(lines.at(-1));
if (!total) {
  console.log(`the program ended: ${run.error ?? run.signal ?? run.status} ${run.stderr?.slice(0, 500)}`);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
const byId = new Map(cases.map(each => [each.id, each]));
const different = lines.slice(0, -1).map(line => JSON.parse(line)).map(({ id, detail }) => ({ ...byId.get(id), detail }));
different.sort((a, b) => a.path.length + a.document.length - b.path.length - b.document.length);
fs.writeFileSync(path.join(out, `different-${seed}.jsonl`), different.map(each => JSON.stringify(each) + '\n').join(''));
for (const each of different.slice(0, SHOWN)) console.log(`FAILED ${each.id}\n  ${each.path}\n  over ${each.document}\n  ${each.detail}`);
if (different.length) console.log(`whole list: ${path.relative(root, out)}/different-${seed}.jsonl`);
console.log(lines.at(-1));
process.exit(different.length ? 1 : 0);
