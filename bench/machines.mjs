// What one execution costs at a client of `weft serve`, with fsync, and what a large definition costs to validate.
//   node bench/machines.mjs [--weft FILE] [--runs N]
// Starts the server and prints the median of N (200) executions of a machine of 5 Pass states, from sending StartExecution to
// DescribeExecution saying SUCCEEDED, asked again as soon as it is answered; one loop of a Choice as long as AWS's limit of
// 25,000 events lets it be (AWS: 48 s, public measurement); and the median of N ValidateStateMachineDefinition of 200 states.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const program = path.resolve(root, option('weft', 'build/release/bin/weft'));
const runs = Number(option('runs', 200));
const EVENTS_MAX = 25_000;
const STATES = 200;

const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'weft-machines-'));
const portFile = path.join(directory, 'port');
const server = spawn(program, ['serve', '--data', path.join(directory, 'data'), '--listen', '127.0.0.1:0', '--port-file', portFile],
  { stdio: ['ignore', 'ignore', 'inherit'] });
process.on('exit', () => { server.kill('SIGKILL'); fs.rmSync(directory, { recursive: true, force: true }); });
while (!fs.existsSync(portFile) || !fs.readFileSync(portFile, 'utf8').endsWith('\n')) {
  if (server.exitCode !== null) throw new Error(`weft serve ended with status ${server.exitCode}`);
  await sleep(10);
}
const port = Number(fs.readFileSync(portFile, 'utf8'));
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

function call(operation, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({
      port, agent, method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` },
    }, response => {
      const chunks = [];
      response.on('data', chunk => chunks.push(chunk)).on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${operation}: ${text}`));
      });
    });
    request.on('error', reject).end(JSON.stringify(body));
  });
}

const create = async (name, definition) =>
  (await call('CreateStateMachine', { name, definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::000000000000:role/bench' })).stateMachineArn;

/** Milliseconds until an execution that is started now has ended. */
async function execute(stateMachineArn) {
  const begin = performance.now();
  const { executionArn } = await call('StartExecution', { stateMachineArn, input: '{"n": 0}' });
  let execution;
  do execution = await call('DescribeExecution', { executionArn }); while (execution.status === 'RUNNING');
  const milliseconds = performance.now() - begin;
  if (execution.status !== 'SUCCEEDED') throw new Error(`${execution.status} ${execution.error}: ${execution.cause}`);
  return { milliseconds, executionArn };
}

/** `of` done so often, after a tenth of that to warm up: the median and the 95th percentile of its milliseconds. */
async function measured(of) {
  for (let i = 0; i < runs / 10; i++) await of();
  const all = [];
  for (let i = 0; i < runs; i++) all.push(await of());
  all.sort((a, b) => a - b);
  return `${all[Math.floor(runs / 2)].toFixed(2)} ms (median of ${runs}; 95th percentile ${all[Math.floor(runs * 0.95)].toFixed(2)} ms)`;
}

const pass = (n, of) => ({ Type: 'Pass', ...n < of ? { Next: `P${n + 1}` } : { End: true } });
const chain = length => ({ StartAt: 'P1', States: Object.fromEntries(Array.from({ length }, (_, i) => [`P${i + 1}`, pass(i + 1, length)])) });

const five = await create('five', chain(5));
console.log(`StartExecution to the end of 5 Pass states, at the client, fsync: ${await measured(async () => (await execute(five)).milliseconds)}`);

// Each round is a Choice and a Pass of two events each; around them are the last Choice, Done, and the execution's own two.
const rounds = Math.floor((EVENTS_MAX - 6) / 4);
const loop = await create('loop', {
  StartAt: 'Choice',
  States: {
    Choice: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericLessThan: rounds, Next: 'Pass' }], Default: 'Done' },
    Pass: { Type: 'Pass', Parameters: { 'n.$': 'States.MathAdd($.n, 1)' }, Next: 'Choice' },
    Done: { Type: 'Succeed' },
  },
});
const looped = await execute(loop);
const { events: [last] } = await call('GetExecutionHistory', { executionArn: looped.executionArn, reverseOrder: true, maxResults: 1 });
console.log(`a Choice loop of ${last.id} events: ${(looped.milliseconds / 1000).toFixed(3)} s (AWS: 48 s)`);

// Every state has what costs: paths, a template, a Retry, a Catch.
const large = { StartAt: 'S1', States: {} };
for (let n = 1; n <= STATES; n++) {
  large.States[`S${n}`] = n % 2 === 0
    ? { Type: 'Choice', Choices: [{ And: [{ Variable: '$.a', IsPresent: true }, { Variable: '$.a.b[0]', NumericGreaterThan: n }], Next: `S${Math.min(n + 1, STATES - 1)}` }], Default: `S${Math.min(n + 1, STATES - 1)}` }
    : {
      Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f', Payload: { 'a.$': '$.a', 'text.$': "States.Format('{} of {}', $.a, $$.Execution.Name)" } },
      ResultSelector: { 'r.$': '$.Payload' }, ResultPath: '$.r', Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 3 }],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: `S${Math.min(n + 1, STATES)}` }], Next: `S${Math.min(n + 1, STATES)}`,
    };
}
large.States[`S${STATES}`] = { Type: 'Succeed' };
const definition = JSON.stringify(large);
const { result, diagnostics } = await call('ValidateStateMachineDefinition', { definition });
if (result !== 'OK') throw new Error(`the machine of ${STATES} states is not valid: ${JSON.stringify(diagnostics[0])}`);
console.log(`validation of ${STATES} states (${(definition.length / 1024).toFixed(0)} KiB), at the client: ${await measured(async () => {
  const begin = performance.now();
  await call('ValidateStateMachineDefinition', { definition });
  return performance.now() - begin;
})}`);
process.exit(0);
