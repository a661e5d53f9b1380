// A service that an HTTP task calls sends its log records before its spans: they show at the attempt that called it.
import assert from 'node:assert/strict';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { call, cleanUp, expectStatus, scratch, serve, until, weft } from './lib.mjs';

const definition = {
  QueryLanguage: 'JSONata',
  StartAt: 'Order',
  States: {
    Order: {
      Type: 'Task', Resource: 'arn:aws:states:::http:invoke',
      Arguments: { ApiEndpoint: '{% $states.input.url %}', Method: 'GET' },
      Retry: [{ ErrorEquals: ['States.Http.StatusCode.500'], IntervalSeconds: 1, MaxAttempts: 2 }],
      End: true,
    },
  },
};

async function send(endpoint, what, body) {
  const answer = await fetch(`${endpoint}/v1/${what}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200);
}

/** Fails the first order. Of each it sends a record of its inner span, then one of a span that never comes, then the spans. */
async function startService(t, endpoint) {
  let orders = 0;
  const service = http.createServer(async (request, response) => {
    const number = ++orders;
    const [, traceId, parentSpanId] = request.headers.traceparent.split('-');
    const spanId = `00000000000001${String(number).padStart(2, '0')}`;
    const innerId = `00000000000002${String(number).padStart(2, '0')}`;
    const record = (span, text) => ({ traceId, spanId: span, severityNumber: 9, body: { stringValue: text } });
    await send(endpoint, 'logs', {
      resourceLogs: [{ scopeLogs: [{ logRecords: [record(innerId, `order ${number}`), record('00000000000003ff', `lost ${number}`)] }] }],
    });
    const span = (id, parent, name) => ({ traceId, spanId: id, parentSpanId: parent, name });
    await send(endpoint, 'traces', { resourceSpans: [{ scopeSpans: [{ spans: [span(innerId, spanId, 'inner')] }] }] });
    await send(endpoint, 'traces', { resourceSpans: [{ scopeSpans: [{ spans: [span(spanId, parentSpanId, 'order')] }] }] });
    response.writeHead(number === 1 ? 500 : 200, { 'Content-Type': 'application/json' });
    response.end('{}');
  });
  await new Promise(resolve => { service.listen(0, '127.0.0.1', resolve); });
  cleanUp(t, () => service.close());
  return `http://127.0.0.1:${service.address().port}/`;
}

test('log records of a called service wait for their spans and show at their attempt', async t => {
  const data = path.join(scratch(t), 'data');
  const endpoint = await serve(t, ['--data', data, '--durability', 'os']);
  const url = await startService(t, endpoint);
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', {
    name: 'orders', definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::000000000000:role/r',
  });
  const { executionArn } = await call(endpoint, 'StartExecution', { stateMachineArn, input: JSON.stringify({ url }) });
  const linesOf = async (...flags) => {
    const result = await weft(['logs', executionArn, '--endpoint', endpoint, '--json', ...flags]);
    expectStatus(result, 0, 'weft logs');
    return JSON.parse(result.stdout).lines;
  };
  await until(async () => (await linesOf()).length === 4, 'the lines do not arrive');
  for (const attempt of [1, 2]) {
    const lines = await linesOf('--attempt', String(attempt));
    assert.deepEqual(lines.map(line => [line.text, line.state]), [[`order ${attempt}`, 'Order']]);
  }
  // Counted once they are stored.
  await until(async () => (await (await fetch(`${endpoint}/_weft/health`)).json()).telemetry.logLines.orphaned === 2, 'the orphans are not counted');
  const page = await (await fetch(`${endpoint}/metrics`)).text();
  assert.match(page, /^weft_telemetry_orphans_total\{reason="never_joined",what="log_lines"\} 2$/m);
});
