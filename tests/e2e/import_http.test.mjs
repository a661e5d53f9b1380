// Executions of one `weft serve` become log lines, as Step Functions writes them, and come to another
// over HTTP as CloudWatch Logs and Firehose deliver them: shuffled, doubled, in pieces.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import zlib from 'node:zlib';
import { call, fanOut, refuseEvery, scratch, serve, until } from './lib.mjs';

const CHILDREN = 40;
const definition = fanOut(CHILDREN, refuseEvery(10, { Type: 'Pass' }));

/** The token of an endpoint, out of the data directory of its server. */
async function tokenOf(endpoint) {
  const refused = await fetch(`${endpoint}/_weft/v1/import/logs`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
  assert.equal(refused.status, 401);
  const directory = decodeURIComponent(refused.headers.get('weft-data-directory'));
  const file = path.join(directory, 'token');
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  return fs.readFileSync(file, 'utf8').trim();
}

async function post(endpoint, body, more = {}) {
  const headers = { ...more, Authorization: `Bearer ${await tokenOf(endpoint)}` };
  const response = await fetch(`${endpoint}/_weft/v1/import/logs`, { method: 'POST', headers, body });
  return { status: response.status, answer: await response.json() };
}

/** All pages of GetExecutionHistory. */
async function history(endpoint, executionArn) {
  const events = [];
  let nextToken;
  do {
    const page = await call(endpoint, 'GetExecutionHistory', { executionArn, nextToken, maxResults: 1000 });
    events.push(...page.events);
    nextToken = page.nextToken;
  } while (nextToken);
  return events;
}

/** An event as Step Functions logs it. */
function logLine(event, executionArn, mapRunArn) {
  const details = Object.entries(event).find(([name]) => name.endsWith('EventDetails'))?.[1] ?? {};
  return JSON.stringify({
    id: String(event.id), type: event.type, details, previous_event_id: String(event.previousEventId),
    event_timestamp: String(Math.round(event.timestamp * 1000)), execution_arn: executionArn,
    ...(mapRunArn ? { map_run_arn: mapRunArn } : {}), redrive_count: '0',
  });
}

const envelope = lines => JSON.stringify({
  messageType: 'DATA_MESSAGE', owner: '000000000000', logGroup: 'g', logStream: 's', subscriptionFilters: ['f'],
  logEvents: lines.map((message, id) => ({ id: String(id), timestamp: 1, message })),
});
const packed = lines => zlib.gzipSync(envelope(lines)).toString('base64');

/** The same order every time, and none of the original. */
function shuffled(lines) {
  const key = line => [...line].reduce((hash, c) => (Math.imul(hash, 31) + c.charCodeAt(0)) >>> 0, 7);
  return lines.map((line, at) => [Math.imul(key(line), at + 3) >>> 0, line]).sort((a, b) => a[0] - b[0]).map(pair => pair[1]);
}

test('log events over HTTP become the executions they tell of', async t => {
  const directory = scratch(t);
  const [from, to] = await Promise.all(['from', 'to'].map(name => serve(t, ['--data', path.join(directory, name)])));
  const { stateMachineArn } = await call(from, 'CreateStateMachine',
    { name: 'm', definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::000000000000:role/r' });
  const { executionArn } = await call(from, 'StartExecution', { stateMachineArn, name: 'e' });
  await until(async () => (await call(from, 'DescribeExecution', { executionArn })).status === 'SUCCEEDED', 'it does not end');

  const { mapRuns: [{ mapRunArn }] } = await call(from, 'ListMapRuns', { executionArn });
  const { executions: children } = await call(from, 'ListExecutions', { mapRunArn, maxResults: 1000 });
  assert.equal(children.length, CHILDREN);
  let lines = (await history(from, executionArn)).map(event => logLine(event, executionArn));
  for (const child of children) {
    lines.push(...(await history(from, child.executionArn)).map(event => logLine(event, child.executionArn, mapRunArn)));
  }
  lines = shuffled([...lines, ...lines]);

  const third = Math.ceil(lines.length / 3);
  const subscribed = await post(to, zlib.gzipSync(envelope(lines.slice(0, third))), { 'Content-Encoding': 'gzip' });
  assert.equal(subscribed.status, 200);
  assert.equal(subscribed.answer.events, third);
  const firehose = await post(to, JSON.stringify({
    requestId: 'r-1', timestamp: 1, records: [{ data: packed(lines.slice(third, third + 9)) }, { data: packed(lines.slice(third + 9, 2 * third)) }],
  }), { 'X-Amz-Firehose-Request-Id': 'r-1', 'Content-Type': 'application/json' });
  assert.equal(firehose.status, 200);
  assert.deepEqual(Object.keys(firehose.answer), ['requestId', 'timestamp']);
  assert.equal(firehose.answer.requestId, 'r-1');
  const plain = await post(to, lines.slice(2 * third).join('\n'));
  assert.equal(plain.status, 200);
  assert.equal(plain.answer.incomplete, 0);

  assert.deepEqual(await history(to, executionArn), await history(from, executionArn));
  const count = async status => (await call(to, 'ListExecutions', { mapRunArn, statusFilter: status })).executions.length;
  assert.equal(await count('SUCCEEDED'), CHILDREN * 0.9);
  assert.equal(await count('FAILED'), CHILDREN * 0.1);
  const summary = await (await fetch(`${to}/_weft/v1/maprun/summary?arn=${encodeURIComponent(mapRunArn)}`)).json();
  assert.equal(summary.failed, CHILDREN * 0.1);
  const child = children[3].executionArn;
  assert.deepEqual(await history(to, child), await history(from, child));
});

test('what is no log event is refused, in the sender\'s format', async t => {
  const endpoint = await serve(t, ['--data', path.join(scratch(t), 'data')]);
  const control = await post(endpoint, JSON.stringify({ messageType: 'CONTROL_MESSAGE', logEvents: [{ id: '1', timestamp: 1, message: 'CWL CONTROL MESSAGE: Checking health' }] }));
  assert.equal(control.status, 200);
  const firehose = await post(endpoint, '{}x', { 'X-Amz-Firehose-Request-Id': 'r-2' });
  assert.equal(firehose.status, 400);
  assert.equal(firehose.answer.requestId, 'r-2');
  assert.match(firehose.answer.errorMessage, /No log event of Step Functions/);
  const health = await (await fetch(`${endpoint}/_weft/health`)).json();
  assert.equal(health.import.requests, 2);
  assert.equal(health.import.refused, 1);
});
