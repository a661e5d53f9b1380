// Runs the executions recorded on AWS that are within reach against `weft serve`, and says how many are
// out of reach and why. All must pass but those that docs/reference/recordings.md lists with a reason,
// and those must not.
//
//   node tests/recordings/run.mjs [--list] [--id X] [--area A] [--everything]
//
//   --list        print the cases and why each is in or out of reach; run nothing
//   --everything  run also what is out of reach (to see how far it gets); nothing must pass
//   others        go to the replay tool: --id shows a case's machine and both histories
//
// Cases and replay tool live in the shared folder (WEFT_SHARED, ../shared unless set), which is read
// only: its npm packages are installed in a copy below build/.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const shared = path.resolve(root, process.env.WEFT_SHARED ?? '../shared');
const weft = path.resolve(root, process.env.WEFT_PROGRAM ?? 'build/release/bin/weft');
const functions = path.join(root, 'tests', 'functions', 'recordings');
const work = path.join(root, 'build', 'recordings');
const caseFile = path.join(shared, 'data', 'aws-recordings', 'cases.jsonl');

// ------------------------------------------------------------------------------ what is in reach
/** Calls `visit(state)` for every state of a definition, nested ones too. */
function eachState(machine, visit) {
  for (const state of Object.values(machine.States ?? {})) {
    visit(state);
    for (const part of [state.ItemProcessor, state.Iterator, ...(state.Branches ?? [])]) {
      if (part) eachState(part, visit);
    }
  }
}

/** Why a state is out of reach, or nothing. */
function obstacle(state) {
  if (state.Type === 'Task') {
    const resource = state.Resource;
    const isFunction = /:lambda:.*:function:/.test(resource) || /^\{\{lambda:\w+:arn\}\}$/.test(resource)
      || /:states:::lambda:invoke$/.test(resource);
    const isExecution = /:states:::(states:startExecution(\.sync|\.sync:2)?|aws-sdk:sfn:start(Sync)?Execution)$/.test(resource);
    const isAnswer = /:states:::aws-sdk:sfn:sendTask(Success|Failure|Heartbeat)$/.test(resource);
    const isActivity = /^arn:[^:]+:states:[^:]+:[^:]+:activity:/.test(resource.replace(/\{\{\w+\}\}/g, 'x'));
    if (!isFunction && !isExecution && !isAnswer && !isActivity) return `resource ${resource.replace(/.*:::/, '').replace(/\{\{.*/, 'activity')}`;
  }
  if (state.ItemReader?.ReaderConfig?.InputType === 'PARQUET') return 'ItemReader PARQUET';
  return undefined;
}

/** The operations of the API that exist here. */
const served = /^(_wait|_worker|(Create|Update|Delete|Describe)StateMachine|DescribeStateMachineForExecution|ListStateMachines|(Tag|Untag)Resource|ListTagsForResource|(Start|StartSync|Stop|Describe)Execution|ListExecutions|GetExecutionHistory|(Describe|Update)MapRun|ListMapRuns|TestState|ValidateStateMachineDefinition|(Create|Delete|Describe)Activity|ListActivities|GetActivityTask|SendTask\w+)$/;

/** Why a script of API calls is out of reach, or nothing: it calls what exists here, and asks for no version of a machine. */
function outOfReachScript(test) {
  for (const { action, request } of [...(test.setup ?? []), ...test.steps]) {
    if (!served.test(action)) return /Alias$|Aliases$|Version/.test(action) ? 'versions and aliases' : `operation ${action}`;
    if (request?.publish) return 'versions and aliases';
  }
  return undefined;
}

/** Why a case is out of reach, or nothing. */
function outOfReach(test) {
  const needs = test.needs.includes('logs') ? 'log groups'
    : test.needs.find(need => !['lambda', 's3', 'nested', 'sdk-sfn', 'activity'].includes(need));
  if (test.kind === 'api') return outOfReachScript(test) ?? needs;
  let definition;
  try {
    definition = JSON.parse(test.definition);
  } catch {
    return 'definition is not JSON';
  }
  let why;
  eachState(definition, state => { why ??= obstacle(state); });
  return why ?? needs;
}

/** The cases that docs/reference/recordings.md says do not come out as recorded. */
function knownFailures() {
  const text = fs.readFileSync(path.join(root, 'docs', 'reference', 'recordings.md'), 'utf8');
  return new Set([...text.matchAll(/^\| `([^`]+::[^`]+)` \|/gm)].map(match => match[1]));
}

// ------------------------------------------------------------------------------------ running them
/** The replay tool's folder with its packages installed. */
function replayTool() {
  const copy = path.join(work, 'tools');
  fs.mkdirSync(copy, { recursive: true });
  const lock = fs.readFileSync(path.join(shared, 'tools', 'package-lock.json'));
  for (const name of ['package.json', 'package-lock.json', 'replay_recordings.mjs']) {
    fs.writeFileSync(path.join(copy, name), fs.readFileSync(path.join(shared, 'tools', name)));
  }
  const stamp = path.join(copy, 'node_modules', '.weft-lock');
  if (!fs.existsSync(stamp) || !fs.readFileSync(stamp).equals(lock)) {
    const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: copy, stdio: 'inherit' });
    if (npm.status !== 0) throw new Error('npm ci for the replay tool failed');
    fs.writeFileSync(stamp, lock);
  }
  return path.join(copy, 'replay_recordings.mjs');
}

/** The port `weft serve` wrote to `file` when it was ready. */
async function portOf(file, child) {
  const deadline = Date.now() + 300_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`weft serve ended with status ${child.exitCode}`);
    const port = fs.existsSync(file) && /^(\d+)\n$/.exec(fs.readFileSync(file, 'utf8'))?.[1];
    if (port) return port;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error('weft serve does not get ready');
}

/** `--function` flags for the functions these cases call; the files are named by function id. */
function functionFlags(cases) {
  const ids = new Set(cases.flatMap(test => test.lambda ?? []).map(lambda => lambda.id));
  return [...ids].flatMap(id => {
    const file = path.join(functions, `${id}.py`);
    if (!fs.existsSync(file)) throw new Error(`${path.relative(root, file)} is missing`);
    return ['--function', `${id}=${file}:handler,concurrency=2,timeout=90`];
  });
}

/**
 * The replay tool makes none of the buckets that a case asks for (their number is an object to it). So each becomes a
 * directory with a name of its own, given at the start, and the case uses that name.
 */
function withBuckets(cases, directory) {
  const flags = [];
  const lines = cases.map((test, index) => {
    let { line } = test;
    for (let n = 1; n <= (test.s3?.buckets ?? 0); n++) {
      const name = `recordings-${index}-${n}`;
      fs.mkdirSync(path.join(directory, name), { recursive: true });
      flags.push('--bucket', `${name}=${path.join(directory, name)}`);
      line = line.replaceAll(`{{bucket:${n}}}`, name);
    }
    return test.s3 ? line.replace(/"buckets": ?\d+/, '"buckets":0') : line;
  });
  return { flags, lines };
}

async function replay(cases, options) {
  if (!fs.existsSync(weft)) throw new Error(`${path.relative(root, weft)} is missing: make build`);
  const tool = replayTool();
  const file = path.join(work, 'cases.jsonl');
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'weft-recordings-'));
  const { flags, lines } = withBuckets(cases, path.join(data, 'buckets'));
  fs.writeFileSync(file, lines.map(line => `${line}\n`).join(''));
  const portFile = path.join(data, 'port');
  const log = fs.openSync(path.join(work, 'serve.log'), 'w');
  const server = spawn(weft, ['serve', '--listen', '127.0.0.1:0', '--port-file', portFile, '--data', path.join(data, 'weft'),
    ...flags, ...functionFlags(cases)],
    { stdio: ['ignore', log, log] });
  try {
    const endpoint = `http://127.0.0.1:${await portOf(portFile, server)}`;
    const child = spawn('node', [tool, '--endpoint', endpoint, '--s3-endpoint', endpoint, '--functions', 'default',
      '--cases', file, '--json', path.join(work, 'report.json'), ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    const chunks = [];
    child.stdout.on('data', chunk => chunks.push(chunk));
    await new Promise(resolve => child.on('close', resolve));
    return Buffer.concat(chunks).toString();
  } finally {
    server.kill('SIGTERM');
    const late = setTimeout(() => server.kill('SIGKILL'), 20_000);
    if (server.exitCode === null) await new Promise(resolve => server.on('exit', resolve));
    clearTimeout(late);
    fs.rmSync(data, { recursive: true, force: true });
  }
}

function printOutOfReach(cases) {
  const counts = new Map();
  for (const test of cases) {
    const row = counts.get(test.why) ?? { cases: 0, areas: new Set() };
    row.cases++;
    row.areas.add(test.area);
    counts.set(test.why, row);
  }
  console.log(`out of reach: ${cases.length} recorded cases`);
  for (const [why, { cases: n, areas }] of [...counts].sort((a, b) => b[1].cases - a[1].cases)) {
    console.log(`  ${String(n).padStart(4)}  ${why}  (${[...areas].sort().join(' ')})`);
  }
}

async function main() {
  const options = process.argv.slice(2);
  const take = flag => options.includes(flag) && Boolean(options.splice(options.indexOf(flag), 1));
  const list = take('--list'), everything = take('--everything');
  if (!fs.existsSync(caseFile)) {
    console.log(`NOT RUN: 986 recorded cases: no ${caseFile}`);
    console.log('0 passed, 0 failed');
    return options.length || list ? 1 : 0;  // who asks for a case by name wants to see it
  }
  const cases = fs.readFileSync(caseFile, 'utf8').split('\n').filter(Boolean).map(line => {
    const test = JSON.parse(line);
    return { ...test, line, why: outOfReach(test) };
  });
  const reachable = cases.filter(test => !test.why);
  printOutOfReach(cases.filter(test => test.why));
  console.log(`within reach: ${reachable.length} recorded cases`);
  if (list) {
    for (const test of cases) console.log(`${test.why ? `out (${test.why})` : 'in'}  ${test.id}`);
    return 0;
  }
  let output;
  try {
    output = await replay(everything ? cases : reachable, options);
  } catch (error) {
    console.log(`${error.message}\n0 passed, ${reachable.length} failed`);
    return 1;
  }
  // Skipped cases were meant to run: they are failures here.
  const skipped = [...output.matchAll(/^skipped (\d+): /gm)].reduce((sum, match) => sum + Number(match[1]), 0);
  const sum = /^(\d+) passed, (\d+) failed$/m.exec(output);
  console.log(output.replace(/^\d+ passed, \d+ failed\n?$/m, '').trimEnd());
  if (!sum) {
    console.log(`the replay tool gave no result; see ${path.relative(root, path.join(work, 'serve.log'))}\n0 passed, ${reachable.length} failed`);
    return 1;
  }
  const passed = Number(sum[1]);
  const known = knownFailures();
  const failures = [...output.matchAll(/^FAIL (\S.*)$/gm)].map(match => match[1].trim());
  const expected = failures.filter(id => known.has(id));
  // What is listed and passes is out of date: only known when all cases ran.
  const stale = options.length || everything ? [] : [...known].filter(id => !failures.includes(id));
  for (const id of stale) console.log(`FAIL ${id}\n       docs/reference/recordings.md says that it fails, but it passes`);
  console.log(`not as recorded, with a reason in docs/reference/recordings.md: ${expected.length}`);
  let failed = Number(sum[2]) + skipped - expected.length + stale.length;
  if (!options.length) failed = Math.max(failed, reachable.length - passed - expected.length);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 || everything ? 0 : 1;
}

process.exit(await main());
