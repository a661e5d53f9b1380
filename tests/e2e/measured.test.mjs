// Definitions on which AWS was measured by others: each gives AWS's answer, or what
// docs/reference/aws-differences.md says of it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { scratch, shared, weft, weftRun } from './lib.mjs';

const folder = path.join(shared, 'data', 'findings');
const NO_TRANSITION = 'Failed to transition out of the state. The state does not point to a next state.';

/** What `weft run --json` reports of a definition. */
async function report(t, name, ...more) {
  const { report: told } = await weftRun([path.join(folder, name), '--data', path.join(scratch(t), 'data'), ...more]);
  return told;
}

/** What an execution of a definition comes to. */
const outputOf = async (...args) => JSON.parse((await report(...args)).output);

/** Codes and messages that `weft validate --json` finds. */
async function findings(name) {
  const result = await weft(['validate', '--json', path.join(folder, name)]);
  return JSON.parse(result.stdout).diagnostics.map(each => `${each.code}: ${each.message}`);
}

const answers = {
  '01-choice-no-match.asl.json': async (t, name) => {
    const told = await report(t, name);
    assert.deepEqual([told.status, told.error], ['FAILED', 'States.Runtime']);
    assert.equal(told.cause, `An error occurred while executing the state 'C' (entered at the event id #2). ${NO_TRANSITION}`);
  },
  '01b-choice-no-match-in-parallel.asl.json': async (t, name) => {
    const told = await report(t, name);
    assert.deepEqual([told.status, told.error], ['FAILED', 'States.Runtime'], 'States.ALL does not catch it');
    assert.ok(told.cause.endsWith(NO_TRANSITION), told.cause);
  },
  '02-infinity.asl.json': async (t, name) => {
    assert.deepEqual(await outputOf(t, name), { a: 'Infinity', b: ['Infinity'], c: { k: 'Infinity' }, d: '-Infinity', e: 'Infinity' });
  },
  '03-range-fraction.asl.json': async (t, name) => assert.deepEqual(await outputOf(t, name), { v: [-1, 0, 1, 2] }),
  '04-execution-timed-out-event.asl.json': async (t, name) => {
    const data = path.join(scratch(t), 'data');
    const { report: told } = await weftRun([path.join(folder, name), '--data', data]);
    assert.deepEqual([told.status, told.error], ['TIMED_OUT', 'States.Timeout']);
    const history = await weft(['history', 'latest', '--json', '--data', data]);
    const last = JSON.parse(history.stdout).events.at(-1);
    assert.deepEqual([last.type, last.executionTimedOutEventDetails], ['ExecutionTimedOut', { error: 'States.Timeout' }]);
  },
  '05-map-item-key-inline.asl.json': async (t, name) => assert.deepEqual(await outputOf(t, name), [{ k: 'a', v: 1 }, { k: 'b', v: { z: 2 } }]),
  '05b-map-item-key-s3-object.asl.json': async (t, name) => {
    const bucket = path.join(scratch(t), 'data-bucket');
    fs.cpSync(path.join(folder, 'data'), bucket, { recursive: true });
    assert.deepEqual(await outputOf(t, name, '--bucket', `data=${bucket}`), [{ k: 'a' }, { k: 'b' }]);
  },
  '06-service-arn-with-region.asl.json': async (t, name) => assert.deepEqual(await findings(name), []),
  '08-diagnostic-order.asl.json': async (t, name) => assert.deepEqual(await findings(name), [
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: NOPE", 'MISSING_END_STATE: Workflow has no terminal state',
  ]),
  '09-erroroutput-text.asl.json': async (t, name) => assert.deepEqual(await findings(name), [
    "UNSUPPORTED_JSONATA_EXPRESSION: Field '$states.errorOutput' does not exist.",
  ]),
  // Not measured; docs/reference/aws-differences.md says why they stay so.
  'unsure-map-default-object.asl.json': async (t, name) => {
    const told = await report(t, name, '--input', '{"a":1}');
    assert.ok(told.cause.endsWith('Map state input must be an array but was: {"a":1}'), told.cause);
  },
  'unsure-label-inline.asl.json': async (t, name) => assert.match((await findings(name)).join(), /Field 'Label' is only supported/),
  'unsure-function-inside-value.asl.json': async (t, name) => assert.deepEqual(await outputOf(t, name), { v: { a: '', b: 1 } }),
};

const measured = { skip: !fs.existsSync(folder) && `NOT RUN: ${Object.keys(answers).length + 1} tests with definitions measured on AWS: no ${folder}` };

test('every measured definition has its answer', measured, () => {
  const files = fs.readdirSync(folder).filter(name => name.endsWith('.asl.json'));
  assert.deepEqual(files.filter(name => !answers[name]), [], 'definitions without an answer');
});

for (const [name, answer] of Object.entries(answers)) {
  test(name, measured, t => answer(t, name));
}
