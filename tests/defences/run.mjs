// Takes each defence of SECURITY.md out and sees that the tests it names fail then.
//
//   node tests/defences/run.mjs [--only PATTERN] [--round N] [--log FILE]
//
// --only: only defences whose name has what the pattern says; --round: those of that round alone. With --log each result goes to FILE, too,
// and what FILE says noticed its defence already is not done again: an interrupted run goes on.
//
// A defence is taken out by a few changes of the sources (defences.json), those of one round at once:
// one build shows many. The sources are as they were afterwards, whatever happens; what is built is
// not until the next build. Where it is to be expected ("hangs") a test that comes to no end has noticed, too.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '..', '..');
const BUILD = 'build/release';
const HANGS_AFTER_MS = 60_000;   // of a test that may
const LIMIT_MS = 600_000;         // of the others
const MEMORY_KIB = 12_000_000;  // of a test without its bounds

const flag = name => { const at = process.argv.indexOf(name); return at < 0 ? '' : process.argv[at + 1]; };
const log = flag('--log');
const noticedBefore = new Set(log && fs.existsSync(log) ? fs.readFileSync(log, 'utf8').split('\n').filter(line => line.startsWith('ok ')) : []);
/** What a result begins with, without its verdict. */
const resultOf = (defence, program, test) => `without "${defence}": ${program === 'e2e' ? 'e2e ' : ''}${test} `;
const isDone = (defence, program, test) => [...noticedBefore].some(line => line.includes(resultOf(defence, program, test)));
const defences = JSON.parse(fs.readFileSync(path.join(here, 'defences.json'), 'utf8'))
  .filter(one => new RegExp(flag('--only')).test(one.defence) && (!flag('--round') || one.round === Number(flag('--round'))))
  .map(one => ({ ...one, tests: one.tests.filter(test => !isDone(one.defence, one.program, test)) }))
  .filter(one => one.tests.length > 0);
const kept = new Map();  // file -> its text

function takeOut({ defence, changes }) {
  for (const { file, find, replace } of changes) {
    const name = path.join(root, file);
    const text = fs.readFileSync(name, 'utf8');
    if (!text.includes(find)) throw new Error(`${defence}: ${file} has no ${JSON.stringify(find)} (any more)`);
    if (!kept.has(name)) kept.set(name, text);
    fs.writeFileSync(name, text.replaceAll(find, () => replace));
  }
}

function putBack() {
  for (const [name, text] of kept) fs.writeFileSync(name, text);
  kept.clear();
}

function build(round) {
  const programs = new Set(round.map(one => one.program === 'e2e' ? 'weft' : one.program));
  const { status, stdout } = spawnSync('cmake', ['--build', BUILD, '--target', ...programs, '--', '-k', '0'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`the sources without these defences do not build:\n${stdout.split('\n').filter(line => /error:|FAILED/.test(line)).join('\n')}`);
}

/** Whether the test fails: 'fails', 'hangs' or 'PASSES'. */
function judge(program, test, mayHang) {
  const [file, title] = test.split(': ');
  const [command, args] = program === 'e2e'
    ? [process.execPath, ['--test', `--test-name-pattern=^${title}$`, `tests/e2e/${file}.test.mjs`]]
    : ['/bin/sh', ['-c', `ulimit -v ${MEMORY_KIB}; exec "$0" "$@"`, `${BUILD}/bin/${program}`, `--gtest_filter=${test}`, '--gtest_fail_fast']];
  return new Promise(resolve => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    let output = '';
    child.stdout.on('data', chunk => { output += chunk; });
    let hangs = false;
    const late = setTimeout(() => { hangs = true; process.kill(-child.pid, 'SIGKILL'); }, mayHang ? HANGS_AFTER_MS : LIMIT_MS);
    child.on('close', code => {
      clearTimeout(late);
      const ran = program === 'e2e' ? !/^# tests 0$/m.test(output) : /\[ RUN/.test(output);
      const skipped = /\[  SKIPPED \]/.test(output);
      resolve(hangs ? (mayHang ? 'hangs' : 'TAKES TOO LONG') : !ran ? 'IS NOT THERE' : skipped ? 'IS SKIPPED HERE' : code === 0 ? 'PASSES' : 'fails');
    });
  });
}

const counts = { passed: 0, failed: 0 };
process.on('exit', putBack);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
for (const number of [...new Set(defences.map(one => one.round))].sort()) {
  const round = defences.filter(one => one.round === number);
  round.forEach(takeOut);
  try {
    build(round);
  } finally {
    putBack();
  }
  for (const { defence, program, tests, hangs } of round) {
    for (const test of tests) {
      const verdict = await judge(program, test, hangs);
      const noticed = verdict === 'fails' || verdict === 'hangs';
      ++counts[noticed ? 'passed' : 'failed'];
      const result = `${noticed ? 'ok  ' : 'FAIL'} ${resultOf(defence, program, test)}${verdict}`;
      console.log(result);
      if (log) fs.appendFileSync(log, `${result}\n`);
    }
  }
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
