// Spans per second that Weft takes over Datadog's intake and stores, and how many it drops.
//   node bench/ingest.mjs [--seconds N] [--rate SPANS_PER_SECOND] [--weft FILE] [--durability fsync|os]
// Starts `weft serve`, starts one execution whose function tells its request ids and stays, and sends
// chunks of five spans (an aws.lambda span and four S3 calls, 16 tags each) for these requests over
// four connections. Without --rate as fast as they are answered. The sender shares the machine.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const seconds = Number(option('seconds', 10));
const rate = Number(option('rate', 0));
const program = path.resolve(root, option('weft', 'build/release/bin/weft'));
const CHUNKS = 100;
const SPANS = 5;
const CONNECTIONS = 4;

// ------------------------------------------------------------------------------------ MessagePack
const patches = [];  // [offset, span of the body, is it the parent]
function body(requestIds) {
  const parts = [];
  let size = 0;
  const put = buffer => { parts.push(buffer); size += buffer.length; };
  const head = (code, count) => {
    const bytes = Buffer.alloc(5);
    bytes[0] = code;
    bytes.writeUInt32BE(count, 1);
    put(bytes);
  };
  const text = value => { head(0xdb, Buffer.byteLength(value)); put(Buffer.from(value)); };
  const number = value => {
    const bytes = Buffer.alloc(9);
    bytes[0] = 0xcf;
    bytes.writeBigUInt64BE(BigInt(value), 1);
    put(bytes);
  };
  const id = (key, span) => { text(key); patches.push([size + 1, span]); number(0); };
  const texts = members => {
    head(0xdf, Object.keys(members).length);
    for (const [key, value] of Object.entries(members)) { text(key); text(value); }
  };
  const tags = { 'runtime-id': '2f6b4a50-6c1d-4f0e-9a39-0a2b7c0de111', language: 'javascript', component: 'aws-sdk',
    'aws.region': 'us-east-1', region: 'us-east-1', aws_service: 'S3', 'aws.operation': 'getObject', 'span.kind': 'client',
    bucketname: 'pictures', 'aws.response.request_id': '0123456789ABCDEF', 'aws.response.status_code': '200',
    'aws.response.body.content_length': '1234', 'peer.service': 'pictures', '_dd.base_service': 'process-image' };
  head(0xdd, CHUNKS);
  for (let chunk = 0; chunk < CHUNKS; chunk++) {
    head(0xdd, SPANS);
    for (let span = 0; span < SPANS; span++) {
      const lambda = span === 0;
      head(0xdf, 11);
      id('trace_id', chunk * SPANS);
      id('span_id', chunk * SPANS + span);
      id('parent_id', chunk * SPANS);
      text('name'); text(lambda ? 'aws.lambda' : 'aws.request');
      text('service'); text(lambda ? 'process-image' : 'process-image-aws-s3');
      text('resource'); text(lambda ? 'process-image' : 'getObject pictures');
      text('type'); text(lambda ? 'serverless' : 'web');
      text('start'); number(1_700_000_000_000_000_000n);
      text('duration'); number(12_345_678);
      text('error'); number(0);
      text('meta');
      texts(lambda ? { ...tags, request_id: requestIds[chunk % requestIds.length], '_dd.p.tid': '33089bd613b96f23' } : tags);
    }
  }
  return Buffer.concat(parts);
}

// ------------------------------------------------------------------------------------- the server
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'weft-ingest-'));
fs.writeFileSync(path.join(directory, 'index.mjs'), `import fs from 'node:fs';
export async function handler(event, context) {
  fs.appendFileSync(process.env.IDS, context.awsRequestId + '\\n');
  await new Promise(resolve => setTimeout(resolve, 600_000));
}`);
const idsFile = path.join(directory, 'ids');
const port = await new Promise(resolve => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const found = server.address().port;
    server.close(() => resolve(found));
  });
});
const url = `http://127.0.0.1:${port}`;
const weft = spawn(program, ['serve', '--listen', `127.0.0.1:${port}`, '--data', path.join(directory, 'data'),
  '--durability', option('durability', 'fsync'),
  '--function', `f=${path.join(directory, 'index.mjs')}:handler,concurrency=2,timeout=700,env.IDS=${idsFile}`],
{ stdio: ['ignore', 'ignore', 'inherit'] });
weft.on('exit', code => code && process.exit(1));

const call = async (target, request) => {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(request),
    headers: { 'X-Amz-Target': `AWSStepFunctions.${target}`, 'Content-Type': 'application/x-amz-json-1.0' } });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
};
process.on('exit', () => weft.kill());
const health = async () => {
  const answer = await fetch(`${url}/_weft/health`);
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()).telemetry;
};
for (let tries = 0; ; tries++) {
  try { await health(); break; } catch (error) { if (tries > 200) throw error; await sleep(50); }
}
const branch = name => ({ StartAt: name, States: { [name]: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:f', End: true } } });
const { stateMachineArn } = await call('CreateStateMachine', { name: 'ingest', roleArn: 'arn:aws:iam::000000000000:role/r',
  definition: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'P', States: { P: { Type: 'Parallel', Branches: [branch('A'), branch('B')], End: true } } }) });
await call('StartExecution', { stateMachineArn });
const ids = () => (fs.existsSync(idsFile) ? fs.readFileSync(idsFile, 'utf8').split('\n').filter(Boolean) : []);
while (ids().length < 2) await sleep(50);

// --------------------------------------------------------------------------------------- the load
const template = body(ids());
const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
let nextId = 1n;
let sent = 0;
const perRequest = CHUNKS * SPANS;
const post = bytes => new Promise((resolve, reject) => {
  const request = http.request(`${url}/v0.4/traces`, { method: 'PUT', agent,
    headers: { 'Content-Type': 'application/msgpack', 'Content-Length': bytes.length } }, response => {
    response.resume();
    response.on('end', () => resolve(response.statusCode));
  });
  request.on('error', reject);
  request.end(bytes);
});
const started = performance.now();
const elapsed = () => (performance.now() - started) / 1000;
async function sender() {
  const bytes = Buffer.from(template);
  while (elapsed() < seconds) {
    if (rate && sent >= rate * elapsed()) { await sleep(2); continue; }
    const base = nextId;
    nextId += BigInt(perRequest);
    sent += perRequest;
    for (const [offset, span] of patches) bytes.writeBigUInt64BE(base + BigInt(span), offset);
    const status = await post(bytes);
    if (status !== 200) throw new Error(`status ${status}`);
  }
}
const usage = () => {
  const fields = fs.readFileSync(`/proc/${weft.pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};
const cpuBefore = usage();
await Promise.all(Array.from({ length: CONNECTIONS }, sender));
const took = elapsed();
const cpu = usage() - cpuBefore;
const counts = await health();
console.log(`${os.cpus().length} cores, ${new Date().toISOString().slice(0, 10)}, ${perRequest} spans a request, ${(template.length / perRequest).toFixed(0)} bytes a span`);
console.log(`${(counts.spans / took).toFixed(0)} spans/s for ${took.toFixed(1)} s: ${counts.stored} stored, ${counts.dropped} dropped, `
  + `${counts.unknown} unknown; ${(cpu * 1e6 / counts.spans).toFixed(2)} us of CPU a span`);
const exited = once(weft, 'exit');
weft.kill('SIGTERM');
await exited;
fs.rmSync(directory, { recursive: true, force: true });
process.exit(0);
