// The data directory is its user's alone, apart from buckets, and a kill leaves nothing beside it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {
  call, definitionFile, expectStatus, invoke, machine, root, scratch, serveProcess, start, until, weft, weftProgram,
} from './lib.mjs';

const mode = file => (fs.statSync(file).mode & 0o777).toString(8);

test('what the data directory keeps is readable by its user only', async t => {
  const directory = scratch(t);
  const data = path.join(directory, 'data');
  const file = definitionFile(directory, machine({ Echo: invoke('echo') }));
  const flags = ['--data', data, '--function', `echo=${path.join(root, 'tests/functions/node/handlers.mjs')}:echo`];
  expectStatus(await weft(['run', file, ...flags]), 0, 'weft run');
  // Whatever lies there, however deep.
  const all = fs.readdirSync(data, { recursive: true, withFileTypes: true });
  const open = all.filter(entry => mode(path.join(entry.parentPath, entry.name)) !== (entry.isDirectory() ? '700' : '600'));
  assert.deepEqual(open.map(entry => path.join(entry.parentPath, entry.name)), []);
  const modes = Object.fromEntries(fs.readdirSync(data).map(name => [name, mode(path.join(data, name))]));
  assert.deepEqual(modes, { buckets: '700', calls: '600', columns: '700', logs: '700', runtime: '700', store: '700', token: '600' });
  assert.equal(mode(path.join(data, 'logs', 'echo.log')), '600');
  assert.equal(mode(data), '700');
  // One that was there is made for more than Weft, perhaps; what is Weft's in it, by an earlier version, is closed.
  for (const open of [data, path.join(data, 'store')]) fs.chmodSync(open, 0o755);
  expectStatus(await weft(['run', file, ...flags]), 0, 'weft run again');
  assert.deepEqual([mode(data), mode(path.join(data, 'store'))], ['755', '700']);
});

test('a data directory in a bucket, and a bucket in a data directory, are refused', async t => {
  const directory = scratch(t);
  const file = definitionFile(directory, machine({ End: { Type: 'Succeed' } }));
  const within = path.join(directory, 'data', 'photos');
  fs.mkdirSync(within, { recursive: true });
  for (const [data, bucket] of [['data', '.'], ['.', 'data'], ['data', 'data'], ['data', 'data/photos/'], ['data/../data', './']]) {
    const flags = ['--data', path.join(directory, data), '--bucket', `photos=${path.join(directory, bucket)}`];
    for (const command of [['run', file], ['serve', '--listen', '127.0.0.1:0']]) {
      const refused = await weft([...command, ...flags]);
      expectStatus(refused, 2, `--data ${data} --bucket ${bucket}`);
      assert.match(refused.stderr, /^weft: --bucket photos=.* lies within the .*: who may use the bucket would reach/);
    }
  }
  const home = await weft(['serve', '--listen', '127.0.0.1:0', '--data', path.join(directory, 'data'), '--buckets', directory]);
  expectStatus(home, 2, '--buckets around --data');
  assert.match(home.stderr, /^weft: --buckets .* lies within the bucket/);
  // Where no key reaches, and beside each other.
  for (const [data, bucket] of [['data/photos/.weft', 'data/photos'], ['data-1', 'data']]) {
    expectStatus(await weft(['run', file, '--data', path.join(directory, data), '--bucket', `photos=${path.join(directory, bucket)}`]), 0, data);
  }
});

test('a kill leaves no folder of the runtime behind', async t => {
  const directory = scratch(t);
  const temporary = path.join(directory, 'tmp');
  fs.mkdirSync(temporary);
  const file = definitionFile(directory, machine({ Work: invoke('hangs') }));
  const running = start(weftProgram, ['run', file, '--data', path.join(directory, 'data'),
    '--function', `hangs=${path.join(root, 'tests/functions/node/handlers.mjs')}:hangs`], { env: { TMPDIR: temporary } });
  await until(() => running.text.stderr.includes('Running'), 'it does not start');
  running.kill('SIGKILL');
  await running.done;
  assert.deepEqual(fs.readdirSync(temporary).filter(name => name.startsWith('weft-')), []);
});

test('what was interrupted waits where its function is missing, and serve says what to add', async t => {
  const directory = scratch(t), data = path.join(directory, 'data');
  const file = definitionFile(directory, machine({ Work: invoke('hangs') }));
  const handlers = path.join(root, 'tests/functions/node/handlers.mjs');
  const running = start(weftProgram, ['run', file, '--name', 'cut', '--data', data, '--function', `hangs=${handlers}:hangs`]);
  await until(() => running.text.stderr.includes('Running'), 'it does not start');
  running.kill('SIGKILL');
  await running.done;
  const { endpoint, child } = await serveProcess(t, ['--data', data]);
  await until(() => /execution:machine:cut is open and waits\..* add --function hangs=FILE/.test(child.text.stderr), 'it does not say what to add');
  const executionArn = 'arn:aws:states:us-east-1:000000000000:execution:machine:cut';
  assert.equal((await call(endpoint, 'DescribeExecution', { executionArn })).status, 'RUNNING');
  await assert.rejects(call(endpoint, 'StopExecution', { executionArn }), /503|waits, since something it needs/);
  // Another run in the same directory leaves it alone, too.
  child.kill('SIGTERM');
  await child.done;
  const other = await weft(['run', definitionFile(directory, machine({ End: { Type: 'Succeed' } }), 'other.asl.json'), '--data', data]);
  expectStatus(other, 0, 'weft run beside it');
  assert.match(other.stderr, /add --function hangs=FILE/);
  // With the function it goes on: the handler of the same name answers now.
  const resumed = await weft(['run', '--resume', '--data', data, '--function', `hangs=${handlers}:echo`]);
  expectStatus(resumed, 0, 'weft run --resume');
});
