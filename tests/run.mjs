// Runs the suites of the repository, prints a table and, as the last line, "N passed, N failed".
//
//   node tests/run.mjs [--only SUITE[,SUITE]] [--file TEXT]
//
// A suite is a list of commands; the counts come from what each command prints (gtest, node:test, or
// a line "N passed, N failed"). A command that fails without saying which test failed counts as one
// failure, and so does one whose program is missing: nothing is skipped in silence.
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
const BUILD_LIMIT_MINUTES = 60;  // the unit tests' build takes what the suites beside it leave

function option(name) {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}
const only = option('--only')?.split(',');
const file = option('--file') ?? '';

// ------------------------------------------------------------------------------ running commands
/** Runs `command`; resolves to {code, output} with stdout and stderr together. Never rejects. */
function run(command, args, { minutes = LIMIT_MINUTES, ...options } = {}) {
  return new Promise(resolve => {
    const chunks = [];
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
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
    return { name: test.name, argv: test.command ?? ['false'], cwd: property('WORKING_DIRECTORY'), env };
  });
}

async function build(preset, targets = [], { niceness = 0 } = {}) {
  const configure = await run('cmake', ['--preset', preset, '--log-level=WARNING', '-Wno-dev']);
  if (configure.code !== 0) return configure;
  return run('nice', ['-n', String(niceness), 'cmake', '--build', `build/${preset}`, ...targets.flatMap(target => ['--target', target])], { minutes: BUILD_LIMIT_MINUTES });
}

/** npm ci in `directory` when its lock file changed since the last time. */
async function npmCi(directory) {
  const lock = fs.readFileSync(path.join(directory, 'package-lock.json'));
  const stamp = path.join(directory, 'node_modules', '.weft-lock');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp).equals(lock)) return { code: 0, output: '' };
  const result = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: directory });
  if (result.code === 0) fs.writeFileSync(stamp, lock);
  return result;
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

let checksBuild;
/**
 * Builds the unit tests, only once and for the sanitizers: their defects count more than the seconds of a faster run, and what
 * the release build might do otherwise the simulator, the end-to-end tests and the differentials see. Takes what the suites
 * that mostly wait (`waits`) leave of the cores: begun before those.
 */
function buildChecks() {
  checksBuild ??= build('asan', ['checks'], { niceness: 19 });
  return checksBuild;
}

const suites = [
  { name: 'build', prepare: () => build('release'), commands: () => [] },
  { name: 'sim', commands: () => [...sim('release'), ...plantedBug('release')] },
  {
    name: 'e2e',
    waits: true,
    lanes: 2,
    prepare: async () => {
      for (const directory of ['tests/e2e', 'examples/watermark/function']) {
        const result = await npmCi(directory);
        if (result.code !== 0) return result;
      }
      return { code: 0, output: '' };
    },
    commands: () => fs.readdirSync('tests/e2e')
      .filter(name => name.endsWith('.test.mjs') && name.includes(file))
      .map(name => ({
        name: name.replace('.test.mjs', ''),
        argv: ['node', '--test-reporter=tap', `tests/e2e/${name}`],
      })),
  },
  {
    name: 'telemetry',
    waits: true,
    lanes: 1,
    prepare: async () => {
      for (const name of TELEMETRY) {
        const result = await npmCi(`tests/telemetry/${name}`);
        if (result.code !== 0) return result;
      }
      return { code: 0, output: '' };
    },
    commands: () => [...TELEMETRY, 'instrument'].map(name => ({
      name, argv: ['node', '--test-reporter=tap', `tests/telemetry/${name}.test.mjs`],
    })),
  },
  {
    name: 'ui',
    waits: true,
    lanes: 2,
    prepare: async () => {
      for (const directory of ['ui', 'tests/ui']) {
        const result = await npmCi(directory);
        if (result.code !== 0) return result;
      }
      return { code: 0, output: '' };
    },
    commands: () => [
      { name: 'types', argv: ['npm', '--prefix', 'ui', 'run', 'check'] },
      { name: 'unit', argv: ['npm', '--prefix', 'ui', 'test'] },
      { name: 'dist', argv: ['node', 'ui/check_dist.mjs'] },
      ...fs.readdirSync('tests/ui').filter(name => name.endsWith('.test.mjs') && name.includes(file))
        .map(name => ({
          name: name.replace('.test.mjs', ''),
          argv: ['node', '--test-reporter=tap', `tests/ui/${name}`],
          alone: name === 'scale.test.mjs',  // counts the frames that come in time
        })),
    ],
  },
  { name: 'recordings', commands: () => [{ name: 'replay', argv: ['node', 'tests/recordings/run.mjs'] }] },
  { name: 'definitions', commands: () => ['real', 'convert'].map(name => ({ name, argv: ['node', `tests/definitions/${name}.mjs`] })) },
  { name: 'jsonata', commands: () => [{ name: 'differential', argv: ['node', 'tests/jsonata/differential/run.mjs', '--count', '20000'] }] },
  { name: 'jsonpath', commands: () => [{ name: 'differential', argv: ['node', 'tests/jsonpath/differential/run.mjs', '--count', '20000'] }] },
  { name: 'unit-build', prepare: buildChecks, commands: () => [] },
  { name: 'unit', prepare: testFunctions, commands: async () => [...await ctestCommands('build/asan'), ...sim('asan')] },
];

async function runSuite(suite) {
  if (suite.waits && chosen.some(each => each.prepare === buildChecks)) buildChecks();
  const total = { passed: 0, failed: 0, skipped: 0 };
  const started = Date.now();
  const finish = (name, result, counts) => {
    fs.writeFileSync(path.join(logs, `${suite.name}-${name.replace(/[^\w.-]/g, '_')}.log`), result.output);
    for (const key of Object.keys(total)) total[key] += counts[key];
    if (counts.failed > 0) {
      console.log(`--- ${suite.name}/${name}: ${counts.failed} failed`);
      console.log(failureExcerpt(result.output));
    }
  };
  if (suite.prepare) {
    const result = await suite.prepare();
    if (result.code !== 0) finish('set-up', result, { passed: 0, failed: 1, skipped: 0 });
  }
  if (total.failed === 0) {
    const runOne = async ({ name, argv, cwd, env, counts = count }) => {
      const begun = Date.now();
      const result = await run(argv[0], argv.slice(1), { cwd: cwd ?? root, env: { ...process.env, ...env } });
      took.push({ name: `${suite.name}/${name}`, seconds: (Date.now() - begun) / 1000 });
      for (const [, what] of result.output.matchAll(/NOT RUN: (.*)/g)) notRun.add(`${suite.name}/${name}: ${what}`);
      finish(name, result, counts(result));
    };
    const commands = await suite.commands();
    for (const command of commands.filter(each => each.alone)) await runOne(command);
    const together = commands.filter(each => !each.alone);
    let next = 0;
    const lane = async () => {
      while (next < together.length) await runOne(together[next++]);
    };
    await Promise.all(Array.from({ length: suite.lanes ?? cores }, lane));
  }
  return { name: suite.name, ...total, seconds: (Date.now() - started) / 1000 };
}

/** The lines that say what failed; the whole output is in build/test-logs. */
function failureExcerpt(output) {
  const lines = output.split('\n');
  const telling = lines.filter(line => /^\s*not ok|FAILED|^FAIL|error:|Error:|ERROR|Failure|runtime error|expected|CHECK failed/.test(line));
  return [...telling.slice(0, 30), '  ...', ...lines.slice(-15)].map(line => `    ${line.slice(0, 300)}`).join('\n');
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
if (chosen.some(suite => suite.prepare === testFunctions)) testFunctions();
for (const suite of chosen) {
  console.log(`== ${suite.name}`);
  const row = await runSuite(suite);
  console.log(`   ${row.passed} passed, ${row.failed} failed${row.skipped ? `, ${row.skipped} skipped` : ''} in ${row.seconds.toFixed(0)} s`);
  rows.push(row);
}
const sum = key => rows.reduce((total, row) => total + row[key], 0);
console.log(`\n${'suite'.padEnd(14)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}${'seconds'.padStart(9)}`);
for (const row of rows) {
  console.log(`${row.name.padEnd(14)}${String(row.passed).padStart(8)}${String(row.failed).padStart(8)}`
    + `${String(row.skipped).padStart(9)}${row.seconds.toFixed(0).padStart(9)}`);
}
if (notRun.size) console.log(`\nnot run, for want of what is named (data: of ${shared}, set WEFT_SHARED):\n${[...notRun].map(line => `  ${line}\n`).join('')}`);
const slowest = took.sort((a, b) => b.seconds - a.seconds).slice(0, 8);
console.log(`slowest: ${slowest.map(({ name, seconds }) => `${name} ${seconds.toFixed(0)} s`).join(', ')}`);
console.log(`whole output of every command: build/test-logs`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);
