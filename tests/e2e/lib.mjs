// What the end-to-end tests share: running weft and aws-cli, scratch folders, pictures.
import { spawn, spawnSync } from 'node:child_process';
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
export const weftProgram = path.resolve(root, process.env.WEFT_PROGRAM ?? 'build/release/bin/weft');
export const shared = path.resolve(root, process.env.WEFT_SHARED ?? '../shared');
export const functionDirectory = path.join(root, 'examples', 'watermark', 'function');
export const watermarkDefinition = path.join(root, 'examples', 'watermark', 'watermark.asl.json');
export const watermarkFunction = `${path.join(functionDirectory, 'handler.mjs')}:handler`;

const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_DEFAULT_REGION: 'us-east-1', AWS_PAGER: '' };

const cleanups = new WeakMap();

/** Runs `action` when the test has ended; the last one given runs first. */
export function cleanUp(t, action) {
  if (!cleanups.has(t)) {
    cleanups.set(t, []);
    t.after(async () => {
      for (const each of cleanups.get(t).reverse()) await each();
    });
  }
  cleanups.get(t).push(action);
}

/** A fresh directory that goes away with the test. */
export function scratch(t) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'weft-e2e-'));
  cleanUp(t, () => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** ms after which a program is killed that none comes near. */
export const patience = { ms: 600_000 };

/** Starts a program, killed after `timeout` ms; `.done` resolves to {code, signal, stdout, stderr} when it has ended. */
export function start(program, args, { env = {}, timeout = patience.ms, cwd = root } = {}) {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) child[stream].on('data', chunk => { text[stream] += chunk; });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
  child.done = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...text });
    });
  });
  child.text = text;
  return child;
}

export const weft = (args, options) => start(weftProgram, args, options).done;

/** A command line that weft printed, without its first word, as a shell takes it. */
export const pasted = (line, options) => start('/bin/sh', ['-c', `"$0" ${line}`, weftProgram], options).done;

/** `weft run ... --json`: {code, report, stdout, stderr}. */
export async function weftRun(args, options) {
  const result = await weft(['run', ...args, '--json'], options);
  let report;
  try {
    report = JSON.parse(result.stdout);
  } catch {
    report = undefined;
  }
  return { ...result, report };
}

/** Starts `weft run` with `args` and kills it (-9) once its Map Run has so many children done and stored; how many items it had read and done. */
export async function killAfter(children, args) {
  const run = start(weftProgram, args);
  const said = pattern => until(() => pattern.exec(run.text.stderr)?.[1] ?? (run.exitCode !== null && 'none'), `no run: ${run.text.stderr}`);
  const sfn = await stepFunctions(await said(/API and S3 at (http:\/\/\S+)/));
  const executionArn = await said(/_weft\/ui\/exec\/(arn:\S+)/);
  const { mapRunArn, itemCounts: counts } = await until(async () => {
    assert.equal(run.exitCode, null, `the run ended before it was killed: ${run.text.stdout}${run.text.stderr}`);
    const { mapRuns } = await sfn.listMapRuns({ executionArn });
    const mapRun = mapRuns.length > 0 && await sfn.describeMapRun(mapRuns[0]);
    return mapRun && mapRun.executionCounts.succeeded >= children && mapRun;
  }, 'the children do not get done');
  // Counts are ahead of what is stored; what is listed lies in the store.
  const stored = () => allPages(nextToken => sfn.listExecutions({ mapRunArn, statusFilter: 'SUCCEEDED', maxResults: 1000, nextToken }), 'executions');
  await until(async () => (await stored()).length >= children, 'the children are not stored');
  run.kill('SIGKILL');
  await run.done;
  return { read: counts.total, done: counts.succeeded };
}

/** Fails with everything the program said when it did not end with `code`. */
export function expectStatus(result, code, what) {
  assert.equal(result.code, code, `${what}: exit status ${result.code ?? result.signal}\n--- stdout\n${result.stdout}\n--- stderr\n${result.stderr}`);
}

export const freePort = () => new Promise(resolve => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/** `weft serve` on a port of its choice, stopped with the test. Resolves to its URL once it is ready. */
export const serve = async (t, args) => (await serveProcess(t, args)).endpoint;

/** The same with the process, to kill it: {endpoint, child}. */
export async function serveProcess(t, args) {
  const portFile = path.join(scratch(t), 'port');
  const child = start(weftProgram, ['serve', '--listen', '127.0.0.1:0', '--port-file', portFile, ...args], { timeout: 1_200_000 });
  cleanUp(t, async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await child.done;
    clearTimeout(late);
  });
  const port = await until(() => {
    if (child.exitCode !== null) assert.fail(`weft serve ended with ${child.exitCode}: ${child.text.stderr}`);
    return fs.existsSync(portFile) && /^(\d+)\n$/.exec(fs.readFileSync(portFile, 'utf8'))?.[1];
  }, 'weft serve does not get ready');
  return { endpoint: `http://127.0.0.1:${port}`, child };
}

/** Polls until `condition` holds, and answers what it answered; fails with `message` after far longer than it takes. */
export async function until(condition, message, seconds = 300) {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) assert.fail(message);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** aws-cli against `endpoint`; its JSON answer (undefined when it printed none). Throws what it said on failure. */
export async function aws(endpoint, ...args) {
  const result = await awsResult(endpoint, ...args);
  if (result.code !== 0) throw new Error(result.stderr.trim() || `aws ended with ${result.code}`);
  return result.stdout.trim() ? JSON.parse(result.stdout) : undefined;
}

export function awsResult(endpoint, ...args) {
  return start('aws', [...args, '--endpoint-url', endpoint, '--output', 'json'], { env: credentials }).done;
}

/** One operation of the Step Functions API by plain HTTP; its answer. */
export async function call(endpoint, operation, body, headers = {}) {
  const response = await fetch(endpoint, {
    method: 'POST', headers: { 'X-Amz-Target': `AWSStepFunctions.${operation}`, ...headers }, body: JSON.stringify(body),
  });
  const answer = await response.json();
  assert.equal(response.status, 200, `${operation}: ${JSON.stringify(answer)}`);
  return answer;
}

/** An SDK client of Step Functions as {command: request => answer}. */
export async function stepFunctions(endpoint) {
  const sdk = await import('@aws-sdk/client-sfn');
  const client = new sdk.SFNClient({
    endpoint, region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, disableHostPrefix: true,
  });
  return new Proxy({}, {
    get: (_, name) => name === 'then' ? undefined
      : request => client.send(new sdk[`${name[0].toUpperCase()}${name.slice(1)}Command`](request)),
  });
}

/** All pages of a list operation: `list` is called with nextToken until there is none. */
export async function allPages(list, member) {
  const items = [];
  let nextToken;
  do {
    const page = await list(nextToken);
    items.push(...page[member]);
    nextToken = page.nextToken;
  } while (nextToken);
  return items;
}

/** Keys of all objects of a bucket directory, sorted; Weft's own files below .weft are none. */
export function keysOf(directory) {
  return fs.readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(directory, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter(key => !key.startsWith('.weft/'))
    .sort();
}

const sharp = () => createRequire(path.join(functionDirectory, 'handler.mjs'))('sharp');

/** A bucket directory with `count` pictures: from the demo's packages, drawn ones when those cannot be had. */
export async function pictures(directory, count) {
  const source = path.join(root, 'demo-data', 'photos');
  spawnSync(path.join(root, 'examples', 'watermark', 'pictures.sh'), [source], { stdio: 'ignore' });
  fs.mkdirSync(directory, { recursive: true });
  const keys = fs.existsSync(path.join(root, 'demo-data', 'pictures.txt')) ? keysOf(source) : [];
  if (keys.length < count) return drawnPictures(directory, count);
  const step = keys.length / count;
  for (let i = 0; i < count; i++) {
    const key = keys[Math.floor(i * step)];
    fs.mkdirSync(path.dirname(path.join(directory, key)), { recursive: true });
    fs.copyFileSync(path.join(source, key), path.join(directory, key));
  }
}

async function drawnPictures(directory, count) {
  fs.mkdirSync(path.join(directory, 'icons'), { recursive: true });
  for (let i = 0; i < count; i++) {
    const background = { r: (i * 37) % 256, g: (i * 91) % 256, b: 128 };
    await sharp()({ create: { width: 64 + i % 64, height: 64, channels: 3, background } }).png()
      .toFile(path.join(directory, 'icons', `drawn-${String(i).padStart(4, '0')}.png`));
  }
}

/** Checks that every picture of `before` has a watermarked counterpart in `after`. */
export async function expectWatermarked(before, after) {
  const { compare } = await import(path.join(root, 'examples', 'watermark', 'check.mjs'));
  assert.deepEqual(await compare(before, after), []);
}

/** One state of a lambda:invoke task, in JSONata. */
export const invoke = (name, more = {}) => ({
  Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: name, Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}', End: true, ...more,
});

/** A machine of these states in JSONata, starting at the first. */
export const machine = states => ({ QueryLanguage: 'JSONata', StartAt: Object.keys(states)[0], States: states });

/** A machine with one Distributed Map, "Each", over the numbers 1 to `children`; `more` adds to its state. */
export const fanOut = (children, states, more = {}) => machine({
  Each: {
    Type: 'Map', Items: `{% [1..${children}] %}`, Label: 'Each', ToleratedFailurePercentage: 100, End: true,
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: Object.keys(states)[0], States: states },
    ...more,
  },
});

/** States of which every `nth` number fails and the others go on to `rest`. */
export const refuseEvery = (nth, rest) => ({
  Check: { Type: 'Choice', Default: 'Rest', Choices: [{ Condition: `{% $states.input % ${nth} = 0 %}`, Next: 'Refuse' }] },
  Refuse: { Type: 'Fail', Error: 'Bad.Item', Cause: 'it is bad' },
  Rest: { ...rest, End: true },
});

/**
 * Before an ItemProcessor: children for which the JSONata `condition` holds wait first until the file `gate` exists. As many of them as the
 * Map Run has children at once hold it there, however fast it is. Answers the flags with the function that they wait in.
 */
export function holdWhere(processor, condition, gate) {
  const name = path.basename(gate), next = processor.StartAt;
  Object.assign(processor, {
    StartAt: `Is ${name}`,
    States: {
      [`Is ${name}`]: { Type: 'Choice', Default: next, Choices: [{ Condition: condition, Next: name }] },
      [name]: { ...invoke(name, { Arguments: { FunctionName: name, Payload: 1 }, Output: '{% $states.input %}' }), End: undefined, Next: next },
      ...processor.States,
    },
  });
  return ['--function', `${name}=${path.join(root, 'tests/e2e/functions/gate.mjs')}:handler,timeout=600,unknown_outcome=redeliver,env.GATE=${gate}`];
}

/** Writes a definition into `directory` and answers its path. */
export function definitionFile(directory, definition, name = 'machine.asl.json') {
  const file = path.join(directory, name);
  fs.writeFileSync(file, typeof definition === 'string' ? definition : JSON.stringify(definition, null, 2));
  return file;
}
