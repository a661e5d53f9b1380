// What a function can do to its host, one export each.
import net from 'node:net';
import { execFileSync } from 'node:child_process';

export const echo = async (event) => event;

export const nothing = async () => {};

export const plain = () => 'plain result';

export const throws = async () => {
  throw new TypeError('cannot do this');
};

export const throwsText = async () => {
  throw 'only a text';
};

// Never answers; prints first, so that the log of a killed call can be looked at.
export const hangs = async () => {
  console.log('about to hang');
  await new Promise(() => setInterval(() => {}, 1000));
};

export const exits = async () => {
  console.log('about to exit');
  process.exit(3);
};

export const killsItself = async () => process.kill(process.pid, 'SIGKILL');

export const rejectsLater = async () => {
  Promise.reject(new Error('nobody waits for this'));
  await new Promise(() => setInterval(() => {}, 1000));
};

export const large = async (event) => 'x'.repeat(event.bytes);

export const logs = async (event) => {
  console.log(`out ${event.text}`);
  console.error(`err ${event.text}`);
  return event.text;
};

export const prints = async (event) => {
  process.stdout.write('y'.repeat(event.bytes) + 'end');
};

export const describe = async (event, context) => ({
  pid: process.pid,
  requestId: context.awsRequestId,
  name: context.functionName,
  memory: context.memoryLimitInMB,
  arn: context.invokedFunctionArn,
  client: context.clientContext,
  left: context.getRemainingTimeInMillis() > 0,
  trace: process.env._X_AMZN_TRACE_ID,
  traceparent: process.env.TRACEPARENT,
});

export const environment = async () => process.env;

// The variables of the call as code finds them: read, listed, copied, inherited, changed.
export const callVariables = async () => {
  const names = ['_X_AMZN_TRACE_ID', 'TRACEPARENT'];
  const printed = (env) => execFileSync('/usr/bin/env', { env, encoding: 'utf8' });
  const seen = {
    read: names.map((name) => process.env[name]),
    listed: names.filter((name) => name in process.env && Object.keys(process.env).includes(name)),
    copied: { ...process.env }.TRACEPARENT,
    inherited: printed(undefined).match(/^TRACEPARENT=(.*)$/m)?.[1],
  };
  process.env.TRACEPARENT = 7;
  seen.set = process.env.TRACEPARENT;
  delete process.env.TRACEPARENT;
  seen.deleted = process.env.TRACEPARENT === undefined && !('TRACEPARENT' in process.env);
  process.env.OWN = 'kept';
  seen.own = printed(process.env).match(/^OWN=(.*)$/m)?.[1];
  return seen;
};

export const throwsOddName = async () => {
  const error = new Error('with a name of two lines');
  error.name = 'Two\r\nX-Lines: \u00fc';
  throw error;
};

// The sockets that anybody has kept the event loop for.
const kept = new Set();
const { ref } = net.Socket.prototype;
net.Socket.prototype.ref = function () {
  kept.add(this);
  return ref.call(this);
};

// Ends the connection to the host, as a host does with one that was idle for long.
export const loseConnection = async () => {
  const port = Number(process.env.AWS_LAMBDA_RUNTIME_API.split(':')[1]);
  const own = [...kept].filter((socket) => socket.remotePort === port);
  const closed = own.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  for (const socket of own) socket.destroy();
  await Promise.all(closed);
  return own.length;
};

export const levels = async () => {
  console.debug('one');
  console.info('two', { a: 1 });
  console.log('three\nlines');
  console.trace('four');
  console.warn('five');
  console.error('six');
  console.fatal('seven');
};

const sendHeld = (name) =>
  fetch(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/held/${name}`, { method: 'POST' });

// Holds something that only who asks OpenTelemetry's provider to flush gets to see.
export const holds = async () => {
  const provider = { forceFlush: () => sendHeld('node') };
  globalThis[Symbol.for('opentelemetry.js.api.1')] = { trace: { getDelegate: () => provider } };
};

// Ends by itself once it was told to.
export const ends = async () => {
  process.once('SIGTERM', () => sendHeld('own'));
};

export const staysAlive = async () => {
  setInterval(() => {}, 1000);
  globalThis[Symbol.for('opentelemetry.js.api.1')] = { trace: { forceFlush: () => new Promise(() => {}) } };
};
