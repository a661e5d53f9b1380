// Results of a Distributed Map: the files of a ResultWriter read back by aws-cli, and every item's one outcome in them, also
// when the run was killed on the way.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
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

/** What `aws s3 cp` fetches of the bucket, by key. */
async function fetched(t, endpoint) {
  const local = scratch(t);
  expectStatus(await awsResult(endpoint, 's3', 'cp', 's3://out', local, '--recursive'), 0, 'aws s3 cp');
  return Object.fromEntries(keysOf(local).map(key => [key, fs.readFileSync(path.join(local, key), 'utf8')]));
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

const numbers = count => Array.from({ length: count }, (_, i) => i + 1);

test('every transformation and type, read back by aws s3 cp', async t => {
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
        const { directory, flags } = place(t);
        const file = definitionFile(directory, unevenFanOut(COUNT, {
          Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'out', Prefix: 'runs/' },
          WriterConfig: { Transformation, OutputType },
        }));
        const run = await weft(['run', file, '--json', ...flags]);
        expectStatus(run, 0, 'weft run');
        const details = JSON.parse(JSON.parse(run.stdout).output);
        const endpoint = await serve(t, flags);
        const files = await fetched(t, endpoint);
        assert.match(details.ResultWriterDetails.Key, /^runs\/[0-9a-f-]{36}\/manifest\.json$/);
        const records = recordsOf(files, details);
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

test('kill -9 at random moments: one outcome for each item, each in one file', async t => {
  const COUNT = 150, KILLS = 4;
  const { directory, marks, flags } = place(t, ',env.LIMIT=LIMIT');
  const limit = path.join(directory, 'limit');
  const all = flags.map(flag => flag.replace('env.LIMIT=LIMIT', `env.LIMIT=${limit}`));
  const file = definitionFile(directory, unevenFanOut(COUNT, {
    Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'out' },
  }, { MaxConcurrency: 8 }));
  for (let kill = 0; kill < KILLS; kill++) {
    fs.writeFileSync(limit, String(Math.floor((kill + 1) * COUNT / (KILLS + 1))));
    const run = start(weftProgram, ['run', ...(kill === 0 ? [file] : ['--resume']), ...all]);
    const some = Math.max(1, Math.floor((kill + Math.random()) * COUNT / (KILLS + 1)));
    await until(() => run.exitCode !== null || keysOf(marks).length >= some, `no progress to ${some} numbers`);
    assert.equal(run.exitCode, null, `the run ended before kill ${kill + 1}: ${run.text.stderr}`);
    run.kill('SIGKILL');
    await run.done;
    t.diagnostic(`kill ${kill + 1} at ${keysOf(marks).length} of ${COUNT}`);
  }
  fs.writeFileSync(limit, 'Infinity');
  // Once more, and often while the results are being written: when the last numbers have been called.
  const ending = start(weftProgram, ['run', '--resume', ...all]);
  await until(() => ending.exitCode !== null || keysOf(marks).length === COUNT, 'no progress to the end');
  ending.kill('SIGKILL');
  await ending.done;
  const last = ending.exitCode === 0 ? undefined : await weft(['run', '--resume', '--json', ...all]);
  if (last) expectStatus(last, 0, 'weft run --resume');

  const endpoint = await serve(t, all);
  const listed = await aws(endpoint, 'stepfunctions', 'list-state-machines');
  const { executions } = await aws(endpoint, 'stepfunctions', 'list-executions', '--state-machine-arn', listed.stateMachines[0].stateMachineArn);
  const { status, output } = await aws(endpoint, 'stepfunctions', 'describe-execution', '--execution-arn', executions[0].executionArn);
  assert.equal(status, 'SUCCEEDED');
  const records = recordsOf(await fetched(t, endpoint), JSON.parse(output));
  assert.deepEqual(records.SUCCEEDED.map(record => Number(record.Input)), numbers(COUNT).filter(n => n % 7 !== 0));
  assert.deepEqual(records.FAILED.map(record => Number(record.Input)), numbers(COUNT).filter(n => n % 7 === 0));
  assert.equal(new Set([...records.SUCCEEDED, ...records.FAILED].map(record => record.ExecutionArn)).size, COUNT);
});
