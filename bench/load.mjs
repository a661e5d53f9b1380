// What one StartExecution waits for while others take all they can get at once, and what of it all
// is there after a kill -9:
//   node bench/load.mjs [--seconds N] [--weft FILE]
// slow connections that never end their request, validations of the worst definitions, a Distributed
// Map whose children use up JSONata's time, and a flood of spans. The clients share the machine.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const STARTERS = 4;
const FLOOD_CONNECTIONS = 4;
const SPANS = 200;  // of one request
const roleArn = 'arn:aws:iam::000000000000:role/r';

const PASS = { QueryLanguage: 'JSONata', StartAt: 'P', States: { P: { Type: 'Pass', End: true } } };

/** A Map whose children each evaluate until their time is over, and are forgiven. */
const noisy = children => ({
  QueryLanguage: 'JSONata', StartAt: 'M', States: { M: {
    Type: 'Map', Label: 'M', Items: `{% [1..${children}] %}`, MaxConcurrency: children, ToleratedFailurePercentage: 100,
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'I', States: { I: {
      Type: 'Pass', End: true, Output: '{% ($f := function($n) { $f($n + 1) }; $f(0)) %}' } } },
    Output: 'done', End: true } } });

/** A definition of as many bytes as may be, with a finding every few of them. */
const worst = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'S',
  States: { S: { Type: 'Pass', End: true, Output: Array(90_000).fill('{% ( %}') } } });

async function serve(program, directory) {
  const portFile = path.join(directory, 'port');
  fs.rmSync(portFile, { force: true });
  const weft = spawn(program, ['serve', '--listen', '127.0.0.1:0', '--port-file', portFile, '--data', path.join(directory, 'data')],
    { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise(resolve => weft.on('exit', resolve));
  while (!fs.existsSync(portFile) || !fs.readFileSync(portFile, 'utf8').endsWith('\n')) {
    if (weft.exitCode !== null) throw new Error(`weft serve ended with ${weft.exitCode}`);
    await sleep(20);
  }
  const port = Number(fs.readFileSync(portFile, 'utf8'));
  const call = async (operation, request) => {
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: JSON.stringify(request),
      headers: { 'X-Amz-Target': `AWSStepFunctions.${operation}`, 'Content-Type': 'application/x-amz-json-1.0' } });
    if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
    return answer.json();
  };
  const stop = signal => { weft.kill(signal); return ended; };
  return { weft, port, call, stop };
}

/** A connection that sends a byte of its body a second; a new one when it is cut off. */
function slowConnection(port, done) {
  const socket = net.connect(port, '127.0.0.1', () => {
    socket.write('POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\nContent-Length: 9999\r\n\r\n{');
  });
  const timer = setInterval(() => socket.write(' '), 1000);
  socket.on('error', () => {});
  socket.on('close', () => {
    clearInterval(timer);
    if (!done()) setTimeout(() => done() || slowConnection(port, done), 100);
  });
  const watch = setInterval(() => done() && (clearInterval(watch), socket.destroy()), 100);
}

function spans() {
  const now = BigInt(Date.now()) * 1_000_000n;
  const all = Array.from({ length: SPANS }, (_, i) => ({ traceId: '1'.padStart(32, '0'), spanId: (i + 1).toString(16).padStart(16, '0'),
    name: 'flood', startTimeUnixNano: String(now), endTimeUnixNano: String(now + 1000n),
    attributes: Array.from({ length: 16 }, (_, a) => ({ key: `key${a}`, value: { stringValue: 'x'.repeat(64) } })) }));
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: all }] }] });
}

const highWater = pid => Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;

const last = list => list[list.length - 1];
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];

/** Every acknowledged execution has ended well. */
async function checkAll(call, arns) {
  const lost = [];
  for (const executionArn of arns) {
    for (;;) {
      const { status } = await call('DescribeExecution', { executionArn }).catch(error => ({ status: error.message }));
      if (status === 'RUNNING') { await sleep(20); continue; }
      if (status !== 'SUCCEEDED') lost.push(`${executionArn}: ${status}`);
      break;
    }
  }
  return lost;
}

/** Runs it all for so long, kills weft, and looks for what was acknowledged. */
export async function load({ program, seconds, slow, validations, children }) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'weft-load-'));
  let server = await serve(program, directory);
  let over = false;
  const done = () => over;
  try {
    const { call, port } = server;
    const create = async (name, definition) => (await call('CreateStateMachine', { name, roleArn, definition: JSON.stringify(definition) })).stateMachineArn;
    const quiet = await create('quiet', PASS);
    const loud = await create('loud', noisy(children));
    for (let i = 0; i < slow; ++i) slowConnection(port, done);
    const counts = { validations: 0, floods: 0, refused: 0, noisy: 0 };
    const work = [];
    const repeat = (times, action) => {
      const worker = async () => { while (!over) await action(); };
      for (let i = 0; i < times; ++i) work.push(worker().catch(error => { if (!over) throw error; }));
    };
    repeat(validations, async () => {
      await call('ValidateStateMachineDefinition', { definition: worst }).then(() => ++counts.validations, () => over || ++counts.refused);
    });
    const body = spans();
    repeat(FLOOD_CONNECTIONS, async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/v1/traces`, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
      await answer.arrayBuffer();
      ++counts[answer.ok ? 'floods' : 'refused'];
    });
    repeat(1, async () => {
      const { executionArn } = await call('StartExecution', { stateMachineArn: loud });
      ++counts.noisy;
      while (!over && (await call('DescribeExecution', { executionArn })).status === 'RUNNING') await sleep(200);
    });
    const acknowledged = [];
    const waits = [];
    repeat(STARTERS, async () => {
      const from = performance.now();
      const { executionArn } = await call('StartExecution', { stateMachineArn: quiet });
      waits.push(performance.now() - from);
      acknowledged.push(executionArn);
      await sleep(20);
    });
    // So long, and until each of them has done something.
    const enough = async () => {
      await sleep(seconds * 1000);
      while (!over && (waits.length === 0 || counts.noisy === 0 || counts.floods === 0)) await sleep(20);
    };
    await Promise.race([enough(), Promise.all(work)]);
    const memory = highWater(server.weft.pid);
    over = true;
    await server.stop('SIGKILL');
    await Promise.all(work);
    server = await serve(program, directory);
    const lost = await checkAll(server.call, acknowledged);
    waits.sort((a, b) => a - b);
    return { ...counts, starts: waits.length, p50: quantile(waits, 0.5), p99: quantile(waits, 0.99), max: last(waits), memory, lost };
  } finally {
    over = true;
    await server.stop('SIGTERM');
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name, otherwise) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? otherwise : process.argv[at + 1];
  };
  const result = await load({ program: path.resolve(root, option('weft', 'build/release/bin/weft')),
    seconds: Number(option('seconds', 30)), slow: 500, validations: 8, children: 200 });
  const ms = value => `${value.toFixed(0)} ms`;
  console.log(`beside 500 slow connections, ${result.validations} validations of 1 MB (8 at once), ${result.noisy} Map Runs of 200 children at the ` +
    `JSONata limit, ${result.floods * SPANS} spans (${result.refused} requests refused):`);
  console.log(`  StartExecution  ${result.starts} calls, p50 ${ms(result.p50)}, p99 ${ms(result.p99)}, max ${ms(result.max)} (the aim: p99 under 250 ms)`);
  console.log(`  memory          ${result.memory.toFixed(0)} MiB at most (the aim: under 1,024)`);
  console.log(`  after kill -9   ${result.lost.length} of ${result.starts} acknowledged executions lost`);
  console.log(`  the machine     load ${os.loadavg().map(value => value.toFixed(1)).join(' ')} on ${os.cpus().length} processors`);
  for (const line of result.lost.slice(0, 10)) console.log(`  lost ${line}`);
  process.exitCode = result.lost.length === 0 ? 0 : 1;
}
