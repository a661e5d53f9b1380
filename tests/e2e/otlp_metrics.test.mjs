// What functions count over OTLP stands on the page for Prometheus, beside the labels of the call.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { call, fanOut, root, scratch, serve, until } from './lib.mjs';

const definition = fanOut(20, {
  Order: {
    Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Output: 1, End: true,
    Arguments: { FunctionName: 'count', Payload: { n: '{% $states.input %}' } },
  },
});

test('functions count over OTLP beside the labels of their call', async t => {
  const handler = path.join(root, 'tests/e2e/functions/otlp_metrics.mjs');
  const endpoint = await serve(t, ['--data', path.join(scratch(t), 'data'), '--function', `count=${handler}:handler,concurrency=2`]);
  const roleArn = 'arn:aws:iam::000000000000:role/r';
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', { name: 'orders', roleArn, definition: JSON.stringify(definition) });
  const { executionArn } = await call(endpoint, 'StartExecution', { stateMachineArn });
  const status = async () => (await call(endpoint, 'DescribeExecution', { executionArn })).status;
  await until(async () => await status() !== 'RUNNING', 'it does not end');
  assert.equal(await status(), 'SUCCEEDED');
  const labels = kind => `is_distributed_map_child="true",${kind}map_label="Each",statemachinearn="${stateMachineArn}",`
    + 'statemachinename="orders",stepname="Order"';
  const text = await (await fetch(`${endpoint}/metrics`)).text();
  for (const sample of [
    `orders_done_total{${labels('kind="odd",')}} 10\n`, `orders_done_total{${labels('kind="even",')}} 10\n`,
    `orders_size_sum{${labels('')}} 210\n`, `orders_size_count{${labels('')}} 20\n`, `orders_last{${labels('')}} 7\n`,
  ]) assert.ok(text.includes(sample), `${sample} is not on the page:\n${text}`);
  assert.ok(!text.includes('orders_old'), 'summaries are not taken');
  const { telemetry } = await (await fetch(`${endpoint}/_weft/health`)).json();
  assert.equal(telemetry.metricsRefused, 20);
});
