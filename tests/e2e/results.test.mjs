// Results of a Distributed Map: the files of a ResultWriter read back by aws-cli, jq and DuckDB, and every item's one outcome in
// them, also when the run was killed on the way.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import {
  aws, awsResult, definitionFile, expectStatus, fanOut, invoke, keysOf, root, scratch, serve, start, until, weft, weftProgram,
} from './lib.mjs';

const uneven = path.join(root, 'tests', 'e2e', 'functions', 'uneven.mjs');

/** A fan-out whose every seventh child fails, with a ResultWriter. */
const unevenFanOut = (children, writer, more) => fanOut(children, {
  Call: invoke('uneven', { Retry: [{ ErrorEquals: ['Shaky'], IntervalSeconds: 1, MaxAttempts: 2 }] }),
}, { ResultWriter: writer, ...more });

/** A scratch directory with a bucket `out`, and the flags of a run over it. */
function place(t, more = '') {
  const directory = scratch(t);
  const out = path.join(directory, 'out'), marks = path.join(directory, 'marks');
  fs.mkdirSync(out);
  fs.mkdirSync(marks);
  const flags = ['--bucket', `out=${out}`, '--data', path.join(directory, 'data'),
    '--function', `uneven=${uneven}:handler,concurrency=2,timeout=600,env.MARKS=${marks}${more}`];
  return { directory, out, marks, flags };
}

/** What `aws s3 cp` fetches of the bucket: its directory here, and the files by key. */
async function fetched(t, endpoint) {
  const local = scratch(t);
  expectStatus(await awsResult(endpoint, 's3', 'cp', 's3://out', local, '--recursive'), 0, 'aws s3 cp');
  return { local, files: Object.fromEntries(keysOf(local).map(key => [key, fs.readFileSync(path.join(local, key), 'utf8')])) };
}

/** The records of each kind as jq reads them out of what was fetched. */
function readByJq(local, manifestKey) {
  const jq = (...args) => {
    const result = spawnSync('jq', ['-c', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
    assert.equal(result.status, 0, `jq: ${result.error ?? result.stderr}`);
    return result.stdout.split('\n').filter(Boolean).map(line => JSON.parse(line));
  };
  const [files] = jq('.ResultFiles | map_values(map(.Key))', path.join(local, manifestKey));
  return Object.fromEntries(Object.entries(files).map(([kind, keys]) =>
    [kind, keys.flatMap(key => jq(key.endsWith('.jsonl') ? '.' : '.[]', path.join(local, key)))]));
}

const parsed = (key, text) => key.endsWith('.jsonl')
  ? text.split('\n').filter(line => line).map(line => JSON.parse(line)) : JSON.parse(text);

/** The records of each kind that the manifest names; checks that it is true and that nothing else lies in the bucket. */
function recordsOf(files, details) {
  assert.equal(details.ResultWriterDetails.Bucket, 'out');
  const manifest = JSON.parse(files[details.ResultWriterDetails.Key]);
  assert.deepEqual(Object.keys(manifest), ['DestinationBucket', 'MapRunArn', 'ResultFiles']);
  assert.deepEqual(Object.keys(manifest.ResultFiles), ['FAILED', 'PENDING', 'SUCCEEDED']);
  assert.equal(manifest.MapRunArn, details.MapRunArn);
  const keys = Object.values(manifest.ResultFiles).flat().map(file => file.Key);
  assert.deepEqual([...keys, details.ResultWriterDetails.Key].sort(), Object.keys(files).sort());
  return Object.fromEntries(Object.entries(manifest.ResultFiles).map(([kind, list]) => [kind, list.flatMap(file => {
    assert.equal(Buffer.byteLength(files[file.Key]), file.Size);
    return parsed(file.Key, files[file.Key]);
  })]));
}

/** The records of each kind as DuckDB reads them out of the bucket's directory. */
async function readByDuckDb(out, manifestKey) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const { ResultFiles } = JSON.parse(fs.readFileSync(path.join(out, manifestKey), 'utf8'));
  const records = {};
  for (const [kind, files] of Object.entries(ResultFiles)) {
    records[kind] = [];
    for (const { Key } of files) {
      const format = Key.endsWith('.jsonl') ? 'newline_delimited' : 'array';
      const rows = await connection.runAndReadAll(
        `SELECT json::VARCHAR FROM read_json('${path.join(out, Key)}', format='${format}', records=false, columns={json: 'JSON'})`);
      records[kind].push(...rows.getRows().map(([json]) => JSON.parse(json)));
    }
  }
  connection.closeSync();
  instance.closeSync();
  return records;
}

const numbers = count => Array.from({ length: count }, (_, i) => i + 1);

test('every transformation and type, read back by aws s3 cp with jq and by DuckDB', async t => {
  const COUNT = 40;
  const good = numbers(COUNT).filter(n => n % 7 !== 0), bad = numbers(COUNT).filter(n => n % 7 === 0);
  const output = n => n % 2 === 0 ? [n, -n] : { n };
  const expected = {
    COMPACT: good.map(output),
    FLATTEN: good.flatMap(output),
  };
  for (const Transformation of ['NONE', 'COMPACT', 'FLATTEN']) {
    for (const OutputType of ['JSON', 'JSONL']) {
      await t.test(`${Transformation} ${OutputType}`, async t => {
        const { directory, out, flags } = place(t);
        const file = definitionFile(directory, unevenFanOut(COUNT, {
          Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'out', Prefix: 'runs/' },
          WriterConfig: { Transformation, OutputType },
        }));
        const run = await weft(['run', file, '--json', ...flags]);
        expectStatus(run, 0, 'weft run');
        const details = JSON.parse(JSON.parse(run.stdout).output);
        const endpoint = await serve(t, flags);
        const { local, files } = await fetched(t, endpoint);
        assert.match(details.ResultWriterDetails.Key, /^runs\/[0-9a-f-]{36}\/manifest\.json$/);
        const records = recordsOf(files, details);
        assert.deepEqual(await readByDuckDb(out, details.ResultWriterDetails.Key), records);
        assert.deepEqual(readByJq(local, details.ResultWriterDetails.Key), records);
        assert.deepEqual(records.FAILED.map(record => [record.Input, record.Error, record.Status]), bad.map(n => [String(n), 'Refused', 'FAILED']));
        assert.deepEqual(records.PENDING, []);
        if (Transformation === 'NONE') {
          assert.deepEqual(records.SUCCEEDED.map(record => [record.Input, JSON.parse(record.Output), record.Status]),
            good.map(n => [String(n), output(n), 'SUCCEEDED']));
          const { ExecutionArn, Name } = records.SUCCEEDED[0];
          const child = await aws(endpoint, 'stepfunctions', 'describe-execution', '--execution-arn', ExecutionArn);
          assert.equal(child.name, Name);
          assert.equal(new Date(Math.round(child.startDate * 1000)).toISOString(), records.SUCCEEDED[0].StartDate);
          assert.equal(new Date(Math.round(child.stopDate * 1000)).toISOString(), records.SUCCEEDED[0].StopDate);
        } else {
          assert.deepEqual(records.SUCCEEDED, expected[Transformation]);
        }
        const counts = (await aws(endpoint, 'stepfunctions', 'describe-map-run', '--map-run-arn', details.MapRunArn)).executionCounts;
        assert.equal(counts.resultsWritten, COUNT);
      });
    }
  }
});

// Most kills fall between calls of the function, the last ones after its last call: often while results are being written.
const COUNT = Number(process.env.WEFT_KILL_CHILDREN ?? 400);
const KILLS = 16, LATE_KILLS = 4;

test('kill -9 at twenty random moments: one outcome for each item, each in one file', async t => {
  const { directory, out, marks, flags } = place(t, ',env.LIMIT=LIMIT');
  const limit = path.join(directory, 'limit');
  const all = flags.map(flag => flag.replace('env.LIMIT=LIMIT', `env.LIMIT=${limit}`));
  const file = definitionFile(directory, unevenFanOut(COUNT, {
    Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'out' },
  }, { MaxConcurrency: 40 }));
  const called = () => fs.readdirSync(marks).length;
  /** Kills `run` once so many numbers were called, and a bit; false when it had ended. */
  const kill = async (run, calls, delayMs) => {
    await until(() => run.exitCode !== null || called() >= calls, `no progress to ${calls} numbers: ${run.text.stderr}`);
    await new Promise(resolve => setTimeout(resolve, delayMs));
    const killed = run.exitCode === null && run.kill('SIGKILL');
    await run.done;
    t.diagnostic(`${killed ? 'killed' : 'ended'} at ${called()} of ${COUNT}`);
    return killed;
  };
  for (let i = 0; i < KILLS; i++) {
    // The run never goes further than its slice, so that it cannot end before the kill however slow this test is.
    fs.writeFileSync(limit, String(Math.floor((i + 1) * COUNT / (KILLS + 1))));
    const run = start(weftProgram, ['run', ...(i === 0 ? [file] : ['--resume']), ...all]);
    const some = Math.max(1, Math.floor((i + Math.random()) * COUNT / (KILLS + 1)));
    assert.ok(await kill(run, some, Math.random() * 100), `the run ended before kill ${i + 1}: ${run.text.stderr}`);
  }
  fs.writeFileSync(limit, 'Infinity');
  for (let i = 0; i < LATE_KILLS; i++) await kill(start(weftProgram, ['run', '--resume', ...all]), COUNT, Math.random() * 400);
  expectStatus(await weft(['run', '--resume', ...all]), 0, 'weft run --resume');

  const endpoint = await serve(t, all);
  const listed = await aws(endpoint, 'stepfunctions', 'list-state-machines');
  const { executions } = await aws(endpoint, 'stepfunctions', 'list-executions', '--state-machine-arn', listed.stateMachines[0].stateMachineArn);
  const { status, output } = await aws(endpoint, 'stepfunctions', 'describe-execution', '--execution-arn', executions[0].executionArn);
  assert.equal(status, 'SUCCEEDED');
  const { MapRunArn } = JSON.parse(output);
  const { executionCounts } = await aws(endpoint, 'stepfunctions', 'describe-map-run', '--map-run-arn', MapRunArn);
  const bad = numbers(COUNT).filter(n => n % 7 === 0), good = numbers(COUNT).filter(n => n % 7 !== 0);
  assert.deepEqual([executionCounts.total, executionCounts.succeeded, executionCounts.failed, executionCounts.resultsWritten],
    [COUNT, good.length, bad.length, COUNT]);
  const { local, files } = await fetched(t, endpoint);
  const records = recordsOf(files, JSON.parse(output));
  const { Key } = JSON.parse(output).ResultWriterDetails;
  assert.deepEqual(await readByDuckDb(out, Key), records);
  assert.deepEqual(readByJq(local, Key), records);
  assert.deepEqual(records.SUCCEEDED.map(record => Number(record.Input)), good);
  assert.deepEqual(records.FAILED.map(record => Number(record.Input)), bad);
  assert.equal(new Set([...records.SUCCEEDED, ...records.FAILED].map(record => record.ExecutionArn)).size, COUNT);
  const uploads = await aws(endpoint, 's3api', 'list-multipart-uploads', '--bucket', 'out');
  assert.deepEqual(uploads?.Uploads ?? [], [], 'parts are left over in the bucket');
});
