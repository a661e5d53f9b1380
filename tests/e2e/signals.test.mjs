// Functions that attack Weft: by signals, where the system has nothing that keeps them from it, and by /proc.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { definitionFile, invoke, machine, root, scratch, start, until, weft, weftProgram } from './lib.mjs';

const functions = path.join(root, 'tests', 'e2e', 'functions');

/** `weft run` in a system without seccomp: {code, signal, stderr, report}. */
async function run(args) {
  const result = await start('python3', [path.join(functions, 'without_seccomp.py'), weftProgram, 'run', ...args, '--json']).done;
  return { ...result, report: result.stdout === '' ? undefined : JSON.parse(result.stdout) };
}

/** The arguments of a run whose only call sends Weft that signal. */
function calling(t, signal, settings) {
  const directory = scratch(t);
  return [definitionFile(directory, machine({ Call: invoke('signals') })), '--input', JSON.stringify({ signal }),
    '--function', `signals=${path.join(functions, 'signals.mjs')}:handler,${settings}`, '--data', path.join(directory, 'data')];
}

test('a call that killed Weft twice is not delivered again', async t => {
  const args = calling(t, 'SIGKILL', 'concurrency=1');
  assert.equal((await run(args)).signal, 'SIGKILL');
  assert.equal((await run([...args, '--resume'])).signal, 'SIGKILL');
  const { report, stderr } = await run([...args, '--resume']);
  assert.ok(report, stderr);
  assert.deepEqual([report.status, report.error], ['FAILED', 'Lambda.Unknown']);
  assert.match(report.cause, /died 2 times in a row while function 'signals' .* unless the function has unknown_outcome=redeliver/);
});

test('with unknown_outcome=redeliver it is', async t => {
  const args = calling(t, 'SIGKILL', 'concurrency=1,unknown_outcome=redeliver');
  assert.equal((await run(args)).signal, 'SIGKILL');
  for (let again = 0; again < 2; ++again) assert.equal((await run([...args, '--resume'])).signal, 'SIGKILL');
});

test('with unknown_outcome=fail it is not delivered a second time', async t => {
  const args = calling(t, 'SIGKILL', 'concurrency=1,unknown_outcome=fail');
  assert.equal((await run(args)).signal, 'SIGKILL');
  const { report, stderr } = await run([...args, '--resume']);
  assert.ok(report, stderr);
  assert.deepEqual([report.status, report.error], ['FAILED', 'Lambda.Unknown']);
  assert.match(report.cause, /function 'signals' may have worked on this call, .* with unknown_outcome=fail it is not delivered again/);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  test(`a ${signal} of a function does not stop Weft`, async t => {
    const { report, stderr } = await run(calling(t, signal, 'concurrency=1'));
    assert.deepEqual([report?.status, report?.output], ['SUCCEEDED', '"sent"'], stderr);
  });
}

for (const [signal, cause] of [['SIGINT', 'Stopped with Ctrl-C'], ['SIGTERM', 'Stopped by SIGTERM']]) {
  test(`the cause of what ${signal} stopped says so`, async t => {
    const directory = scratch(t), data = path.join(directory, 'data');
    const file = definitionFile(directory, machine({ Wait: { Type: 'Wait', Seconds: 1000, End: true } }));
    const running = start(weftProgram, ['run', file, '--data', data]);
    await until(() => running.text.stderr.includes('Running'), 'it does not start');
    running.kill(signal);
    assert.equal((await running.done).code, 130);
    const { stdout } = await weft(['describe', 'latest', '--data', data, '--json']);
    assert.deepEqual([JSON.parse(stdout).status, JSON.parse(stdout).error, JSON.parse(stdout).cause], ['ABORTED', 'Interrupted', cause]);
  });
}

test('functions of the user of Weft do not get at its environment and memory', async t => {
  const directory = scratch(t);
  // Root may do everything: then another user runs it.
  const nobody = process.getuid() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  if (nobody.length > 0) fs.chownSync(directory, 65534, 65534);
  const [program, ...args] = [...nobody, weftProgram, 'run', definitionFile(directory, machine({ Call: invoke('reads_weft') })),
    '--function', `reads_weft=${path.join(functions, 'reads_weft.mjs')}:handler`, '--data', path.join(directory, 'data'), '--json'];
  const { stdout, stderr } = await start(program, args).done;
  assert.deepEqual(JSON.parse(JSON.parse(stdout || assert.fail(stderr)).output),
    { environ: 'EACCES', mem: 'EACCES', maps: 'EACCES', oom: 'EACCES', status: 'opened' });
});
