// Whole runs of a Distributed Map over files of a directory bucket: exact counts, children a second, processor time a child and
// the peak of resident memory, for each reader at N / 10 and N items; then a large CSV file and a large JSON array.
//   node bench/readers.mjs [--children N] [--megabytes M] [--only csv,jsonl,json,parquet,large] [--weft FILE]
//     [--parquet-library FILE] [--directory DIR]
// Prints for each reader the ratio of a child's cost at N items to that at N / 10 and of its children a second to those of JSON,
// and ends with 1 when a count is wrong or a run takes more memory than it may. Files lie below DIR (TMPDIR), and are removed.
// What makes the Parquet files, and reads them, is installed with the end-to-end tests: npm ci in tests/e2e.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const children = Number(option('children', 1_000_000));
const megabytes = Number(option('megabytes', 1_000));
const only = option('only', 'json,csv,jsonl,parquet,large').split(',');
const program = path.resolve(root, option('weft', 'build/release/bin/weft'));
const parquetLibrary = option('parquet-library', path.join(root, 'tests/e2e/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so'));
const MEMORY_MAX_MB = 300;

const place = fs.mkdtempSync(path.join(option('directory', os.tmpdir()), 'weft-readers-'));
const bucket = path.join(place, 'bucket');
fs.mkdirSync(bucket);
process.on('exit', () => fs.rmSync(place, { recursive: true, force: true }));
let failed = false;

/** A file of this name, written from texts. */
function write(key, texts) {
  const file = fs.openSync(path.join(bucket, key), 'w');
  for (const text of texts) fs.writeSync(file, text);
  fs.closeSync(file);
  return fs.statSync(path.join(bucket, key)).size;
}
function* pieces(count, item, before = '', between = '', after = '') {
  yield before;
  for (let at = 0; at < count; at += 10_000) {
    const some = Array.from({ length: Math.min(count - at, 10_000) }, (_, i) => item(at + i));
    yield (at === 0 ? '' : between) + some.join(between);
  }
  yield after;
}
const row = n => `{"id":${n},"name":"customer ${n}","amount":${n % 1_000}.5}`;
const readers = {
  json: { config: { InputType: 'JSON' }, make: count => pieces(count, row, '[', ',\n', ']') },
  csv: { config: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
    make: count => pieces(count, n => `${n},customer ${n},${n % 1_000}.5\n`, 'id,name,amount\n') },
  jsonl: { config: { InputType: 'JSONL' }, make: count => pieces(count, n => `${row(n)}\n`) },
  parquet: { config: { InputType: 'PARQUET' } },
};

/** Parquet is made of the JSON Lines, by DuckDB as the end-to-end tests install it. */
async function makeParquet(key, lines) {
  const { DuckDBInstance } = await import(path.join(root, 'tests/e2e/node_modules/@duckdb/node-api/lib/index.js'));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  await connection.run(`COPY (SELECT * FROM read_json('${path.join(bucket, lines)}', format = 'newline_delimited')) TO '${path.join(bucket, key)}'`);
  connection.closeSync();
}

// Runs a program and tells its processor time and peak as the kernel counted them.
const MEASURE = `
import json, resource, subprocess, sys, time
begin = time.monotonic()
run = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({'code': run.returncode, 'stdout': run.stdout, 'stderr': run.stderr[-2000:], 'seconds': time.monotonic() - begin,
                  'cpu': used.ru_utime + used.ru_stime, 'peakMb': used.ru_maxrss / 1024}))
`;

/** Runs a Map Run over `key`; what it took, or an Error. */
function run(key, config, { batch, lines }) {
  const pass = batch ? { Type: 'Pass', Output: '{% $count($states.input.Items) %}', End: true } : { Type: 'Pass', End: true };
  const definition = path.join(place, 'machine.asl.json');
  fs.writeFileSync(definition, JSON.stringify({
    QueryLanguage: 'JSONata', StartAt: 'Each',
    States: { Each: {
      Type: 'Map', Label: 'Each', End: true, MaxConcurrency: 1_000,
      ItemReader: { Resource: 'arn:aws:states:::s3:getObject', Arguments: { Bucket: 'data', Key: key }, ReaderConfig: config },
      ...(batch ? { ItemBatcher: { MaxItemsPerBatch: batch } } : {}),
      ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Pass', States: { Pass: pass } },
      ...(lines ? { ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'data', Prefix: 'results' },
        WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSONL' } } } : { Output: '{% $sum($states.result) %}' }),
    } },
  }));
  const data = path.join(place, 'data');
  fs.rmSync(data, { recursive: true, force: true });
  const measured = JSON.parse(spawnSync('python3', ['-c', MEASURE, program, 'run', definition, '--bucket', `data=${bucket}`, '--data', data,
    '--parquet-library', parquetLibrary, '--json'], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout);
  if (measured.code !== 0) throw new Error(`weft run over ${key} ended with ${measured.code}: ${measured.stdout.slice(0, 2_000)} ${measured.stderr}`);
  return { ...measured, output: JSON.parse(JSON.parse(measured.stdout).output) };
}

/** The lines of all results that succeeded, each the number of one item: how many, and whether they are 0 to count - 1. */
function countResults(output, count) {
  const { Key } = output.ResultWriterDetails;
  const manifest = JSON.parse(fs.readFileSync(path.join(bucket, Key), 'utf8'));
  let seen = 0;
  let wrong = 0;
  for (const { Key: key } of manifest.ResultFiles.SUCCEEDED) {
    for (const line of fs.readFileSync(path.join(bucket, key), 'utf8').split('\n')) {
      if (line === '') continue;
      if (Number(JSON.parse(line).id) !== seen++) wrong++;
    }
  }
  fs.rmSync(path.join(bucket, 'results'), { recursive: true });
  return { seen, right: seen === count && wrong === 0 && manifest.ResultFiles.FAILED.length + manifest.ResultFiles.PENDING.length === 0 };
}
const judge = (good, text) => {
  failed ||= !good;
  console.log(good ? text : `${text}   <- NOT SO`);
};

async function measureReader(name, jsonRate) {
  const costs = [];
  let rate = 0;
  for (const count of [children / 10, children]) {
    const key = `rows.${name}`;
    if (name === 'parquet') {
      write('rows.jsonl', readers.jsonl.make(count));
      await makeParquet(key, 'rows.jsonl');
    } else {
      write(key, readers[name].make(count));
    }
    const measured = run(key, readers[name].config, { lines: true });
    const counted = countResults(measured.output, count);
    rate = count / measured.seconds;
    costs.push(measured.cpu / count);
    judge(counted.right && measured.peakMb < MEMORY_MAX_MB, `${name.padEnd(8)} ${String(count).padStart(9)} items: ${counted.seen} results, ${rate.toFixed(0)} children/s, `
      + `${(1e6 * measured.cpu / count).toFixed(1)} us of CPU a child, peak ${measured.peakMb.toFixed(0)} MB`);
    for (const old of fs.readdirSync(bucket)) fs.rmSync(path.join(bucket, old), { recursive: true });
  }
  console.log(`${name.padEnd(8)} a child's cost at ${children} to that at ${children / 10}: ${(costs[1] / costs[0]).toFixed(3)}`
    + (jsonRate ? `; children/s to those of json: ${(rate / jsonRate).toFixed(2)}` : ''));
  return rate;
}

function measureLarge() {
  const filling = 'x'.repeat(80);
  const count = Math.ceil(megabytes * 1e6 / 100);
  for (const [name, texts] of [
    ['csv', pieces(count, n => `${n},"a ""b"",c",${filling}\n`, 'n,quoted,filling\n')],
    ['json', pieces(count, n => `{"n":${n},"filling":"${filling}"}`, '[', ',', ']')]]) {
    const size = write(`large.${name}`, texts);
    const measured = run(`large.${name}`, readers[name].config, { batch: 1_000 });
    judge(measured.output === count && measured.peakMb < MEMORY_MAX_MB, `${name.padEnd(8)} ${(size / 1e6).toFixed(0)} MB in batches of 1,000: ${measured.output} items, `
      + `${(size / 1e6 / measured.cpu).toFixed(0)} MB a second of CPU with the children, peak ${measured.peakMb.toFixed(0)} MB`);
    fs.rmSync(path.join(bucket, `large.${name}`));
  }
}

console.log(`${os.cpus().length} cores, ${new Date().toISOString().slice(0, 10)}, load ${os.loadavg()[0].toFixed(1)}`);
let jsonRate = 0;
for (const name of ['json', 'csv', 'jsonl', 'parquet'].filter(one => only.includes(one))) {
  const rate = await measureReader(name, jsonRate);
  if (name === 'json') jsonRate = rate;
}
if (only.includes('large')) measureLarge();
process.exit(failed ? 1 : 0);
