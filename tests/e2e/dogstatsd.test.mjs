// What functions and others count over DogStatsD stands on the page for Prometheus.
import dgram from 'node:dgram';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import assert from 'node:assert/strict';
import { call, freePort, scratch, serve, until } from './lib.mjs';

const handler = path.join(path.dirname(fileURLToPath(import.meta.url)), 'functions', 'dogstatsd.mjs');

const definition = {
  QueryLanguage: 'JSONata',
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map', Items: '{% [1..20].{"n": $} %}', Label: 'Each', End: true,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Order',
        States: { Order: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:count', End: true } },
      },
    },
  },
};

test('functions count over DogStatsD beside the labels of their call', async t => {
  const directory = scratch(t);
  const port = await freePort();
  const endpoint = await serve(t, [
    '--data', path.join(directory, 'data'), '--function', `count=${handler}:handler,concurrency=2`, '--statsd-port', String(port),
  ]);
  const roleArn = 'arn:aws:iam::000000000000:role/r';
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', { name: 'orders', roleArn, definition: JSON.stringify(definition) });
  await call(endpoint, 'StartExecution', { stateMachineArn });
  const labels = kind => `is_distributed_map_child="true",${kind}map_label="Each",statemachinearn="${stateMachineArn}",`
    + 'statemachinename="orders",stepname="Order"';
  const wanted = [
    `orders_done_total{${labels('kind="odd",')}} 10\n`, `orders_done_total{${labels('kind="even",')}} 10\n`,
    `orders_size_sum{${labels('')}} 210\n`, `orders_size_count{${labels('')}} 20\n`,
  ];
  const page = async () => (await fetch(`${endpoint}/metrics`)).text();
  await until(async () => {
    const text = await page();
    return wanted.every(sample => text.includes(sample));
  }, `not on the page: ${wanted}`);

  // The shared port: the sender is not known.
  const socket = dgram.createSocket('udp4');
  socket.send('queue.depth:7|g|#queue:mail,password:hunter2', port, '127.0.0.1', () => socket.close());
  await until(async () => (await page()).includes('\nqueue_depth{password="[redacted]",queue="mail"} 7\n'), 'queue_depth is not on the page');
  const { telemetry } = await until(async () => {
    const health = await (await fetch(`${endpoint}/_weft/health`)).json();
    return health.telemetry.metricsRefused >= 20 && health;
  }, 'nonsense is not counted');
  assert.equal(telemetry.metrics, 41);
  assert.equal(telemetry.metricsRefused, 20);
});
