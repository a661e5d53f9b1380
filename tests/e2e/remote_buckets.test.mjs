// Distributed Maps that read from and write to S3 servers of others: another Weft under another bucket name, and s3rver; a server
// that fails now and then; buckets that are missing; wrong flags.
// With FOREIGN_S3=URL also another server by hand, such as Ceph's radosgw, whose user has S3RVER as both keys.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import zlib from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { CreateBucketCommand, GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import S3rver from 's3rver';
import { cleanUp, expectStatus, root, scratch, serve, weft, weftRun } from './lib.mjs';

const duckdbLibrary = path.join(root, 'tests/e2e/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so');

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

/** These rows as DuckDB writes them to Parquet. */
async function parquet(t, some) {
  const directory = scratch(t);
  fs.writeFileSync(path.join(directory, 'rows.jsonl'), some.map(row => `${JSON.stringify(row)}\n`).join(''));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`COPY (SELECT n::VARCHAR AS n, text FROM read_json('${directory}/rows.jsonl', format = 'newline_delimited')) TO '${directory}/rows.parquet'`);
  connection.closeSync();
  return fs.readFileSync(path.join(directory, 'rows.parquet'));
}

const run = (t, reader, flags, env = credentials) => runMachine(t, machine(reader), flags, env);
async function runMachine(t, machineDefinition, flags, env = credentials) {
  const directory = scratch(t);
  const definition = path.join(directory, 'machine.asl.json');
  fs.writeFileSync(definition, JSON.stringify(machineDefinition));
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
  return clientOf(`http://127.0.0.1:${port}`, bucket);
}

function clientOf(endpoint, Bucket) {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    requestChecksumCalculation: 'WHEN_REQUIRED' });
  return {
    endpoint, client,
    put: (Key, Body) => client.send(new PutObjectCommand({ Bucket, Key, Body })),
    get: async Key => (await client.send(new GetObjectCommand({ Bucket, Key }))).Body.transformToString(),
    keys: async () => ((await client.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(object => object.Key),
  };
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

  await put('deep.json', JSON.stringify({ rows: rows.slice(0, 3) }));
  assert.deepEqual(await itemsOf(t, file('deep.json', { InputType: 'JSON', ItemsPointer: '/rows' }), flags), rows.slice(0, 3));
  const part = zlib.gzipSync('"photos","1.jpg"\n');
  await put('inventory/1.csv.gz', part);
  await put('inventory/manifest.json', JSON.stringify({
    destinationBucket: 'arn:aws:s3:::data', fileFormat: 'CSV', fileSchema: 'Bucket, Key',
    files: [{ key: 'inventory/1.csv.gz', size: part.length, MD5checksum: crypto.createHash('md5').update(part).digest('hex') }],
  }));
  assert.deepEqual(await itemsOf(t, file('inventory/manifest.json', { InputType: 'MANIFEST' }), flags), [{ Bucket: 'photos', Key: '1.jpg' }]);
  await put('athena.csv', 's3://data/päck d/2.jsonl\ns3://data/päck d/1+1.jsonl\n');
  assert.deepEqual(await itemsOf(t, file('athena.csv', { ManifestType: 'ATHENA_DATA', InputType: 'JSONL' }), flags), [3, 1, 2]);
  await put('rows.parquet', await parquet(t, rows.slice(0, 2_000)));
  assert.deepEqual(await itemsOf(t, file('rows.parquet', { InputType: 'PARQUET' }), [...flags, '--parquet-library', duckdbLibrary]), rows.slice(0, 2_000));
}

/** What a ResultWriter writes to the bucket `data` of `flags`: files put at once and in parts, read back by `get`. */
async function writeResults(t, { put, get, keys }, flags) {
  const large = Array.from({ length: 200 }, (_, n) => ({ n, filling: `${n}`.repeat(Math.floor(60_000 / `${n}`.length)) }));
  await put('large.jsonl', large.map(value => `${JSON.stringify(value)}\n`).join(''));
  await put('small.jsonl', '1\n2\n');
  for (const [key, values] of [['small.jsonl', [1, 2]], ['large.jsonl', large]]) {
    for (const OutputType of ['JSON', 'JSONL']) {
      const definition = machine(file(key, { InputType: 'JSONL' }));
      Object.assign(definition.States.Each, { ItemBatcher: undefined, Output: undefined,
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'data', Prefix: 'out/é' }, WriterConfig: { Transformation: 'COMPACT', OutputType } } });
      definition.States.Each.ItemProcessor.States.Pass.Output = undefined;
      const ran = await runMachine(t, definition, flags);
      expectStatus(ran, 0, 'weft run');
      const { Bucket, Key } = JSON.parse(ran.report.output).ResultWriterDetails;
      assert.equal(Bucket, 'data');
      const { ResultFiles } = JSON.parse(await get(Key));
      assert.deepEqual([ResultFiles.FAILED, ResultFiles.PENDING, ResultFiles.SUCCEEDED.length], [[], [], 1]);
      const text = await get(ResultFiles.SUCCEEDED[0].Key);
      assert.equal(Buffer.byteLength(text), ResultFiles.SUCCEEDED[0].Size, `${key} ${OutputType}`);
      assert.deepEqual(OutputType === 'JSON' ? JSON.parse(text) : text.trim().split('\n').map(line => JSON.parse(line)), values);
      const folder = Key.slice(0, -'manifest.json'.length);
      assert.deepEqual((await keys()).filter(one => one.startsWith(folder)).sort(), [Key, ResultFiles.SUCCEEDED[0].Key].sort());
    }
  }
}

test('s3rver as the place of a bucket, and of all', async t => {
  const server = await foreignServer(t, 'data');
  await readEverything(t, server.put, ['--bucket', `data=${server.endpoint}`]);
  await writeResults(t, server, ['--bucket', `data=${server.endpoint}`]);
  assert.deepEqual(await itemsOf(t, file('päck d/2.jsonl', { InputType: 'JSONL' }), ['--s3-endpoint', server.endpoint]), [3]);
});

if (process.env.FOREIGN_S3) {
  test(`the S3 server at ${process.env.FOREIGN_S3}`, async t => {
    const bucket = `weft-${crypto.randomBytes(6).toString('hex')}`;
    const server = clientOf(process.env.FOREIGN_S3, bucket);
    await server.client.send(new CreateBucketCommand({ Bucket: bucket }));
    const flags = ['--bucket', `data=${server.endpoint}/${bucket}`];
    await readEverything(t, server.put, flags);
    await writeResults(t, server, flags);
    const { Uploads = [] } = await server.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
    assert.deepEqual(Uploads, []);
  });
}

test('another Weft as the place of a bucket, under another name', async t => {
  const bucket = path.join(scratch(t), 'bucket');
  const served = path.join(scratch(t), 'served');
  const endpoint = await serve(t, ['--data', served, '--bucket', `elsewhere=${bucket}`]);
  const put = async (key, bytes) => {
    fs.mkdirSync(path.dirname(path.join(bucket, key)), { recursive: true });
    fs.writeFileSync(path.join(bucket, key), bytes);
  };
  await readEverything(t, put, ['--bucket', `data=${endpoint}/elsewhere`]);
  const keys = async () => fs.readdirSync(bucket, { recursive: true }).filter(name => fs.statSync(path.join(bucket, name)).isFile());
  await writeResults(t, { put, keys, get: async key => fs.readFileSync(path.join(bucket, key), 'utf8') }, ['--bucket', `data=${endpoint}/elsewhere`]);
  assert.deepEqual(fs.readdirSync(path.join(served, 'buckets', 'elsewhere', 'uploads')), [], 'uploads that were left over');
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
  await server.put('one.jsonl', '1\n');
  const writer = machine(file('one.jsonl', { InputType: 'JSONL' }));
  writer.States.Each.ResultWriter = { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'other', Prefix: 'p' } };
  writer.States.Each.Output = undefined;
  const nowhere = await runMachine(t, writer, ['--s3-endpoint', server.endpoint]);
  assert.equal(nowhere.report.error, 'States.ResultWriterFailed');
  assert.equal(nowhere.report.cause, "The bucket 'other' of the ResultWriter does not exist");
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
