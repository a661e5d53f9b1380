// Distributed Maps that read from S3 servers of others: another Weft under another bucket name, and s3rver; a server that
// fails now and then; buckets that are missing; wrong flags.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import zlib from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import S3rver from 's3rver';
import { cleanUp, expectStatus, scratch, serve, weft, weftRun } from './lib.mjs';

const credentials = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER', AWS_REGION: 'us-east-1' };
const machine = ItemReader => ({
  QueryLanguage: 'JSONata', StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map', Label: 'Each', ItemReader, End: true, ItemBatcher: { MaxItemsPerBatch: 100 },
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' }, StartAt: 'Pass',
        States: { Pass: { Type: 'Pass', Output: '{% [$states.input.Items] %}', End: true } },
      },
      Output: '{% [$states.result.*] %}',
    },
  },
});

async function run(t, reader, flags, env = credentials) {
  const directory = scratch(t);
  const definition = path.join(directory, 'machine.asl.json');
  fs.writeFileSync(definition, JSON.stringify(machine(reader)));
  return weftRun([definition, '--data', path.join(directory, 'data'), ...flags], { env });
}
async function itemsOf(t, reader, flags) {
  const result = await run(t, reader, flags);
  expectStatus(result, 0, 'weft run');
  return JSON.parse(result.report.output);
}
const file = (Key, ReaderConfig, Bucket = 'data') => ({ Resource: 'arn:aws:states:::s3:getObject', Arguments: { Bucket, Key }, ReaderConfig });
const csv = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };

/** s3rver with a bucket of this name; its address and a client. */
async function foreignServer(t, bucket) {
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: scratch(t), configureBuckets: [{ name: bucket }] });
  const { port } = await server.run();
  cleanUp(t, () => server.close());
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    requestChecksumCalculation: 'WHEN_REQUIRED' });
  return { endpoint, put: (Key, Body) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body })) };
}

const rows = Array.from({ length: 30_000 }, (_, n) => ({ n: `${n}`, text: `text of row ${n}` }));
const text = `n,text\n${rows.map(row => `${row.n},${row.text}\n`).join('')}`;

/** Everything the readers do, over the bucket `data` of `flags`. */
async function readEverything(t, put, flags) {
  await put('rows.csv', text);
  await put('packed/rows.csv.gz', zlib.gzipSync(text));
  await put('päck d/1+1.jsonl', '1\n2\n');
  await put('päck d/2.jsonl', '3\n');
  const sum = list => list.reduce((all, row) => all + Number(row.n), 0);
  for (const key of ['rows.csv', 'packed/rows.csv.gz']) {
    const items = await itemsOf(t, file(key, { ...csv, MaxItems: 2_000 }), flags);
    assert.deepEqual(items, rows.slice(0, 2_000), key);
  }
  assert.equal(sum(rows), 30_000 * 29_999 / 2);
  const listing = { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'data', Prefix: 'päck d/' } };
  const objects = await itemsOf(t, listing, flags);
  assert.deepEqual(objects.map(({ Key, Size, StorageClass }) => ({ Key, Size, StorageClass })),
    [{ Key: 'päck d/1+1.jsonl', Size: 4, StorageClass: 'STANDARD' }, { Key: 'päck d/2.jsonl', Size: 2, StorageClass: 'STANDARD' }]);
  assert.match(objects[0].Etag, /^"[0-9a-f]{32}"$/);
  assert.deepEqual(await itemsOf(t, { ...listing, ReaderConfig: { InputType: 'JSONL', Transformation: 'LOAD_AND_FLATTEN' } }, flags), [1, 2, 3]);
}

test('s3rver as the place of a bucket, and of all', async t => {
  const server = await foreignServer(t, 'data');
  await readEverything(t, server.put, ['--bucket', `data=${server.endpoint}`]);
  assert.deepEqual(await itemsOf(t, file('päck d/2.jsonl', { InputType: 'JSONL' }), ['--s3-endpoint', server.endpoint]), [3]);
});

test('another Weft as the place of a bucket, under another name', async t => {
  const bucket = path.join(scratch(t), 'bucket');
  const endpoint = await serve(t, ['--data', path.join(scratch(t), 'served'), '--bucket', `elsewhere=${bucket}`]);
  const put = async (key, bytes) => {
    fs.mkdirSync(path.dirname(path.join(bucket, key)), { recursive: true });
    fs.writeFileSync(path.join(bucket, key), bytes);
  };
  await readEverything(t, put, ['--bucket', `data=${endpoint}/elsewhere`]);
});

test('a server that fails now and then is asked again, and signatures stay right', async t => {
  const server = await foreignServer(t, 'data');
  await server.put('rows.csv', text);
  let requests = 0;
  const between = http.createServer((request, response) => {
    if (requests++ % 2 === 0) {
      response.writeHead(503, { 'Content-Type': 'application/xml' }).end('<Error><Code>SlowDown</Code></Error>');
    } else {  // on to the server itself
      response.writeHead(307, { Location: `${server.endpoint}${request.url}` }).end();
    }
  }).listen(0, '127.0.0.1');
  cleanUp(t, () => between.close());
  await new Promise(resolve => between.on('listening', resolve));
  const items = await itemsOf(t, file('rows.csv', { ...csv, MaxItems: 1_500 }), ['--bucket', `data=http://127.0.0.1:${between.address().port}`]);
  assert.deepEqual(items, rows.slice(0, 1_500));
  assert.equal(requests, 2, 'the address that the server told is remembered');
});

test('what is missing is told in the server\'s words', async t => {
  const server = await foreignServer(t, 'data');
  const failed = await run(t, file('none.csv', csv), ['--bucket', `data=${server.endpoint}`]);
  expectStatus(failed, 1, 'weft run');
  assert.equal(failed.report.error, 'States.ItemReaderFailed');
  assert.match(failed.report.cause, /^Attempting to read 's3:\/\/data\/none.csv' failed: NoSuchKey: /);
  const bucket = await run(t, file('none.csv', csv, 'other'), ['--s3-endpoint', server.endpoint]);
  assert.match(bucket.report.cause, /^Attempting to read 's3:\/\/other\/none.csv' failed: NoSuchBucket: /);
});

test('flags that cannot be used', async t => {
  const definition = path.join(scratch(t), 'machine.asl.json');
  fs.writeFileSync(definition, JSON.stringify(machine(file('k', csv))));
  const data = path.join(scratch(t), 'data');
  const error = async (flags, env = credentials) => {
    const result = await weft(['run', definition, '--data', data, ...flags], { env });
    expectStatus(result, 2, flags.join(' '));
    return result.stderr;
  };
  assert.match(await error(['--bucket', 'data=http://127.0.0.1:9/a/b']), /--bucket data=http:\/\/127.0.0.1:9\/a\/b: expected the address of an S3 server/);
  assert.match(await error(['--s3-endpoint', 'http://127.0.0.1:9/a']), /--s3-endpoint http:\/\/127.0.0.1:9\/a: expected the address of an S3 server, without a path/);
  const none = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_PROFILE: '', AWS_SHARED_CREDENTIALS_FILE: path.join(data, 'none') };
  assert.match(await error(['--bucket', 'data=http://127.0.0.1:9'], none), /--bucket data=http:\/\/127.0.0.1:9: No credentials: neither AWS_ACCESS_KEY_ID/);
});
