// The public definitions of others ($WEFT_SHARED/data/real-definitions): is each one that AWS would accept accepted here, and
// does each one whose services are here run to an end? Stub functions are made from the definition itself: what
// its paths and choices ask for is what they answer, and what its readers ask for lies in the buckets. One with a Distributed Map
// has to succeed, with children.
//
//   node tests/definitions/real.mjs [--no-run] [--id ID] [--distributed] [--failed] [--convert]
//
// Prints what the others miss as a table, and as the last line "N passed, N failed".
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { argumentsOf, bucketName, keyOf, objectsOf } from './objects.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const weft = path.resolve(root, process.env.WEFT_PROGRAM ?? 'build/release/bin/weft');
const shared = path.resolve(root, process.env.WEFT_SHARED ?? '../shared');
const file = path.join(shared, 'data', 'real-definitions', 'definitions.jsonl');
const option = name => { const at = process.argv.indexOf(name); return at < 0 ? undefined : process.argv[at + 1]; };
const flag = name => process.argv.includes(name);
const RUN_LIMIT_MS = 60_000;

// Files that their authors have not finished, and why AWS refuses them.
const unfinished = JSON.parse(fs.readFileSync(path.join(root, 'tests', 'definitions', 'unfinished.json'), 'utf8'));

function start(args, cwd, limit) {
  return new Promise(resolve => {
    const child = spawn(weft, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '', stderr = '';
    child.stdout.on('data', chunk => { stdout += chunk; });
    child.stderr.on('data', chunk => { stderr += chunk; });
    const timer = setTimeout(() => child.kill('SIGKILL'), limit);
    child.on('close', (code, signal) => { clearTimeout(timer); resolve({ code, signal, stdout, stderr }); });
  });
}

// ------------------------------------------------------------------------------- what a definition asks for
/** Calls `visit(object, key of it)` for every object of a definition. */
function walk(value, visit, key = '') {
  if (Array.isArray(value)) value.forEach(item => walk(item, visit, key));
  else if (value && typeof value === 'object') {
    visit(value, key);
    for (const [name, member] of Object.entries(value)) walk(member, visit, name);
  }
}

/** `$.a.b[0].c` or `$states.input.a.b` as names; undefined for what is no such path. */
function names(text) {
  const match = /^\$(?:states\.(?:input|result|context\.Execution\.Input))?((?:\.[A-Za-z_][\w-]*|\['[^']+'\]|\[\d+\]|\[\*\])+)$/.exec(text);
  return match && [...match[1].matchAll(/\.([\w-]+)|\['([^']+)'\]|(\[[\d*]+\])/g)].map(part => part[1] ?? part[2] ?? 0);
}

/** A value for which a Choice rule's comparison holds. */
function satisfying(rule) {
  for (const [name, value] of Object.entries(rule)) {
    if (/^(String|Boolean|Numeric|Timestamp)Equals$|^NumericGreaterThanEquals$|^NumericLessThanEquals$/.test(name)) return value;
    if (name === 'NumericGreaterThan') return value + 1;
    if (name === 'NumericLessThan') return value - 1;
    if (name === 'StringMatches') return value.replaceAll('*', 'x');
    if (name === 'IsNumeric') return value ? 1 : 'text';
    if (name === 'IsBoolean') return true;
    if (name === 'IsNull') return value ? null : 'text';
    if (name.startsWith('Timestamp')) return '2030-01-01T00:00:00Z';
  }
  return undefined;
}

// What an ItemsPath finds: one item, in which all paths find something.
const ITEMS = 'items';

/** Names under which ItemSelectors pass the item on. */
function itemNames(definition) {
  const all = new Set();
  walk(definition, (object, key) => {
    if (key !== 'ItemSelector') return;
    for (const [name, value] of Object.entries(object)) {
      if (/^\$\$\.Map\.Item\.Value$|^\{% *\$states\.context\.Map\.Item\.Value *%\}$/.test(value)) all.add(name.replace(/\.\$$/, ''));
    }
  });
  return all;
}

/** What the paths of a definition want to find: a list of {names, values}; `ofItem`: in an item. */
function wishes(definition) {
  const all = [];
  const items = itemNames(definition);
  const wish = (text, ...values) => {
    for (const path of text.match(/(?<!\$)\$(?:states\.(?:input|result|context\.Execution\.Input))?(?:\.[A-Za-z_][\w-]*|\['[^']+'\]|\[\d+\]|\[\*\])+/g) ?? []) {
      const found = names(path);
      if (!found) continue;
      if (items.has(found[0]) && found.length > 1) all.push({ names: found.slice(1), values, ofItem: true });
      else all.push({ names: found, values });
    }
  };
  walk(definition, (object, key) => {
    const isMap = object.Type === 'Map';
    if (typeof object.Variable === 'string') wish(object.Variable, satisfying(object));
    if (isMap && typeof object.ItemsPath === 'string') wish(object.ItemsPath, ITEMS);
    if (isMap && !object.ItemsPath && !object.ItemReader && typeof object.InputPath === 'string') wish(object.InputPath, ITEMS);
    if (isMap && typeof object.Items === 'string') wish(object.Items, ITEMS);
    if (key === 'ItemReader' && keyOf(object)) {
      const { Key, 'Key.$': path = Key } = argumentsOf(object);
      if (typeof path === 'string') wish(path, keyOf(object));
    }
    for (const name of ['FunctionName.$', 'FunctionName']) if (typeof object[name] === 'string') wish(object[name], 'stub');
    for (const [name, value] of Object.entries(object)) {
      if (typeof value !== 'string') continue;
      if (name === 'SecondsPath') wish(value, 0);
      else if (name === 'TimestampPath') wish(value, '2020-01-01T00:00:00Z');
      else if (/^(TimeoutSeconds|HeartbeatSeconds|MaxConcurrency|ToleratedFailure\w+|MaxItems)Path$/.test(name)) wish(value, 10);
      else if (/States\.StringToJson\(/.test(value)) wish(value, '{}');
      else if (/States\.StringSplit/.test(value)) wish(value, 'stub');
      else if (/States\.Math|States\.ArrayRange/.test(value)) wish(value, 1);
      else if (/States\.Array(Length|GetItem|Contains|Partition|Unique)/.test(value)) wish(value, ['x', 'y']);
      else if (name !== 'Variable' && !/^(ResultPath|ItemsPath|Items)$/.test(name)) wish(value, undefined);
    }
  });
  return all;
}

/** Puts `value` where `path` leads in `document`. */
function replace(document, path, value) {
  let at = document;
  for (const name of path.slice(0, -1)) {
    if (typeof at[name] !== 'object' || at[name] === null) at[name] = {};
    at = at[name];
  }
  if (path.at(-1) !== 0) at[path.at(-1)] = value;
}

/** A document in which all of these paths, and what is left of them without their first names, find something. */
function document(all, round) {
  const out = {};
  const put = (path, value) => {
    let at = out;
    for (let i = 0; i < path.length; ++i) {
      const name = path[i];
      if (name === 0) { if (!Array.isArray(at) || !at.length) return; if (i === path.length - 1) return; if (typeof at[0] !== 'object' || at[0] === null) at[0] = {}; at = at[0]; continue; }
      if (Array.isArray(at)) { if (typeof at[0] !== 'object' || at[0] === null) at[0] = {}; at = at[0]; }
      const last = i === path.length - 1;
      const list = path[i + 1] === 0;
      if (last) {
        if (value === undefined ? at[name] === undefined : at[name] === undefined || typeof at[name] !== 'object' || at[name] === null) at[name] = value === undefined ? 'stub' : structuredClone(value);
        return;
      }
      if (typeof at[name] !== 'object' || at[name] === null) at[name] = list ? ['stub'] : {};
      at = at[name];
    }
  };
  const values = new Map();
  for (const wish of all.filter(wish => !wish.ofItem)) {
    const key = JSON.stringify(wish.names);
    values.set(key, [...(values.get(key) ?? []), ...wish.values.filter(value => value !== undefined)]);
  }
  const lists = [];
  for (const [key, candidates] of values) {
    const path = JSON.parse(key);
    const value = candidates.length ? candidates[round % candidates.length] : undefined;
    if (value === ITEMS) { lists.push(path); continue; }
    for (let from = 0; from < path.length; ++from) if (path[from] !== 0) put(path.slice(from), value);
  }
  const item = structuredClone(out);
  const ofItem = all.filter(wish => wish.ofItem).sort((a, b) => a.values.filter(Boolean).length - b.values.filter(Boolean).length);
  for (const { names, values } of ofItem) replace(item, names, values.find(Boolean) ?? 'stub');
  for (const path of lists) for (let from = 0; from < path.length; ++from) if (path[from] !== 0) replace(out, path.slice(from), [item]);
  return out;
}

const functionOf = arn => /:function:([\w-]+)/.exec(arn)?.[1] ?? /^([\w-]+)(?::[\w$-]+)?$/.exec(arn)?.[1];

/** Names of functions, buckets and state machines that a definition calls. */
function called(definition) {
  const functions = new Set(['stub']), buckets = new Set(['stub']), machines = new Set();
  walk(definition, object => {
    if (typeof object.Resource === 'string' && /^arn:aws[\w-]*:lambda:/.test(object.Resource)) functions.add(functionOf(object.Resource));
    if (typeof object.FunctionName === 'string') functions.add(functionOf(object.FunctionName));
    if (typeof object.Bucket === 'string' && bucketName(object.Bucket)) buckets.add(bucketName(object.Bucket));
    for (const name of ['StateMachineArn']) {
      const machine = typeof object[name] === 'string' && /:stateMachine:([\w-]+)/.exec(object[name])?.[1];
      if (machine) machines.add(machine);
    }
  });
  functions.delete(undefined);
  return { functions, buckets, machines };
}

/** The definition with its waits shortened, buckets' names that S3 allows, and JSON where it is parsed: what it does stays, how long it sleeps does not. */
function hurried(definition) {
  const copy = structuredClone(definition);
  const parsed = new Set([...JSON.stringify(copy).matchAll(/States\.StringToJson\(\$\.([A-Za-z_]\w*)\)/g)].map(match => match[1]));
  walk(copy, object => {
    // Its author's template puts a JSON text there; what was published has an ARN in the placeholder's stead.
    for (const name of parsed) if (/^arn:/.test(object[name])) object[name] = '{"made":"up"}';
    if (object.Type === 'Wait' && typeof object.Seconds === 'number') object.Seconds = 0;
    if (object.Type === 'Wait' && typeof object.Timestamp === 'string' && !object.Timestamp.startsWith('{%')) object.Timestamp = '2020-01-01T00:00:00Z';
    if (typeof object.IntervalSeconds === 'number') object.IntervalSeconds = 1;
    if (typeof object.MaxAttempts === 'number' && object.MaxAttempts > 2) object.MaxAttempts = 2;
    delete object.MaxDelaySeconds;
    // Instead of a bucket's name a template's author wrote that of a resource, which is none.
    if (typeof object.Bucket === 'string') object.Bucket = bucketName(object.Bucket) ?? object.Bucket;
    // Somebody else answers: a stub function that is given the token does, nobody works for an activity.
    if (typeof object.Resource === 'string' && /\.waitForTaskToken$|:activity:/.test(object.Resource)) {
      for (const name of ['TimeoutSecondsPath', 'HeartbeatSeconds', 'HeartbeatSecondsPath']) delete object[name];
      object.TimeoutSeconds = 3;
    }
  });
  return copy;
}

// ----------------------------------------------------------------------------------------- checking and running
async function validate(record, folder) {
  const definition = path.join(folder, 'machine.asl.json');
  fs.writeFileSync(definition, record.definition);
  const result = await start(['validate', definition, '--json'], folder, RUN_LIMIT_MS);
  const findings = JSON.parse(result.stdout).diagnostics.filter(one => one.severity === 'ERROR');
  return { missing: findings.filter(one => one.code === 'UNSUPPORTED_FEATURE'), wrong: findings.filter(one => one.code !== 'UNSUPPORTED_FEATURE') };
}

async function run(record, folder) {
  const definition = JSON.parse(record.definition);
  const { functions, buckets, machines } = called(definition);
  const all = wishes(definition);
  const rounds = Array.from({ length: 6 }, (_, round) => document(all, round));
  fs.writeFileSync(path.join(folder, 'stub.mjs'), `const rounds = ${JSON.stringify(rounds)};
let calls = 0;
const strings = value => typeof value === 'string' ? [value] : value && typeof value === 'object' ? Object.values(value).flatMap(strings) : [];
export const handler = async event => {
  const answer = rounds[calls++ % rounds.length];
  for (const taskToken of strings(event).filter(text => /^[\\w-]{60,}$/.test(text))) {
    await fetch(process.env.AWS_ENDPOINT_URL, {
      method: 'POST', body: JSON.stringify({ taskToken, output: JSON.stringify(answer) }),
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AWSStepFunctions.SendTaskSuccess' },
    });
  }
  return answer;
};
`);
  fs.writeFileSync(path.join(folder, 'nested.asl.json'), JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', Result: rounds[0], End: true } } }));
  fs.writeFileSync(path.join(folder, 'machine.asl.json'), JSON.stringify(hurried(definition)));
  fs.writeFileSync(path.join(folder, 'input.json'), JSON.stringify(rounds[0]));
  for (const bucket of buckets) fs.mkdirSync(path.join(folder, 'buckets', bucket), { recursive: true });
  for (const { bucket, key, content } of objectsOf(definition, rounds[0])) {
    const file = path.join(folder, 'buckets', bucket, key);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
  const flags = ['--json', '--durability', 'os', '--buckets', 'buckets', '--input', '@input.json', '--http-deny', 'all', '--name', 'one'];
  for (const name of functions) flags.push('--function', `${name}=stub.mjs:handler,concurrency=1`);
  for (const name of machines) flags.push('--state-machine', `${name}=nested.asl.json`);
  const end = async (machine, data) => {
    const result = await start(['run', machine, '--data', data, ...flags], folder, RUN_LIMIT_MS);
    if (result.signal) return { status: 'NO END', why: `not at an end after ${RUN_LIMIT_MS / 1000} s` };
    try {
      const report = JSON.parse(result.stdout);
      return { status: report.status, output: report.output, mapRuns: report.mapRuns, why: report.error ? `${report.error}: ${report.cause ?? ''}` : '' };
    } catch {
      return { status: 'NO RUN', why: result.stderr.trim().split('\n').at(-1) };
    }
  };
  const original = await end('machine.asl.json', 'data');
  if (!flag('--convert') || original.status !== 'SUCCEEDED') return original;
  // What `weft convert` makes of it must end in the same way.
  const converted = await start(['convert', 'machine.asl.json'], folder, RUN_LIMIT_MS);
  fs.mkdirSync(path.join(folder, 'converted'));
  fs.writeFileSync(path.join(folder, 'converted', 'machine.asl.json'), converted.stdout);
  const again = await end('converted/machine.asl.json', 'data2');
  if (again.status === original.status && timeless(again.output) === timeless(original.output)) return original;
  return { status: 'NO RUN', why: `converted it ended otherwise: ${again.status} ${again.why} ${again.output} instead of ${original.output}` };
}

/** An output without what every run makes anew, its members in one order. */
function timeless(output) {
  const ordered = value => Array.isArray(value) ? value.map(ordered)
    : value && typeof value === 'object' ? Object.fromEntries(Object.keys(value).filter(name => !name.startsWith('Sdk')).sort().map(name => [name, ordered(value[name])])) : value;
  return JSON.stringify(ordered(JSON.parse(output))).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME').replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID').replace(/"StartDate":\d+|"StopDate":\d+/g, 'DATE');
}

const isDistributed = record => /"Mode"\s*:\s*"DISTRIBUTED"/.test(record.definition);

/** A resource as people speak of it: `dynamodb:putItem`, `aws-sdk:s3:getObject`, activities, task tokens. */
function feature(finding) {
  const service = /arn:aws[\w-]*:states:[^:]*:[^:]*:([\w:-]+)/.exec(finding.message);
  if (/waits for a task token/.test(finding.message)) return 'task tokens';
  if (/activity '/.test(finding.message)) return 'activities';
  if (service) return service[1].replace(/^(aws-sdk:[\w-]+|[\w-]+):.*/, '$1');
  return finding.message.replace(/'[^']*'/g, "'...'").slice(0, 70);
}

if (!fs.existsSync(file)) {
  console.log(`NOT RUN: 324 real definitions; ${file} is missing (set WEFT_SHARED)`);
  console.log('0 passed, 0 failed');
  process.exit(0);
}
const records = fs.readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line))
  .filter(record => (!option('--id') || record.id === option('--id')) && (!flag('--distributed') || isDistributed(record)));
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'weft-definitions-'));
const missing = new Map();
const ends = new Map();
const failures = [];
let passed = 0;
let needing = 0;
let distributed = 0;

async function one(record) {
  const folder = path.join(home, record.id);
  fs.mkdirSync(folder);
  const fail = why => failures.push(`${record.id} ${record.source}: ${why}`);
  const { missing: lacks, wrong } = await validate(record, folder);
  if (wrong.length) {
    if (unfinished[record.id]) { ++passed; return; }
    return fail(`refused: ${wrong[0].code}: ${wrong[0].message} at ${wrong[0].location}`);
  }
  if (unfinished[record.id]) return fail('accepted, though tests/definitions/unfinished.json says that AWS refuses it');
  if (lacks.length) {
    ++needing;
    ++passed;
    for (const name of new Set(lacks.map(feature))) missing.set(name, [...(missing.get(name) ?? []), record.id]);
    return;
  }
  if (flag('--no-run')) { ++passed; return; }
  const { status, why, mapRuns } = await run(record, folder);
  const end = status === 'FAILED' ? `FAILED ${why.split(':')[0]}` : status;
  ends.set(end, [...(ends.get(end) ?? []), record.id]);
  if (flag('--failed') && status !== 'SUCCEEDED') console.log(`${record.id} ${status} ${why.slice(0, 300)}`);
  // Said before anything runs: activities come from templates, or CreateActivity.
  const unmade = status === 'NO RUN' && /^weft: The definition waits for workers of the activity '/.test(why);
  if (!unmade && (status === 'NO END' || status === 'NO RUN')) return fail(`${status}: ${why}`);
  if (isDistributed(record)) {
    const done = status === 'SUCCEEDED' && mapRuns.length > 0 && mapRuns.every(each => each.executionCounts.succeeded > 0);
    if (!done) return fail(`with a Distributed Map it has to succeed, with children: ${status} ${why} ${JSON.stringify(mapRuns)}`);
    ++distributed;
  }
  ++passed;
}

const queue = [...records];
await Promise.all(Array.from({ length: 2 }, async () => {
  for (let record = queue.shift(); record; record = queue.shift()) {
    await one(record);
    fs.rmSync(path.join(home, record.id), { recursive: true, force: true });
  }
}));
fs.rmSync(home, { recursive: true, force: true });

const table = (title, map) => {
  if (!map.size) return;
  console.log(title);
  for (const [name, ids] of [...map].sort((a, b) => b[1].length - a[1].length)) console.log(`  ${String(ids.length).padStart(4)}  ${name}  (${ids.slice(0, 6).join(' ')}${ids.length > 6 ? ' ...' : ''})`);
};
table(`What ${needing} of ${records.length} definitions miss here, by how many need it:`, missing);
table('How the others ended with stub functions:', ends);
console.log(`${distributed} with a Distributed Map succeeded, each Map Run with children`);
for (const id of Object.keys(unfinished)) console.log(`unfinished: ${id}: ${unfinished[id]}`);
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
