// What was saved last is what the editor shows, undo goes behind it, and what would be refused says why before anything is saved.
import assert from 'node:assert/strict';
import test from 'node:test';
import { call } from '../e2e/lib.mjs';
import { becomes, browse, openPage } from './browser.mjs';
import { scenario } from './scenario.mjs';

const roleArn = 'arn:aws:iam::000000000000:role/r';
const node = (page, name) => page.locator(`.n[data-name="${name}"]`);

test('save and run shows what it saves; a step back comes to that, with what can be undone', async t => {
  const { endpoint } = await scenario(t);
  const page = await openPage(await browse(t));
  const definition = JSON.stringify({ StartAt: 'First', States: { First: { Type: 'Pass', Next: 'Last' }, Last: { Type: 'Succeed' } } }, null, 2);
  const { stateMachineArn: arn } = await call(endpoint, 'CreateStateMachine', { name: 'saving', roleArn, definition });
  const { executionArn } = await call(endpoint, 'StartExecution', { stateMachineArn: arn, name: 'before', input: '{"n":7}' });
  await page.goto(`${endpoint}/_weft/ui/exec/${executionArn}`);
  await page.getByRole('link', { name: 'Edit state machine' }).click();
  await page.locator('.cm-content').waitFor();
  // A name that is taken stays in the field, and is refused.
  await node(page, 'First').click();
  const name = page.getByRole('textbox', { name: 'Name', exact: true });
  await name.fill('Last');
  await page.keyboard.press('Tab');
  await page.getByText('There is a state “Last” already').waitFor();
  assert.equal(await name.inputValue(), 'Last');
  await name.fill('Begin');
  await page.keyboard.press('Enter');
  await node(page, 'Begin').waitFor();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.locator('.changes').getByText('Begin').waitFor();
  // It begins with the input of the execution before.
  await becomes(() => dialog.getByRole('textbox', { name: 'Input, JSON' }).inputValue(), '{\n  "n": 7\n}');
  await dialog.getByRole('textbox', { name: 'Name of the execution' }).fill('after');
  await dialog.getByRole('button', { name: 'Save and run' }).click();
  await page.waitForURL(/:execution:saving:after/);
  const saved = await call(endpoint, 'DescribeStateMachine', { stateMachineArn: arn });
  assert.deepEqual(Object.keys(JSON.parse(saved.definition).States), ['Begin', 'Last']);
  await page.goBack();
  await page.getByText('As saved').waitFor();
  await node(page, 'Begin').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await node(page, 'First').waitFor();
  await page.getByRole('button', { name: 'Redo' }).click();
  await page.getByText('As saved').waitFor();
  assert.deepEqual(page.faults, []);
});

test('what would be refused is not saved, and leads to its state; what is not here is a hint', async t => {
  const { endpoint } = await scenario(t);
  const page = await openPage(await browse(t));
  const rule = { Condition: '{% $states.input.n > 1 %}', Next: 'Done' };
  const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Pick', States: { Pick: { Type: 'Choice', Choices: [rule], Default: 'Call' }, Call: { Type: 'Task', Resource: 'arn:aws:states:::states:startExecution', Arguments: { StateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:nobody' }, End: true }, Done: { Type: 'Succeed' } } }, null, 2);
  const { stateMachineArn: arn } = await call(endpoint, 'CreateStateMachine', { name: 'refused', roleArn, definition });
  await page.goto(`${endpoint}/_weft/ui/machine/${arn}?edit=1`);
  await page.locator('.probs').getByText('This server has no state machine “nobody”').waitFor();
  await page.locator('.probs').getByText('The definition is valid.').waitFor();
  await node(page, 'Pick').click();
  const first = page.getByRole('textbox', { name: 'If' });
  await first.fill('{% $states.input.n > 1');
  await page.locator('.f.wrong', { has: first }).waitFor();
  // With nothing selected no form has it.
  await page.locator('.stage').click({ position: { x: 20, y: 200 } });
  await page.getByRole('heading', { name: 'Workflow', exact: true }).waitFor();
  assert.equal(await page.locator('.f.wrong').count(), 0);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('It is refused as it is').waitFor();
  assert.ok(await dialog.getByRole('button', { name: 'Save and run' }).isDisabled());
  await dialog.getByRole('button', { name: /^Pick, line/ }).click();
  await first.waitFor();
  assert.equal((await call(endpoint, 'DescribeStateMachine', { stateMachineArn: arn })).definition, definition);
  assert.deepEqual(page.faults, []);
});
