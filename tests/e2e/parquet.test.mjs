// Parquet files that DuckDB writes, in its codecs: every type, many row groups, a kill -9 in the middle, a bucket of another
// server; and what is told where the library is missing or the file is none.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { expectStatus, holdWhere, killAfter, root, scratch, serve, start, weft, weftProgram, weftRun } from './lib.mjs';

const library = path.join(root, 'tests/e2e/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so');
const machine = (ItemReader, ItemBatcher) => ({
  QueryLanguage: 'JSONata', StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map', Label: 'Each', ItemReader, ItemBatcher, End: true,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' }, StartAt: 'Pass', States: { Pass: { Type: 'Pass', End: true } },
      },
    },
  },
});
const reader = Key => ({ Resource: 'arn:aws:states:::s3:getObject', Arguments: { Bucket: 'data', Key }, ReaderConfig: { InputType: 'PARQUET' } });

function places(t) {
  const directory = scratch(t);
  const bucket = path.join(directory, 'bucket');
  fs.mkdirSync(bucket);
  return { bucket, definition: path.join(directory, 'machine.asl.json'), data: path.join(directory, 'data') };
}
async function write(place, name, query, options = '') {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${query}) TO '${path.join(place.bucket, name)}' (FORMAT parquet${options})`);
  connection.closeSync();
  instance.closeSync();
}
async function run(place, definition, flags = ['--parquet-library', library]) {
  fs.writeFileSync(place.definition, JSON.stringify(definition));
  fs.rmSync(place.data, { recursive: true, force: true });
  return weftRun([place.definition, '--bucket', `data=${place.bucket}`, '--data', place.data, ...flags]);
}
async function itemsOf(place, itemReader) {
  const result = await run(place, machine(itemReader));
  expectStatus(result, 0, 'weft run');
  return JSON.parse(result.report.output);
}

test('every type becomes JSON', async t => {
  const place = places(t);
  await write(place, 'types.parquet', `SELECT 1 AS i, 9007199254740993::BIGINT AS big, 1.5::DOUBLE AS d, 1.25::DECIMAL(9, 2) AS price, true AS flag,
    'it''s "quoted" ключ' AS text, NULL::INTEGER AS nothing, DATE '2026-01-02' AS day, TIMESTAMP '2026-01-02 03:04:05.678901' AS ts,
    TIMESTAMPTZ '2026-01-02 03:04:05+00' AS tz, TIME '03:04:05' AS clock, [1, 2] AS list, {'a': 1, 'b': [{'c': 'x'}]} AS struct, MAP {'k': 1} AS map,
    'a\\x00\\xFF'::BLOB AS bytes, 'NaN'::DOUBLE AS nan, '-infinity'::FLOAT AS inf, '4b339ee4-250a-4358-bf4d-e21d4d3cfaa4'::UUID AS id,
    'NaN' AS "a row of the files"`);
  const result = await run(place, machine(reader('types.parquet')));
  expectStatus(result, 0, 'weft run');
  assert.match(result.report.output, /"big":9007199254740993,/);
  const [row] = JSON.parse(result.report.output);
  delete row.big;
  assert.deepEqual(row, {
    i: 1, d: 1.5, price: 1.25, flag: true, text: 'it\'s "quoted" ключ', nothing: null, day: '2026-01-02', ts: '2026-01-02 03:04:05.678901',
    tz: '2026-01-02 03:04:05+00', clock: '03:04:05', list: [1, 2], struct: { a: 1, b: [{ c: 'x' }] }, map: { k: 1 }, bytes: 'a\\x00\\xFF', nan: 'NaN', inf: '-Infinity',
    id: '4b339ee4-250a-4358-bf4d-e21d4d3cfaa4', 'a row of the files': 'NaN',
  });
});

test('codecs, many row groups, a listing of files and a manifest', async t => {
  const place = places(t);
  for (const codec of ['snappy', 'gzip', 'zstd', 'uncompressed'])
    await write(place, `${codec}.parquet`, 'SELECT range AS n FROM range(5000)', `, CODEC ${codec}, ROW_GROUP_SIZE 2048`);
  const expected = Array.from({ length: 5000 }, (_, n) => ({ n }));
  for (const codec of ['snappy', 'gzip', 'zstd', 'uncompressed']) assert.deepEqual(await itemsOf(place, reader(`${codec}.parquet`)), expected, codec);
  fs.writeFileSync(path.join(place.bucket, 'manifest'), 's3://data/zstd.parquet\ns3://data/gzip.parquet\n');
  const manifest = { ...reader('manifest'), ReaderConfig: { InputType: 'PARQUET', ManifestType: 'ATHENA_DATA', MaxItems: 7000 } };
  assert.deepEqual(await itemsOf(place, manifest), [...expected, ...expected.slice(0, 2000)]);
  const listing = { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'data', Prefix: 's' }, ReaderConfig: { InputType: 'PARQUET', Transformation: 'LOAD_AND_FLATTEN' } };
  assert.deepEqual(await itemsOf(place, listing), expected);
});

test('kill -9 in the middle of a file, and 1,000,000 rows at constant memory', async t => {
  const place = places(t);
  const count = 1_000_000;
  await write(place, 'rows.parquet', `SELECT range AS n, repeat('x', 50) AS filling FROM range(${count})`, ', ROW_GROUP_SIZE 100000');
  const definition = machine(reader('rows.parquet'), { MaxItemsPerBatch: 500 });
  definition.States.Each.MaxConcurrency = 8;
  definition.States.Each.ItemProcessor.States.Pass.Output = '{% [$count($states.input.Items), $sum($states.input.Items.n)] %}';
  definition.States.Each.Output = '{% [$sum($states.result.$[0]), $sum($states.result.$[1])] %}';
  const gate = path.join(scratch(t), 'half');
  const first = '$states.input.Items[0].n';
  const held = holdWhere(definition.States.Each.ItemProcessor, `{% ${first} >= 500000 and ${first} < ${500_000 + 8 * 500} %}`, gate);
  fs.writeFileSync(place.definition, JSON.stringify(definition));
  const flags = ['--bucket', `data=${place.bucket}`, '--data', place.data, '--parquet-library', library, ...held];
  for (const [children, args] of [[20, ['run', place.definition, ...flags]], [100, ['run', '--resume', ...flags]]]) {
    const killed = await killAfter(children, args);
    assert.ok(killed.done >= children * 500 && killed.read < count, JSON.stringify(killed));
  }
  fs.writeFileSync(gate, '');
  const last = start(weftProgram, ['run', '--resume', ...flags, '--json']);
  let peak = 0;
  const look = setInterval(() => {
    const status = fs.existsSync(`/proc/${last.pid}/status`) ? fs.readFileSync(`/proc/${last.pid}/status`, 'utf8') : '';
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 100);
  const result = await last.done;
  clearInterval(look);
  expectStatus(result, 0, 'weft run --resume');
  assert.deepEqual(JSON.parse(JSON.parse(result.stdout).output), [count, count * (count - 1) / 2]);
  t.diagnostic(`peak ${(peak / 1024).toFixed()} MiB resident`);
  assert.ok(peak < 300 * 1024, `peak of ${peak} KiB`);
});

test('a file of another server is copied', async t => {
  const place = places(t);
  await write(place, 'few.parquet', 'SELECT range AS n FROM range(3)');
  const endpoint = await serve(t, ['--data', path.join(scratch(t), 'served'), '--bucket', `data=${place.bucket}`]);
  fs.writeFileSync(place.definition, JSON.stringify(machine(reader('few.parquet'))));
  const result = await weftRun([place.definition, '--data', place.data, '--bucket', `data=${endpoint}`, '--parquet-library', library],
    { env: { AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'any' } });
  expectStatus(result, 0, 'weft run');
  assert.deepEqual(JSON.parse(result.report.output), [{ n: 0 }, { n: 1 }, { n: 2 }]);
});

test('no Parquet file, no library', async t => {
  const place = places(t);
  fs.writeFileSync(path.join(place.bucket, 'text.parquet'), 'n\n1\n2\n3\n4\n5\n');
  const none = await run(place, machine(reader('text.parquet')));
  expectStatus(none, 1, 'weft run');
  assert.equal(none.report.error, 'States.ItemReaderFailed');
  assert.match(none.report.cause, /^Attempting to read 's3:\/\/data\/text.parquet' failed: it cannot be read as Parquet: [^\n]*$/);
  assert.doesNotMatch(none.report.cause, /SELECT|\/proc/);
  const missing = await run(place, machine(reader('text.parquet')), ['--parquet-library', path.join(place.bucket, 'none.so')]);
  expectStatus(missing, 1, 'weft run');
  assert.match(missing.report.cause, /Parquet files are read by DuckDB's library, which cannot be loaded: .*none\.so.*\.\/dev parquet.*--parquet-library/);
  const valid = await weft(['validate', place.definition]);
  expectStatus(valid, 0, 'weft validate');
});
