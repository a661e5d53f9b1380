// "Which items?": a user's journey through 300 files, three kinds of failure and a slow prefix two levels deep.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { definitionFile, expectStatus, invoke, pasted, scratch, serve, weft } from './lib.mjs';

const handler = `export async function handler(event) {
  const key = event.file.path;
  const number = Number(/(\\d+)\\.txt$/.exec(key)[1]);
  await new Promise(resolve => setTimeout(resolve, key.includes('/batch-legacy/') ? 900 : 5));
  const fail = (name, message) => { throw Object.assign(new Error(message), { name }); };
  if (number % 30 === 3) fail('NotFound', 'cannot open /var/data/' + key + ': no such file');
  if (number % 30 === 5) fail('ChecksumError', 'checksum of ' + key + ' is ' + number * 7);
  if (number % 60 === 7) fail('TypeError', 'Cannot read properties of undefined');
  return number;
}
`;

// The item's key stands where the definition's ItemSelector put it, under a name of its own.
const definition = {
  QueryLanguage: 'JSONata', StartAt: 'Each file',
  States: {
    'Each file': {
      Type: 'Map', End: true, MaxConcurrency: 20, ToleratedFailurePercentage: 100,
      ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'files' } },
      ItemSelector: {
        file: { path: '{% $states.context.Map.Item.Value.Key %}' },
        customer: { region: "{% $split($states.context.Map.Item.Value.Key, '/')[1] %}" },
      },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Parse',
        States: { Parse: { ...invoke('parse'), End: true } },
      },
    },
  },
};

function files(directory) {
  let number = 0;
  for (const region of ['us-east', 'eu-west', 'ap-south']) {
    const batches = ['batch-a', 'batch-b', 'batch-c', 'batch-d', region === 'us-east' ? 'batch-legacy' : 'batch-e'];
    for (const batch of batches) {
      const folder = path.join(directory, '2026', region, batch);
      fs.mkdirSync(folder, { recursive: true });
      for (let i = 0; i < 20; ++i) fs.writeFileSync(path.join(folder, `${number++}.txt`), 'x');
    }
  }
}

async function ran(t) {
  const directory = scratch(t);
  files(path.join(directory, 'files'));
  fs.writeFileSync(path.join(directory, 'parse.mjs'), handler);
  const machine = definitionFile(directory, definition);
  const data = path.join(directory, 'data');
  const flags = ['--bucket', `files=${path.join(directory, 'files')}`,
    '--function', `parse=${path.join(directory, 'parse.mjs')}:handler,concurrency=4`];
  expectStatus(await weft(['run', machine, ...flags, '--data', data]), 0, 'weft run');
  return { data, flags };
}

test('weft explain names the slow prefix and the kinds of failure with their shares', async t => {
  const { data } = await ran(t);
  const said = await weft(['explain', 'latest', '--data', data]);
  expectStatus(said, 0, 'weft explain');
  assert.match(said.stdout, /^Each file {2}300 finished children, 25 failed$/m);
  assert.match(said.stdout, /^ +10 +40\.0 % {2}NotFound in Parse$/m);
  assert.match(said.stdout, /^ +10 +40\.0 % {2}ChecksumError in Parse$/m);
  assert.match(said.stdout, /^ +5 +20\.0 % {2}TypeError in Parse$/m);
  assert.doesNotMatch(said.stdout, /more causes/, 'paths and keys in a cause do not split it');
  assert.match(said.stdout, /what they share\n +\d+\.\d % .*x {2}key prefix 2026\/us-east\/batch-legacy\/$/m);
  assert.match(said.stdout, /^Where the time went\n {2}all /m);
  const next = /^look at them: weft (trace \S+ --data \S+ --filter \S+)\n$/m.exec(said.stdout);
  assert.ok(next, said.stdout);
  const table = await pasted(`${next[1]} --limit 3`);
  expectStatus(table, 0, 'the command that was named');
  assert.match(table.stdout, /20 of 300 finished children: key:2026\/us-east\/batch-legacy\//);
  assert.match(table.stdout, /2026\/us-east\/batch-legacy\/\d+\.txt/);
});

test('children are chosen and grouped by what they were given and did', async t => {
  const { data } = await ran(t);
  const trace = async (...args) => {
    const result = await weft(['trace', 'latest', '--data', data, ...args]);
    expectStatus(result, 0, args.join(' '));
    return result.stdout;
  };
  assert.match(await trace('--filter', 'input.customer.region:us-east'), /100 of 300 finished children/);
  assert.match(await trace('--filter', 'err:NotFound STATUS:FAILED'.replace('STATUS', 'status')), /10 of 300 finished children/);
  assert.match(await trace('--group-by', 'input.customer.region'), /^eu-west +100 .*$/m);
  assert.match(await trace('--group-by', 'key/2'), /^2026\/ap-south\/ +100 /m);
  assert.match(await trace('--group-by', 'function'), /^parse +300 /m);
  const explained = await weft(['explain', '--data', data, '--filter', 'err:TypeError', '--json']);
  expectStatus(explained, 0, 'weft explain --json');
  const [run] = JSON.parse(explained.stdout).mapRuns;
  assert.equal(run.selection.count, 5);
  assert.equal(run.keyPath, 'file.path');
});

test('the query API gives the answer of weft explain', async t => {
  const { data, flags } = await ran(t);
  const said = JSON.parse((await weft(['explain', '--data', data, '--json'])).stdout).mapRuns[0];
  const endpoint = await serve(t, ['--data', data, ...flags]);
  const answer = await (await fetch(`${endpoint}/_weft/v1/maprun/differs?arn=${encodeURIComponent(said.mapRunArn)}`)).json();
  assert.deepEqual(answer.explanation, said);
});

test('a batch is found by any of its items, and an Express child by the name that is printed', async t => {
  const directory = scratch(t);
  files(path.join(directory, 'files'));
  fs.writeFileSync(path.join(directory, 'f.mjs'), 'export const handler = async () => 1;');
  const batched = structuredClone(definition);
  const map = batched.States['Each file'];
  map.ItemBatcher = { MaxItemsPerBatch: 50 };
  map.ItemProcessor.ProcessorConfig.ExecutionType = 'EXPRESS';
  map.ItemProcessor.States = { Parse: { ...invoke('parse'), End: undefined, Next: 'Store' }, Store: { ...invoke('store'), End: true } };
  const data = path.join(directory, 'data of a test');
  const flags = ['parse', 'store'].flatMap(name => ['--function', `${name}=${path.join(directory, 'f.mjs')}:handler`]);
  expectStatus(await weft(['run', definitionFile(directory, batched), '--bucket', `files=${path.join(directory, 'files')}`, ...flags, '--data', data]), 0, 'weft run');
  const trace = async (...args) => (await weft(['trace', 'latest', '--data', data, ...args])).stdout;
  const held = await trace('--filter', 'key:2026/us-east/batch-legacy/90.txt');
  assert.match(held, /1 of 6 finished children/);
  assert.match(held, /2026\/us-east\/batch-legacy\/90\.txt \+49 more/);
  assert.match(await trace('--filter', 'input.Items.customer.region:eu-west'), /2 of 6 finished children/);
  assert.match(await trace('--filter', 'function:store'), /6 of 6 finished children/);
  assert.match(await trace('--group-by', 'function'), /^store +6 +100\.0 %/m);
  assert.match(await trace('--filter', 'key:us-east'), /Did you mean\s+key:2026\/us-east\/\?/);
  const next = /^one of them: weft (trace .+)$/m.exec(held);
  assert.match(next[1], /^trace \S+:\S+ --data '.*data of a test'$/);
  const child = await pasted(next[1]);
  expectStatus(child, 0, next[1]);
  assert.match(child.stdout, /^item .* \+49 more$/m);
  const waterfall = /^one child: weft (trace .+)$/m.exec(await trace());
  expectStatus(await pasted(waterfall[1]), 0, waterfall[1]);
  const listed = await weft(['list', 'latest', '--data', data]);
  assert.equal(listed.stdout.trim().split('\n').length, 6);
});

test('processes that took the place of others that timed out do not count beside them', async t => {
  const directory = scratch(t);
  fs.writeFileSync(path.join(directory, 'hang.mjs'),
    'export const handler = n => new Promise(done => setTimeout(done, n % 4 === 0 ? 60000 : 30, n));\n');
  const machine = definitionFile(directory, {
    QueryLanguage: 'JSONata', StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map', End: true, Items: '{% [1..40] %}', MaxConcurrency: 20, ToleratedFailurePercentage: 100,
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Call',
          States: { Call: { ...invoke('hang'), End: true } },
        },
      },
    },
  });
  const data = path.join(directory, 'data');
  expectStatus(await weft(['run', machine, '--data', data,
    '--function', `hang=${path.join(directory, 'hang.mjs')}:handler,concurrency=2,timeout=0.4`]), 0, 'weft run');
  const said = await weft(['explain', 'latest', '--data', data]);
  expectStatus(said, 0, 'weft explain');
  assert.match(said.stdout.replace(/\s+/g, ' '), /The functions ran in [12] process(es)? at most/, said.stdout);
  assert.doesNotMatch(said.stdout, /function process/, 'that which is killed with a call explains nothing');
});
