// HTTP tasks call a service that OpenTelemetry instruments: its spans come home, with no edit to it or to the definition.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { call, cleanUp, scratch, serve, start, until } from '../e2e/lib.mjs';
import { expectOneTrace, spansOf, warm } from './lib.mjs';

const directory = path.join(path.dirname(fileURLToPath(import.meta.url)), 'http');
const CHILDREN = 50;
const FLAKY = CHILDREN / 10;

const definition = {
  QueryLanguage: 'JSONata',
  StartAt: 'Orders',
  States: {
    Orders: {
      Type: 'Map',
      Items: '{% $states.input.items %}',
      ItemSelector: { url: '{% $states.input.url %}', item: '{% $states.context.Map.Item.Value %}' },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Order',
        States: {
          Order: {
            Type: 'Task',
            Resource: 'arn:aws:states:::http:invoke',
            Arguments: {
              ApiEndpoint: "{% $states.input.url & '/orders' %}", Method: 'POST', RequestBody: { item: '{% $states.input.item %}' },
            },
            Output: '{% $states.result.ResponseBody.left %}',
            Retry: [{ ErrorEquals: ['States.Http.StatusCode.500'], IntervalSeconds: 1, MaxAttempts: 2 }],
            End: true,
          },
        },
      },
      End: true,
    },
  },
};

/** The instrumented service, its spans on their way to `endpoint`; resolves to its URL. */
async function startService(t, endpoint) {
  const child = start('node', ['--require', path.join(directory, 'tracing.cjs'), path.join(directory, 'service.cjs')], {
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: 'orders', OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', OTEL_NODE_RESOURCE_DETECTORS: 'none',
    },
  });
  cleanUp(t, async () => {
    child.kill('SIGKILL');
    await child.done;
  });
  const port = await until(() => {
    if (child.exitCode !== null) assert.fail(`the service ended: ${child.text.stderr}`);
    return /^(\d+)\n/.exec(child.text.stdout)?.[1];
  }, 'the service does not start');
  return `http://127.0.0.1:${port}`;
}

test.before(() => warm(directory, '@opentelemetry/sdk-node', '@opentelemetry/instrumentation-http'));

test(`${CHILDREN} children call an instrumented service, ${FLAKY} of them twice: one trace down to what the service asked`, async t => {
  const data = path.join(scratch(t), 'data');
  const endpoint = await serve(t, ['--data', data, '--durability', 'os']);
  const url = await startService(t, endpoint);
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', {
    name: 'orders', definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::000000000000:role/r',
  });
  const { executionArn } = await call(endpoint, 'StartExecution', {
    stateMachineArn, input: JSON.stringify({ url, items: Array.from({ length: CHILDREN }, (_, i) => i) }),
  });
  const ended = await until(async () => {
    const execution = await call(endpoint, 'DescribeExecution', { executionArn });
    return execution.status !== 'RUNNING' && execution;
  }, 'the execution does not end');
  assert.equal(ended.status, 'SUCCEEDED', ended.cause);
  assert.deepEqual(JSON.parse(ended.output), Array(CHILDREN).fill(7));

  // Each attempt: the order as the service saw it, its question, and that as the service saw it.
  const attempts = CHILDREN + FLAKY;
  const spans = await until(async () => {
    const now = await spansOf(data, path.join(path.dirname(data), 'spans.json'));
    return now.filter(span => span.weft === 'inner').length >= 3 * attempts && now;
  }, 'the spans of the service do not arrive');
  const { ancestors } = expectOneTrace(spans);
  const inner = spans.filter(span => span.weft === 'inner');
  assert.equal(inner.length, 3 * attempts);
  const orders = inner.filter(span => ancestors(span)[0].weft !== 'inner');
  assert.equal(orders.length, attempts, 'one order a call');
  const callers = orders.map(order => ancestors(order)[0]);
  assert.equal(new Set(callers).size, attempts, 'each under its own attempt');
  const statuses = { 200: 0, 500: 0 };
  for (const [i, caller] of callers.entries()) {
    assert.equal(caller.attributes['http.method'], 'POST');
    assert.equal(caller.attributes['http.url'], `${url}/orders`);
    statuses[caller.attributes['http.status_code']]++;
    assert.equal(orders[i].attributes['http.response.status_code'] ?? orders[i].attributes['http.status_code'],
      caller.attributes['http.status_code'], 'as the service says');
    assert.equal(ancestors(caller).filter(span => span.weft === 'child').length, 1, 'under its child');
  }
  assert.deepEqual(statuses, { 200: CHILDREN, 500: FLAKY });
  assert.equal(spans.filter(span => span.weft === 'retry_wait').length, FLAKY);
});
