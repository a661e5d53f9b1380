// Two Map Runs at once on one function: the few children of one do not wait behind all of the other's.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { fanOut, invoke, root, scratch, serve, stepFunctions, until } from './lib.mjs';

const LARGE = 300, SMALL = 10;

test('a small Map Run ends early in a large one', async t => {
  const directory = scratch(t);
  const gate = path.join(directory, 'gate'), order = path.join(directory, 'order');
  const inTurn = path.join(root, 'tests', 'e2e', 'functions', 'in_turn.mjs');
  const sfn = await stepFunctions(await serve(t, ['--data', path.join(directory, 'data'),
    '--function', `turn=${inTurn}:handler,concurrency=1,timeout=600,env.GATE=${gate},env.ORDER=${order}`]));
  const branch = (name, children) => {
    const task = { [`Call${name}`]: invoke('turn', { Arguments: { FunctionName: 'turn', Payload: name } }) };
    return { StartAt: name, States: { [name]: { ...fanOut(children, task, { Label: name }).States.Each } } };
  };
  const definition = {
    QueryLanguage: 'JSONata', StartAt: 'Both',
    States: { Both: { Type: 'Parallel', Branches: [branch('large', LARGE), branch('small', SMALL)], End: true } },
  };
  const { stateMachineArn } = await sfn.createStateMachine({
    name: 'both', roleArn: 'arn:aws:iam::123456789012:role/any', definition: JSON.stringify(definition),
  });
  const { executionArn } = await sfn.startExecution({ stateMachineArn });
  await until(async () => {
    const { mapRuns } = await sfn.listMapRuns({ executionArn });
    const counts = await Promise.all(mapRuns.map(async each => (await sfn.describeMapRun(each)).executionCounts.running));
    return counts.reduce((sum, one) => sum + one, 0) === LARGE + SMALL;
  }, 'the children do not all run');
  // Those of the small one are called once their start is stored: then they are in the queue, or nearly so.
  const { mapRuns } = await sfn.listMapRuns({ executionArn });
  const { mapRunArn } = mapRuns.find(each => each.mapRunArn.includes('/small:'));
  for (const child of (await sfn.listExecutions({ mapRunArn })).executions)
    await until(async () => (await sfn.getExecutionHistory(child)).events.some(event => event.type === 'TaskScheduled'), 'a child calls nothing');
  fs.writeFileSync(gate, '');
  await until(async () => (await sfn.describeExecution({ executionArn })).status === 'SUCCEEDED', 'it does not succeed');
  const called = fs.readFileSync(order, 'utf8').trim().split('\n');
  assert.equal(called.length, LARGE + SMALL);
  // In turn it is 2 * SMALL; some calls may not yet have been in the queue when the gate opened.
  assert.ok(called.lastIndexOf('small') < LARGE / 2, `the last small one was call ${called.lastIndexOf('small')}`);
});
