// Runs the suites of the repository, prints a table and, as the last line, "N passed, N failed".
//
//   node tests/run.mjs [--only SUITE[,SUITE]] [--file TEXT]
//
// A suite is a list of commands; the counts come from what each command prints (gtest, node:test, or
// a line "N passed, N failed"). A command that fails without saying which test failed counts as one
// failure, and so does one whose program is missing: nothing is skipped in silence.
//
// After the release build come the suites that mostly wait (`waits`), in turn, and beside them, at a lower
// priority, those that compute: the sanitizers' build and what it makes, longest first. What has threads
// runs when the waiting ones are done, so that nothing that could take its time for a fault is starved.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const logs = path.join(root, 'build', 'test-logs');
const shared = path.resolve(process.env.WEFT_SHARED ?? '../shared');
process.env.WEFT_SHARED = shared;
const cores = os.cpus().length;
const LIMIT_MINUTES = 30;  // for one command
const BESIDE_LIMIT_MINUTES = 90;  // for one that takes what the others leave

function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}
const only = option('--only')?.split(',');
const file = option('--file') ?? '';

// ------------------------------------------------------------------------------ running commands
/** Runs `command`; resolves to {code, output} with stdout and stderr together. `beside`: on what others leave of the cores. Never rejects. */
function run(command, args, { beside = false, ...options } = {}) {
  return new Promise(resolve => {
    const chunks = [];
    const minutes = beside ? BESIDE_LIMIT_MINUTES : LIMIT_MINUTES;
    const [program, ...rest] = beside ? ['nice', '-n', '10', command, ...args] : [command, ...args];
    const child = spawn(program, rest, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const late = setTimeout(() => {
      chunks.push(Buffer.from(`\nerror: killed after ${minutes} minutes\n`));
      child.kill('SIGKILL');
    }, minutes * 60_000);
    child.stdout.on('data', chunk => chunks.push(chunk));
    child.stderr.on('data', chunk => chunks.push(chunk));
    child.on('error', error => chunks.push(Buffer.from(`${command}: ${error.message}\n`)));
    child.on('close', code => {
      clearTimeout(late);
      // Some colour what they print wherever CI is set.
      resolve({ code: code ?? 1, output: stripVTControlCharacters(Buffer.concat(chunks).toString()) });
    });
  });
}

const number = (text, pattern) => Number(pattern.exec(text)?.[1] ?? 0);

/** What a command's output says about its tests. */
function count({ code, output }) {
  let counts;
  const sums = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)];
  if (sums.length) {
    counts = { passed: Number(sums.at(-1)[1]), failed: Number(sums.at(-1)[2]), skipped: 0 };
  } else if (/^\[==========\] \d+ tests? from/m.test(output)) {
    counts = {
      passed: number(output, /^\[ {2}PASSED {2}\] (\d+) test/m),
      failed: number(output, /^\[ {2}FAILED {2}\] (\d+) test/m),
      skipped: number(output, /^\[ {2}SKIPPED \] (\d+) test/m),
    };
  } else if (/^ +Tests +\d+ /m.test(output)) {  // vitest
    counts = { passed: number(output, /^ +Tests .*?(\d+) passed/m), failed: number(output, /^ +Tests .*?(\d+) failed/m), skipped: number(output, /^ +Tests .*?(\d+) skipped/m) };
  } else if (/^# pass \d+/m.test(output)) {
    counts = {
      passed: number(output, /^# pass (\d+)/m),
      failed: number(output, /^# fail (\d+)/m) + number(output, /^# cancelled (\d+)/m),
      skipped: number(output, /^# skipped (\d+)/m),
    };
  } else {
    counts = { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
  }
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

// ------------------------------------------------------------------------------------- the suites
/** The programs ctest knows in a build directory. */
async function ctestCommands(directory) {
  const { code, output } = await run('ctest', ['--test-dir', directory, '--show-only=json-v1']);
  if (code !== 0) return [{ name: 'ctest', argv: ['false'] }];
  const tests = JSON.parse(output.slice(output.indexOf('{'))).tests;
  return tests.map(test => {
    const property = name => test.properties?.find(each => each.name === name)?.value;
    const env = Object.fromEntries((property('ENVIRONMENT') ?? []).map(setting => setting.split(/=(.*)/s).slice(0, 2)));
    const threads = property('LABELS')?.includes('threads') && test.name !== 'store';  // whose threads wait for none that is slow
    return { name: test.name, argv: test.command ?? ['false'], cwd: property('WORKING_DIRECTORY'), env, threads };
  });
}

async function build(preset, targets = [], options = {}) {
  const configure = await run('cmake', ['--preset', preset, '--log-level=WARNING', '-Wno-dev'], options);
  if (configure.code !== 0) return configure;
  return run('cmake', ['--build', `build/${preset}`, ...targets.flatMap(target => ['--target', target])], options);
}

let lastInstalled = Promise.resolve();
const installed = new Map();
/** npm ci in `directory` when its lock file changed since the last time; one after the other, each once. */
function npmCi(directory) {
  if (!installed.has(directory)) installed.set(directory, lastInstalled = lastInstalled.then(() => npmCiNow(directory)));
  return installed.get(directory);
}

async function npmCiNow(directory) {
  const lock = fs.readFileSync(path.join(directory, 'package-lock.json'));
  const stamp = path.join(directory, 'node_modules', '.weft-lock');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp).equals(lock)) return { code: 0, output: '' };
  const result = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: directory });
  if (result.code === 0) fs.writeFileSync(stamp, lock);
  return result;
}

/** The test files of a folder. */
function nodeTests(folder) {
  return fs.readdirSync(folder).filter(name => name.endsWith('.test.mjs') && name.includes(file))
    .map(name => ({ name: name.replace('.test.mjs', ''), argv: ['node', '--test-reporter=tap', `${folder}/${name}`] }));
}

const sim = preset => [{ name: 'sim', argv: [`build/${preset}/bin/sim`, '--seeds', preset === 'release' ? '1000' : '200'] }];

// A fault planted in the runtime, one seed a command: the simulator must report it.
const plantedBug = preset => [{
  name: 'planted-bug',
  argv: [`build/${preset}/bin/sim`, '--seeds', '20', '--break', 'release-before-commit'],
  counts: ({ output }) => {
    const caught = /^\d+ passed, [1-9]\d* failed$/m.test(output) && /^seed \d+: .*durable/m.test(output);
    return { passed: caught ? 1 : 0, failed: caught ? 0 : 1, skipped: 0 };
  },
}];

const TELEMETRY = ['datadog', 'opentelemetry', 'http'];  // each with packages of its own; instrument uses datadog's

let functionsInstalled;
/** Builds AWS's runtime client, mostly on one core: begun before the first build, awaited by the tests that call it. */
function testFunctions() {
  functionsInstalled ??= run('tests/functions/setup.sh', []);
  return functionsInstalled;
}

/**
 * Builds the unit tests, only once and for the sanitizers: their defects count more than the seconds of a faster run, and what
 * the release build might do otherwise the simulator, the end-to-end tests and the differentials see.
 */
const buildChecks = options => build('asan', ['checks'], options);

// 256 MiB of what was freed, as it is by itself, are more than the caches hold: the tests take a tenth more of the cores.
const FREED_FOR_A_WHILE = 'quarantine_size_mb=16:thread_local_quarantine_size_kb=128:malloc_context_size=10';

// What takes longest: begun first, or the other lanes would be idle at the end.
const LONGEST = ['ui/editor', 'e2e/terminal', 'unit/store', 'unit/columns', 'unit/sim', 'unit/jsonata'];

/** The smaller, the earlier. */
function rank({ of, name }) {
  const at = LONGEST.indexOf(`${of.name}/${name}`);
  return at < 0 ? LONGEST.length : at;
}

const suites = [
  { name: 'build', first: true, prepare: () => build('release'), commands: () => [] },
  { name: 'unit-build', prepare: buildChecks, commands: () => [] },
  {
    name: 'unit',
    prepare: testFunctions,
    commands: async () => [...await ctestCommands('build/asan'), ...sim('asan')]
      .map(command => ({ ...command, env: { ASAN_OPTIONS: FREED_FOR_A_WHILE, ...process.env, ...command.env } })),
  },
  { name: 'sim', commands: () => [...sim('release'), ...plantedBug('release')] },
  // Tells how long frames take: nothing runs beside it.
  { name: 'ui-scale', first: true, packages: ['ui', 'tests/ui'], commands: () => nodeTests('tests/ui').filter(({ name }) => name === 'scale') },
  {
    name: 'e2e',
    waits: true,
    lanes: 2,
    packages: ['tests/e2e', 'examples/watermark/function'],
    commands: () => nodeTests('tests/e2e'),
  },
  {
    name: 'telemetry',
    waits: true,
    lanes: 1,
    packages: TELEMETRY.map(name => `tests/telemetry/${name}`),
    commands: () => [...TELEMETRY, 'instrument'].map(name => ({
      name, argv: ['node', '--test-reporter=tap', `tests/telemetry/${name}.test.mjs`],
    })),
  },
  {
    name: 'ui',
    waits: true,
    lanes: 2,
    packages: ['ui', 'tests/ui'],
    commands: () => [
      { name: 'types', argv: ['npm', '--prefix', 'ui', 'run', 'check'] },
      { name: 'unit', argv: ['npm', '--prefix', 'ui', 'test'] },
      { name: 'dist', argv: ['node', 'ui/check_dist.mjs'] },
      ...nodeTests('tests/ui').filter(({ name }) => name !== 'scale'),
    ],
  },
  { name: 'recordings', waits: true, commands: () => [{ name: 'replay', argv: ['node', 'tests/recordings/run.mjs'] }] },
  { name: 'definitions', waits: true, commands: () => ['real', 'convert'].map(name => ({ name, argv: ['node', `tests/definitions/${name}.mjs`] })) },
  { name: 'jsonata', commands: () => [{ name: 'differential', argv: ['node', 'tests/jsonata/differential/run.mjs', '--count', '20000'] }] },
  { name: 'jsonpath', commands: () => [{ name: 'differential', argv: ['node', 'tests/jsonpath/differential/run.mjs', '--count', '20000'] }] },
];

/** A suite that is being run: its counts, and when it began. */
class Running {
  constructor(suite) {
    Object.assign(this, { name: suite.name, suite, passed: 0, failed: 0, skipped: 0, started: Date.now() });
  }

  finish(name, result, counts) {
    fs.writeFileSync(path.join(logs, `${this.name}-${name.replace(/[^\w.-]/g, '_')}.log`), result.output);
    for (const key of ['passed', 'failed', 'skipped']) this[key] += counts[key];
    if (counts.failed > 0) {
      console.log(`--- ${this.name}/${name}: ${counts.failed} failed`);
      console.log(failureExcerpt(result.output));
    }
  }

  /** Its commands, once what they need is there; none when that could not be had. */
  async commands(options) {
    const results = [await this.suite.prepare?.(options), ...await Promise.all((this.suite.packages ?? []).map(npmCi))];
    const wrong = results.find(result => result && result.code !== 0);
    if (wrong) this.finish('set-up', wrong, { passed: 0, failed: 1, skipped: 0 });
    const commands = (wrong ? [] : await this.suite.commands()).map(command => ({ ...command, of: this }));
    this.left = commands.length;
    return commands.sort((a, b) => rank(a) - rank(b));
  }

  async run({ name, argv, cwd, env, counts = count }, options) {
    const begun = Date.now();
    const result = await run(argv[0], argv.slice(1), { cwd: cwd ?? root, env: { ...process.env, ...env }, ...options });
    took.push({ name: `${this.name}/${name}`, seconds: (Date.now() - begun) / 1000 });
    for (const [, what] of result.output.matchAll(/NOT RUN: (.*)/g)) notRun.add(`${this.name}/${name}: ${what}`);
    this.finish(name, result, counts(result));
    if (--this.left === 0) this.end();
  }

  end() {
    this.seconds = (Date.now() - this.started) / 1000;
    console.log(`== ${this.name}: ${this.passed} passed, ${this.failed} failed${this.skipped ? `, ${this.skipped} skipped` : ''} in ${this.seconds.toFixed(0)} s`);
  }
}

function begin(suite) {
  const row = new Running(suite);
  rows.push(row);
  return row;
}

/** Runs the commands that `next` gives, so many at a time. */
async function inLanes(lanes, next, options) {
  const lane = async () => {
    for (let command = await next(); command; command = await next()) await command.of.run(command, options(command));
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** The suites that mostly wait, one after the other. */
async function runInTurn(chosen) {
  for (const suite of chosen) {
    const row = begin(suite);
    const commands = await row.commands();
    await inLanes(suite.lanes ?? cores, () => commands.shift(), () => ({}));
    if (row.seconds === undefined) row.end();
  }
}

/** The suites that compute, on what is left of the cores until `quiet`. */
async function runBeside(chosen, quiet) {
  let isQuiet = false;
  quiet.then(() => { isQuiet = true; });
  const options = () => ({ beside: !isQuiet });
  const queue = [];
  for (const suite of chosen) {
    const row = begin(suite);
    queue.push(...await row.commands(options()));
    if (!row.left) row.end();
  }
  queue.sort((a, b) => rank(a) - rank(b));
  const next = async () => {
    for (;;) {
      const at = queue.findIndex(command => isQuiet || !command.threads);
      if (at >= 0) return queue.splice(at, 1)[0];
      if (!queue.length) return undefined;
      await quiet;
    }
  };
  await inLanes(cores, next, options);
}

/** The lines that say what failed; the whole output is in build/test-logs. */
function failureExcerpt(output) {
  const lines = output.split('\n');
  const telling = lines.filter(line => /^\s*not ok|FAILED|^FAIL|error:|Error:|ERROR|Failure|runtime error|expected|CHECK failed/.test(line));
  return [...telling.slice(0, 30), '  ...', ...lines.slice(-15)].map(line => `    ${line.slice(0, 300)}`).join('\n');
}

/** What the commands that have ended took of the cores (proc(5): cutime and cstime, in hundredths). */
function cpuSeconds() {
  const fields = fs.readFileSync('/proc/self/stat', 'utf8').replace(/^.*\) /s, '').split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

// ------------------------------------------------------------------------------------------- main
fs.mkdirSync(logs, { recursive: true });
const rows = [];
const took = [];
const notRun = new Set();  // what a command said it could not run, as data that is not the project's is missing
const chosen = suites.filter(suite => !only || only.includes(suite.name));
if (!chosen.length) {
  console.error(`no such suite; there are: ${suites.map(suite => suite.name).join(', ')}`);
  process.exit(2);
}
// What comes over the network comes while the first build computes.
if (chosen.some(suite => suite.prepare === testFunctions)) testFunctions();
for (const suite of chosen) suite.packages?.forEach(npmCi);
const started = Date.now();
await runInTurn(chosen.filter(suite => suite.first));
const quiet = runInTurn(chosen.filter(suite => suite.waits));
await Promise.all([quiet, runBeside(chosen.filter(suite => !suite.first && !suite.waits), quiet)]);
const sum = key => rows.reduce((total, row) => total + row[key], 0);
console.log(`\n${'suite'.padEnd(14)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}${'seconds'.padStart(9)}`);
for (const row of rows) {
  console.log(`${row.name.padEnd(14)}${String(row.passed).padStart(8)}${String(row.failed).padStart(8)}`
    + `${String(row.skipped).padStart(9)}${row.seconds.toFixed(0).padStart(9)}`);
}
if (notRun.size) console.log(`\nnot run, for want of what is named (data: of ${shared}, set WEFT_SHARED):\n${[...notRun].map(line => `  ${line}\n`).join('')}`);
const slowest = took.sort((a, b) => b.seconds - a.seconds).slice(0, 8);
console.log(`slowest: ${slowest.map(({ name, seconds }) => `${name} ${seconds.toFixed(0)} s`).join(', ')}`);
console.log(`${((Date.now() - started) / 1000).toFixed(0)} s, ${cpuSeconds().toFixed(0)} CPU-seconds on ${cores} cores; whole output of every command: build/test-logs`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);
