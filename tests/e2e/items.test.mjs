// The readers of a Distributed Map against files that people's tools make: Python's csv module, gzip and zstd, aws-cli;
// a kill -9 in the middle of a file; memory that does not depend on the file's size.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import zlib from 'node:zlib';
import { aws, expectStatus, holdWhere, killAfter, scratch, serve, serveProcess, start, until, weft, weftProgram, weftRun } from './lib.mjs';

/** A Distributed Map over what `reader` gives; each child's output is its input. */
const machine = (reader, more = {}) => ({
  QueryLanguage: 'JSONata', StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map', Label: 'Each', ItemReader: reader, End: true,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' }, StartAt: 'Pass', States: { Pass: { Type: 'Pass', End: true } },
      },
      ...more,
    },
  },
});
const file = (Key, ReaderConfig) => ({ Resource: 'arn:aws:states:::s3:getObject', Arguments: { Bucket: 'data', Key }, ReaderConfig });
const csv = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };

function places(t) {
  const directory = scratch(t);
  const bucket = path.join(directory, 'bucket');
  fs.mkdirSync(bucket);
  const definition = path.join(directory, 'machine.asl.json');
  return { directory, bucket, definition, data: path.join(directory, 'data') };
}

/** The items that `reader` gives, as the children saw them. */
async function itemsOf(place, reader) {
  fs.writeFileSync(place.definition, JSON.stringify(machine(reader)));
  fs.rmSync(place.data, { recursive: true, force: true });
  const run = await weftRun([place.definition, '--bucket', `data=${place.bucket}`, '--data', place.data]);
  expectStatus(run, 0, 'weft run');
  return JSON.parse(run.report.output);
}

const python = (script, ...args) => {
  const run = spawnSync('python3', ['-c', script, ...args], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
};

test('CSV that Python writes comes out as Python reads it', async t => {
  const place = places(t);
  // Awkward texts in every dialect; backslashes are left out, which mean something to Step Functions only.
  python(`
import csv, json, random, sys
random.seed(7)
pool = ['', ' ', 'plain', 'a,b', 'tab\\tbed', 'semi;colon', 'pipe|d', 'say "hi"', 'two\\nlines', 'cr\\r\\nlf', 'ключ', '😀', "it's", '"', '0', 'null']
names = ['id', 'first name', 'last,name', 'note']
for name, dialect in [('comma', dict()), ('tab', dict(delimiter='\\t')), ('semicolon', dict(delimiter=';', quoting=csv.QUOTE_ALL)), ('pipe', dict(delimiter='|', lineterminator='\\n'))]:
    with open(f'{sys.argv[1]}/{name}.csv', 'w', newline='', encoding='utf-8-sig' if name == 'tab' else 'utf-8') as out:
        writer = csv.DictWriter(out, names, **dialect)
        writer.writeheader()
        for i in range(300):
            writer.writerow({'id': i, **{name: random.choice(pool) for name in names[1:]}})
    with open(f'{sys.argv[1]}/{name}.csv', newline='', encoding='utf-8-sig') as back:
        dialect.pop('lineterminator', None)
        json.dump(list(csv.DictReader(back, **dialect)), open(f'{sys.argv[1]}/{name}.expected', 'w'))
`, place.bucket);
  for (const name of ['comma', 'tab', 'semicolon', 'pipe']) {
    const expected = JSON.parse(fs.readFileSync(path.join(place.bucket, `${name}.expected`), 'utf8'));
    assert.deepEqual(await itemsOf(place, file(`${name}.csv`, { ...csv, CSVDelimiter: name.toUpperCase() })), expected, name);
  }
});

test('Distributed Maps in JSONPath, as the console writes them: over a listing, and batches of a JSON file', async t => {
  const place = places(t);
  const sizes = { 'in/a.txt': 1, 'in/b.txt': 22, 'in/c.txt': 333, 'other.txt': 4 };
  fs.mkdirSync(path.join(place.bucket, 'in'));
  for (const [key, size] of Object.entries(sizes)) fs.writeFileSync(path.join(place.bucket, key), 'x'.repeat(size));
  fs.writeFileSync(path.join(place.bucket, 'orders.json'), JSON.stringify([1, 2, 3, 4, 5].map(n => ({ id: `o${n}`, total: n }))));
  const handler = path.join(place.directory, 'work.mjs');
  fs.writeFileSync(handler, `export const handler = async event => event.Items
  ? { factor: event.BatchInput.factor, totals: event.Items.map(item => item.total * event.BatchInput.factor) }
  : \`\${event.at} \${event.key} \${event.size} of \${event.run}\`;
`);
  const each = (more, name) => ({
    Type: 'Map', MaxConcurrency: 2, ...more,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: name,
      States: {
        [name]: {
          Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', OutputPath: '$.Payload', End: true,
          Parameters: { FunctionName: 'arn:aws:lambda:us-east-1:123456789012:function:work:$LATEST', 'Payload.$': '$' },
          Retry: [{ ErrorEquals: ['Lambda.ServiceException', 'Lambda.SdkClientException'], IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2, JitterStrategy: 'FULL' }],
        },
      },
    },
  });
  fs.writeFileSync(place.definition, JSON.stringify({
    StartAt: 'Files',
    States: {
      Files: each({
        Label: 'Files', ToleratedFailurePercentagePath: '$.tolerated', ResultPath: '$.files', Next: 'Orders',
        ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Parameters: { 'Bucket.$': '$.bucket', 'Prefix.$': "States.Format('{}/', $.folder)" } },
        ItemSelector: { 'at.$': '$$.Map.Item.Index', 'key.$': '$$.Map.Item.Value.Key', 'size.$': '$$.Map.Item.Value.Size', 'run.$': '$.name' },
      }, 'Look'),
      Orders: each({
        Label: 'Orders', MaxConcurrencyPath: '$.workers', MaxConcurrency: undefined, ResultSelector: { 'batches.$': '$[*].totals', 'first.$': '$[0].factor' }, ResultPath: '$.orders', Next: 'Done',
        ItemReader: { Resource: 'arn:aws:states:::s3:getObject', ReaderConfig: { InputType: 'JSON', MaxItemsPath: '$.most' }, Parameters: { 'Bucket.$': '$.bucket', Key: 'orders.json' } },
        ItemBatcher: { MaxItemsPerBatchPath: '$.size', BatchInput: { 'factor.$': '$.factor' } },
      }, 'Add'),
      Done: { Type: 'Pass', Parameters: { 'files.$': '$.files', 'orders.$': '$.orders' }, End: true },
    },
  }));
  const input = { bucket: 'data', folder: 'in', name: 'demo', tolerated: 10, workers: 1, most: 4, size: 3, factor: 10 };
  const run = await weftRun([place.definition, '--input', JSON.stringify(input), '--bucket', `data=${place.bucket}`, '--data', place.data, '--function', `work=${handler}:handler`]);
  expectStatus(run, 0, 'weft run');
  assert.deepEqual(JSON.parse(run.report.output), {
    files: ['0 in/a.txt 1 of demo', '1 in/b.txt 22 of demo', '2 in/c.txt 333 of demo'],
    orders: { batches: [[10, 20, 30], [40]], first: 10 },
  });
});

test('JSON, JSON Lines, gzip and zstd, put by aws-cli', async t => {
  const place = places(t);
  const endpoint = await serve(t, ['--data', path.join(place.directory, 'served'), '--bucket', `data=${place.bucket}`]);
  const values = Array.from({ length: 50 }, (_, n) => ({ n, text: `line\n${n}` }));
  const put = async (key, bytes) => {
    const local = path.join(place.directory, 'local');
    fs.writeFileSync(local, bytes);
    await aws(endpoint, 's3api', 'put-object', '--bucket', 'data', '--key', key, '--body', local);
  };
  await put('deep.json', JSON.stringify({ meta: { 'a/b': [0] }, rows: { 'a/b': values } }, null, 2));
  await put('lines.jsonl.gz', zlib.gzipSync(values.map(value => `${JSON.stringify(value)}\n\n`).join('')));
  fs.writeFileSync(path.join(place.directory, 'plain.json'), JSON.stringify(values));
  const packed = spawnSync('zstd', ['-q', '-c', path.join(place.directory, 'plain.json')]);
  assert.deepEqual(await itemsOf(place, file('deep.json', { InputType: 'JSON', ItemsPointer: '/rows/a~1b' })), values);
  assert.deepEqual(await itemsOf(place, file('lines.jsonl.gz', { InputType: 'JSONL' })), values);
  if (packed.error) return t.diagnostic('zstd is not installed: not tried');
  await put('plain.json.zst', packed.stdout);
  assert.deepEqual(await itemsOf(place, file('plain.json.zst', { InputType: 'JSON' })), values);
});

test('an inventory, Athena\'s manifest and a flattened listing', async t => {
  const place = places(t);
  const write = (key, bytes) => {
    fs.mkdirSync(path.dirname(path.join(place.bucket, key)), { recursive: true });
    fs.writeFileSync(path.join(place.bucket, key), bytes);
  };
  const parts = [1, 2].map(n => ({ key: `inv/photos/daily/data/${n}.csv.gz`,
    bytes: zlib.gzipSync(`"photos","${n}.jpg","${n}00","2026-10-31T00:00:00.000Z"\n`) }));
  for (const { key, bytes } of parts) write(key, bytes);
  write('inv/photos/daily/2026-11-01T01-00Z/manifest.json', JSON.stringify({
    sourceBucket: 'photos', destinationBucket: 'arn:aws:s3:::data', version: '2016-11-30', creationTimestamp: '1761958800000', fileFormat: 'CSV',
    fileSchema: 'Bucket, Key, Size, LastModifiedDate',
    files: parts.map(({ key, bytes }) => ({ key, size: bytes.length, MD5checksum: crypto.createHash('md5').update(bytes).digest('hex') })),
  }));
  const row = n => ({ Bucket: 'photos', Key: `${n}.jpg`, Size: `${n}00`, LastModifiedDate: '2026-10-31T00:00:00.000Z' });
  const manifest = 'inv/photos/daily/2026-11-01T01-00Z/manifest.json';
  assert.deepEqual(await itemsOf(place, file(manifest, { InputType: 'MANIFEST' })), [row(1), row(2)]);
  assert.deepEqual(await itemsOf(place, file(manifest, { ManifestType: 'S3_INVENTORY', MaxItems: 1 })), [row(1)]);

  for (const n of [1, 2, 3]) write(`rows/${n}.csv`, `${n},a\n${n},b\n`);
  write('unload-manifest.csv', 's3://data/rows/3.csv\ns3://data/rows/1.csv\n');
  const given = { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['n', 'x'] };
  const rows = (...files) => files.flatMap(n => ['a', 'b'].map(x => ({ n: `${n}`, x })));
  assert.deepEqual(await itemsOf(place, file('unload-manifest.csv', { ManifestType: 'ATHENA_DATA', ...given })), rows(3, 1));
  const listing = { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'data', Prefix: 'rows/' }, ReaderConfig: { ...given, Transformation: 'LOAD_AND_FLATTEN' } };
  assert.deepEqual(await itemsOf(place, listing), rows(1, 2, 3));
});

test('a reader that fails says why, and can be caught', async t => {
  const place = places(t);
  fs.writeFileSync(path.join(place.bucket, 'twice.csv'), 'a,a\n1,2\n');
  const definition = machine(file('twice.csv', csv), { Catch: [{ ErrorEquals: ['States.ItemReaderFailed'], Output: '{% $states.errorOutput %}', Next: 'Caught' }] });
  definition.States.Caught = { Type: 'Pass', End: true };
  fs.writeFileSync(place.definition, JSON.stringify(definition));
  const run = await weftRun([place.definition, '--bucket', `data=${place.bucket}`, '--data', place.data]);
  expectStatus(run, 0, 'weft run');
  assert.deepEqual(JSON.parse(run.report.output), { Error: 'States.ItemReaderFailed', Cause: 'CSV headers cannot contain duplicates.' });
});

/** Rows of 100 bytes; of every one the first column is its number. */
function writeRows(target, count) {
  const out = fs.openSync(target, 'w');
  fs.writeSync(out, 'n,quoted,filling\n');
  for (let n = 0; n < count; n += 10_000) {
    let text = '';
    for (let i = n; i < Math.min(count, n + 10_000); i++) text += `${i},"a ""b"",\n${i}",${'x'.repeat(86 - 2 * String(i).length)}\n`;
    fs.writeSync(out, text);
  }
  fs.closeSync(out);
}

test('kill -9 in the middle of a file: every row is one child', async t => {
  const place = places(t);
  const count = 60_000;
  writeRows(path.join(place.bucket, 'rows.csv'), count);
  fs.writeFileSync(path.join(place.bucket, 'rows.csv.gz'), zlib.gzipSync(fs.readFileSync(path.join(place.bucket, 'rows.csv'))));
  for (const key of ['rows.csv', 'rows.csv.gz']) {
    // Batches, so that the results fit into the state's output: of each the number of rows and their sum.
    const definition = machine(file(key, csv), { ItemBatcher: { MaxItemsPerBatch: 10 }, MaxConcurrency: 20 });
    definition.States.Each.ItemProcessor.States.Pass.Output = '{% [$count($states.input.Items), $sum($states.input.Items.$number(n))] %}';
    definition.States.Each.Output = '{% [$sum($states.result.$[0]), $sum($states.result.$[1])] %}';
    const flags = ['--bucket', `data=${place.bucket}`, '--data', place.data];
    // Two places that it does not go beyond before it was killed there, or earlier.
    const gates = [['early', 6_000], ['late', 30_000]].map(([name, row]) => {
      const gate = path.join(place.directory, name);
      fs.rmSync(gate, { force: true });
      const first = '$number($states.input.Items[0].n)';
      flags.push(...holdWhere(definition.States.Each.ItemProcessor, `{% ${first} >= ${row} and ${first} < ${row + 20 * 10} %}`, gate));
      return gate;
    });
    fs.writeFileSync(place.definition, JSON.stringify(definition));
    fs.rmSync(place.data, { recursive: true, force: true });
    let before = 0;
    for (const done of [300, 1_200]) {  // of 6,000 children
      const killed = await killAfter(done, before === 0 ? ['run', place.definition, ...flags] : ['run', '--resume', ...flags]);
      assert.ok(killed.done > before && killed.read >= killed.done && killed.read < count, `${key}: ${JSON.stringify(killed)}`);
      before = killed.done;
      fs.writeFileSync(gates.shift(), '');
    }
    const last = await weft(['run', '--resume', ...flags, '--json']);
    expectStatus(last, 0, 'weft run --resume');
    assert.deepEqual(JSON.parse(JSON.parse(last.stdout).output), [count, count * (count - 1) / 2], key);
  }
});

test('100 MB of CSV at constant memory', async t => {
  const place = places(t);
  const count = 1_000_000;
  writeRows(path.join(place.bucket, 'rows.csv'), count);
  const size = fs.statSync(path.join(place.bucket, 'rows.csv')).size;
  assert.ok(size > 95e6 && size < 115e6, `${size} bytes`);
  const definition = machine(file('rows.csv', csv), { ItemBatcher: { MaxItemsPerBatch: 1000 }, MaxConcurrency: 4 });
  definition.States.Each.ItemProcessor.States.Pass.Output = '{% $count($states.input.Items) %}';
  definition.States.Each.Output = '{% $sum($states.result) %}';
  fs.writeFileSync(place.definition, JSON.stringify(definition));
  const run = start(weftProgram, ['run', place.definition, '--bucket', `data=${place.bucket}`, '--data', place.data, '--json']);
  let peak = 0;
  const look = setInterval(() => {
    const status = fs.existsSync(`/proc/${run.pid}/status`) ? fs.readFileSync(`/proc/${run.pid}/status`, 'utf8') : '';
    peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 100);
  const result = await run.done;
  clearInterval(look);
  expectStatus(result, 0, 'weft run');
  assert.equal(JSON.parse(JSON.parse(result.stdout).output), count);
  t.diagnostic(`${(size / 1e6).toFixed()} MB of CSV, peak ${(peak / 1024).toFixed()} MiB resident`);
  assert.ok(peak < 300 * 1024, `peak of ${peak} KiB`);
});

test('the columns of 100,000 children are in a file when weft run has ended, or it says that they are not', async t => {
  const place = places(t);
  fs.writeFileSync(path.join(place.bucket, 'many.jsonl'), Array.from({ length: 100_000 }, (_, n) => `${n}\n`).join(''));
  const definition = machine(file('many.jsonl', { InputType: 'JSONL' }), { Output: 1 });
  definition.States.Each.ItemProcessor.States.Pass.Output = 1;
  fs.writeFileSync(place.definition, JSON.stringify(definition));
  const run = await weftRun([place.definition, '--bucket', `data=${place.bucket}`, '--data', place.data]);
  expectStatus(run, 0, 'weft run');
  const late = /columns of a large Map Run were not written within 10 s/.test(run.stderr);
  assert.deepEqual(fs.readdirSync(path.join(place.data, 'columns')), late ? [] : ['1.columns']);
});

test('a folder of --buckets with a name that is no bucket\'s is left out and named', async t => {
  const place = places(t);
  const home = path.join(place.directory, 'home');
  for (const folder of ['data', 'My_Data', 'metrics']) fs.mkdirSync(path.join(home, folder), { recursive: true });
  const { endpoint, child } = await serveProcess(t, ['--buckets', home, '--data', place.data]);
  assert.deepEqual((await aws(endpoint, 's3api', 'list-buckets')).Buckets.map(one => one.Name), ['data']);
  const said = await until(() => / no bucket \S+\/metrics: /.test(child.text.stdout.replace(/\s+/g, ' ')) && child.text.stdout.replace(/\s+/g, ' '), 'it does not tell its buckets');
  assert.match(said, / buckets data /);
  assert.match(said, /no bucket \S+\/My_Data: The specified bucket is not valid: "My_Data" may contain only/);
  assert.match(said, /no bucket \S+\/metrics: .*the beginning of paths that Weft has/);
  fs.writeFileSync(place.definition, JSON.stringify(machine({
    Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'My_Data' },
  })));
  const refused = await weft(['run', place.definition, '--buckets', home, '--data', `${place.data}-2`]);
  assert.match(refused.stderr.replace(/\s+/g, ' '), /lists the bucket 'My_Data', and the folder of this name in \S+ is none: .*may contain only/);
});
