// Functions that throw, hang, exit or answer too much give AWS's errors; Retry, Catch and tolerated
// failures act on them.
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { definitionFile, invoke, machine, root, scratch, weftRun } from './lib.mjs';

const file = path.join(root, 'tests', 'e2e', 'functions', 'faults.mjs');

/** Runs a machine whose function `fault` is an export of faults.mjs; its report. */
async function run(t, states, { fault, input = {}, more = 'concurrency=2,timeout=600' }) {
  const directory = scratch(t);
  const { report, ...result } = await weftRun([definitionFile(directory, machine(states)), '--input', JSON.stringify(input),
    '--function', `fault=${file}:${fault},${more}`, '--data', path.join(directory, 'data')]);
  assert.ok(report, `no JSON report: ${result.stdout}${result.stderr}`);
  return { ...report, code: result.code };
}

test('a function that throws fails with its error type and the raw error as cause', async t => {
  const report = await run(t, { Call: invoke('fault') }, { fault: 'throws', input: { key: 'a.png' } });
  assert.equal(report.status, 'FAILED');
  assert.notEqual(report.code, 0);
  assert.equal(report.error, 'PictureError');
  const cause = JSON.parse(report.cause);
  assert.equal(cause.errorType, 'PictureError');
  assert.equal(cause.errorMessage, 'no picture named a.png');
});

test('a function that hangs past its time-out fails with Sandbox.Timedout', async t => {
  const report = await run(t, { Call: invoke('fault') }, { fault: 'hangs', more: 'concurrency=1,timeout=1' });
  assert.deepEqual([report.status, report.error], ['FAILED', 'Sandbox.Timedout']);
  assert.match(report.cause, /Task timed out after 1\.00 seconds/);
});

test('a state that waits longer than its TimeoutSeconds fails with States.Timeout', async t => {
  const report = await run(t, { Call: invoke('fault', { TimeoutSeconds: 1 }) }, { fault: 'hangs', more: 'concurrency=1,timeout=600' });
  assert.deepEqual([report.status, report.error], ['FAILED', 'States.Timeout']);
});

test('a function that exits fails with Runtime.ExitError', async t => {
  const report = await run(t, { Call: invoke('fault') }, { fault: 'exits' });
  assert.deepEqual([report.status, report.error], ['FAILED', 'Runtime.ExitError']);
  assert.match(report.cause, /exit status 3/);
});

test('an answer of 7 MB fails with Function.ResponseSizeTooLarge', async t => {
  const report = await run(t, { Call: invoke('fault') }, { fault: 'answers_too_much', more: 'concurrency=1,timeout=600' });
  assert.deepEqual([report.status, report.error], ['FAILED', 'Function.ResponseSizeTooLarge']);
});

test('Retry tries again, Catch takes over', async t => {
  const report = await run(t, {
    Call: invoke('fault', {
      Retry: [{ ErrorEquals: ['PictureError'], IntervalSeconds: 1, MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ['States.ALL'], Output: { caught: '{% $states.errorOutput.Error %}' }, Next: 'Caught' }],
    }),
    Caught: { Type: 'Succeed' },
  }, { fault: 'throws', input: { key: 'a.png' } });
  assert.equal(report.status, 'SUCCEEDED');
  assert.deepEqual(typeof report.output === 'string' ? JSON.parse(report.output) : report.output, { caught: 'PictureError' });
});

const numbers = tolerated => ({
  Each: {
    Type: 'Map', Label: 'Each', Items: '{% [1..20].{"n": $, "fails_every": 5} %}', ToleratedFailureCount: tolerated,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Call', States: { Call: invoke('fault') },
    },
    Output: '{% $count($states.result) %}', End: true,
  },
});

test('a Distributed Map tolerates as many failures as it may', async t => {
  const report = await run(t, numbers(4), { fault: 'fails_sometimes' });
  assert.deepEqual([report.status, String(report.output)], ['SUCCEEDED', '20']);
});

test('one failure more than tolerated fails the Map', async t => {
  const report = await run(t, numbers(3), { fault: 'fails_sometimes' });
  assert.deepEqual([report.status, report.error, report.cause],
    ['FAILED', 'States.ExceedToleratedFailureThreshold', 'The specified tolerated failure threshold was exceeded']);
});
