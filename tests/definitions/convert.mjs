// Is what `weft convert` makes of a JSONPath machine the same machine? Runs the executions and choices recorded on AWS
// ($WEFT_SHARED/data/aws-recordings) that call nothing, as recorded and converted, and compares how they end: the same status,
// and the same output. Errors may have another name: that of the language.
//
//   node tests/definitions/convert.mjs [--id ID] [--left]
//
// And those of conversions.json, which are about data that a function refuses, here or there; "left" is a part of the reason why
// a state must stay. Prints why states were left, and as the last line "N passed, N failed".
import { spawn } from 'node:child_process';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const weft = path.resolve(root, process.env.WEFT_PROGRAM ?? 'build/release/bin/weft');
const shared = path.resolve(root, process.env.WEFT_SHARED ?? '../shared');
const file = path.join(shared, 'data', 'aws-recordings', 'cases.jsonl');
const option = name => { const at = process.argv.indexOf(name); return at < 0 ? undefined : process.argv[at + 1]; };

const recorded = fs.existsSync(file);
if (!recorded) console.log(`NOT RUN: 606 recorded executions: no ${file}`);

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'weft-convert-'));
const server = spawn(weft, ['serve', '--listen', '127.0.0.1:0', '--port-file', 'port', '--data', 'data', '--durability', 'os'], { cwd: home, stdio: 'ignore' });
process.on('exit', () => { server.kill('SIGKILL'); fs.rmSync(home, { recursive: true, force: true }); });
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));
while (!fs.existsSync(path.join(home, 'port'))) await pause(20);
const endpoint = `http://127.0.0.1:${fs.readFileSync(path.join(home, 'port'), 'utf8').trim()}`;

async function call(operation, request) {
  const answer = await fetch(endpoint, { method: 'POST', headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` }, body: JSON.stringify(request) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${body.__type}: ${body.message}`);
  return body;
}

/** A text without what every run makes anew. */
const timeless = text => text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME').replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID').replace(/-converted|-original/g, '');

/** How a machine ends: {status, output}, or {refused}. */
async function end(name, definition, input, executionName) {
  let machine;
  try {
    machine = await call('CreateStateMachine', { name, definition, roleArn: 'arn:aws:iam::123456789012:role/any' });
  } catch (error) {
    return { refused: error.message };
  }
  const { executionArn } = await call('StartExecution', { stateMachineArn: machine.stateMachineArn, name: executionName, input });
  for (;;) {
    const { status, output, error, cause } = await call('DescribeExecution', { executionArn });
    if (status !== 'RUNNING') return { status, output: output === undefined ? undefined : JSON.parse(timeless(output)), error, cause };
    await pause(5);
  }
}

function convert(definition, name) {
  const source = path.join(home, `${name}.asl.json`);
  fs.writeFileSync(source, definition);
  return new Promise(resolve => {
    const child = spawn(weft, ['convert', source], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '', stderr = '';
    child.stdout.on('data', chunk => { stdout += chunk; });
    child.stderr.on('data', chunk => { stderr += chunk; });
    child.on('close', code => resolve({ code, definition: stdout, said: stderr }));
  });
}

const filled = text => text.replaceAll('{{partition}}', 'aws').replaceAll('{{region}}', 'us-east-1').replaceAll('{{account}}', '000000000000').replace(/\{\{(\w+):?(\w*)\}\}/g, '$1$2');
const own = JSON.parse(fs.readFileSync(path.join(root, 'tests', 'definitions', 'conversions.json'), 'utf8'))
  .map(({ id, definition, input, left }) => ({ id, definition: JSON.stringify(definition), input: JSON.stringify(input), left }))
  .filter(one => !option('--id') || one.id === option('--id'));
const cases = !recorded ? [] : fs.readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line))
  .filter(one => (one.kind === 'execution' || one.kind === 'choice') && !one.needs?.length && !one.setup && one.type === 'STANDARD' && one.definition && (!option('--id') || one.id === option('--id')));

const left = new Map();
const failures = [];
let passed = 0, whole = 0, untouched = 0, number = 0;

async function check(one) {
  const name = `m${++number}`;
  const definition = filled(one.definition), input = filled(one.input ?? '{}');
  const original = await end(`${name}-original`, definition, input, name);
  if (original.refused) { ++untouched; return; }
  const converted = await convert(definition, name);
  if (converted.code !== 0) { failures.push(`${one.id}: weft convert: ${converted.said.trim()}`); return; }
  const reasons = [...converted.said.matchAll(/keeps JSONPath: (.*)/g)].map(match => match[1]);
  for (const reason of reasons) left.set(reason.replace(/(the path )\S+/, '$1...'), (left.get(reason.replace(/(the path )\S+/, '$1...')) ?? 0) + 1);
  if (one.left && !reasons.some(reason => reason.includes(one.left))) failures.push(`${one.id}: a state must be left: ${one.left}`);
  if (/^0 states converted/m.test(converted.said)) { ++untouched; return; }
  if (!reasons.length) ++whole;
  const again = await end(`${name}-converted`, converted.definition, input, name);
  try {
    assert.deepEqual({ refused: again.refused, status: again.status, output: again.output }, { refused: undefined, status: original.status, output: original.output });
    ++passed;
  } catch {
    failures.push(`${one.id}: ${JSON.stringify(original)} became ${JSON.stringify(again)}\n${option('--id') ? converted.definition : ''}`);
  }
}

const queue = [...cases, ...own];
await Promise.all(Array.from({ length: 4 }, async () => {
  for (let one = queue.shift(); one; one = queue.shift()) await check(one);
}));

console.log(`${cases.length} recorded cases that call nothing, ${own.length} of our own: ${untouched} have nothing to convert, ${whole} became JSONata wholly`);
if (process.argv.includes('--left')) for (const [reason, count] of [...left].sort((a, b) => b[1] - a[1])) console.log(`  ${String(count).padStart(4)}  ${reason}`);
for (const failure of failures) console.log(`FAILED ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
