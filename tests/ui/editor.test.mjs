// The visual editor: the workflow of the demonstration built from nothing, with the mouse alone and with the
// keyboard alone, run on a real bucket and function; and everything around that: drafts, conflicts, tests, replays.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { call, scratch, until, weft } from '../e2e/lib.mjs';
import { accessibility, becomes, browse, openPage, picture } from './browser.mjs';
import { draft, drafted, edit, importText, item, KEYS, node, workshop } from './editing.mjs';
import { definition, scenario } from './scenario.mjs';

const ACTIONS_MAX = 40;

/** A hand that counts: a click, a drag, a key or a text typed is one action. */
function hand(page) {
  let actions = 0;
  const acted = what => async (...args) => { actions += 1; return what(...args); };
  return {
    click: acted(locator => locator.click()),
    press: acted(key => page.keyboard.press(key)),
    type: acted(text => page.keyboard.type(text)),
    choose: acted((locator, value) => locator.selectOption(value)),
    drag: acted(async (from, to) => {
      const [a, b] = [await from.boundingBox(), await to.boundingBox()];
      await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
      await page.mouse.down();
      await page.mouse.move(b.x + b.width / 2 + 30, b.y + b.height / 2 - 20, { steps: 4 });
      await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 4 });
      await page.mouse.up();
    }),
    get actions() { return actions; },
  };
}

/** What both journeys have to end with. */
const WANTED = {
  QueryLanguage: 'JSONata', StartAt: 'Map',
  States: { Map: {
    Type: 'Map', End: true,
    ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'pictures', Prefix: '2026/' } },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Transform image',
      States: { 'Transform image': { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'transform-image', Payload: '{% $states.input %}' }, Output: '{% $states.result.Payload %}', End: true } },
    },
  } },
};

async function ran(page, endpoint, name) {
  await page.waitForURL(new RegExp(`exec/arn:aws:states:.*:execution:${name}:`));
  await page.getByText('Succeeded in').waitFor();
  const arn = decodeURIComponent(/exec\/(arn:[^?]*)/.exec(page.url())[1]);
  const execution = await call(endpoint, 'DescribeExecution', { executionArn: arn });
  assert.equal(execution.status, 'SUCCEEDED');
  assert.deepEqual(JSON.parse(execution.output).map(one => one.key).sort(), KEYS.filter(key => key.startsWith('2026/')));
  const { definition } = await call(endpoint, 'DescribeStateMachine', { stateMachineArn: execution.stateMachineArn });
  assert.deepEqual(JSON.parse(definition), WANTED);
}

test('the workflow of the demonstration with the mouse alone', async t => {
  const { endpoint } = await workshop(t);
  const page = await openPage(await browse(t));
  await page.goto(`${endpoint}/_weft/ui/machines`);
  const by = hand(page);
  await by.click(page.getByRole('link', { name: 'New state machine' }));
  await page.locator('.cm-content').waitFor();
  await by.drag(item(page, 'Map'), page.locator('.hole').first());
  await by.click(page.getByRole('button', { name: 'Distributed' }));
  await by.drag(item(page, 'transform-image'), page.locator('.hole').first());
  await by.click(page.locator('.n[data-name="Map"] .nm'));
  await by.choose(page.getByRole('combobox', { name: 'Source' }), 'objects');
  await page.getByText('4 read').waitFor();
  await by.click(page.getByRole('button', { name: '2026/', exact: true }));
  await page.getByText('3 read').waitFor();
  await page.getByText('The definition is valid.').waitFor();
  await picture(page, 'editor-mouse-light');
  await by.click(page.getByRole('button', { name: 'Run', exact: true }));
  await by.click(page.getByRole('button', { name: 'Save and run' }));
  await ran(page, endpoint, 'state-machine');
  assert.ok(by.actions < ACTIONS_MAX, `${by.actions} actions`);
  assert.deepEqual(page.faults, []);
});

test('the same with the keyboard alone', async t => {
  const { endpoint } = await workshop(t);
  const page = await openPage(await browse(t), { theme: 'dark' });
  await page.goto(`${endpoint}/_weft/ui/machines?new=1`);
  await page.locator('.cm-content').waitFor();
  await item(page, 'transform-image').waitFor();
  const by = hand(page);
  await by.press('a');
  await by.type('map');
  await by.press('Enter');
  await page.locator('.n[data-name="Map"]:focus').waitFor();
  await by.press('i');
  await by.type('transform');
  await by.press('Enter');
  await page.locator('.n[data-name="Transform image"]:focus').waitFor();
  await by.press('ArrowUp');
  await page.locator('.n[data-name="Map"]:focus').waitFor();
  await by.press('Enter');
  await page.locator('input.name:focus').waitFor();
  await by.press('Tab');
  await by.press('Tab');
  await by.press('Space');
  await by.press('Tab');
  await by.type('S3 objects');
  await by.press('Tab');
  await by.press('Tab');
  await by.type('2026/');
  await page.getByText('3 read').waitFor();
  await page.getByText('The definition is valid.').waitFor();
  await picture(page, 'editor-keyboard-dark');
  await by.press('Control+Enter');
  await page.getByRole('dialog').waitFor();
  await by.press('Enter');
  await ran(page, endpoint, 'state-machine');
  assert.ok(by.actions < ACTIONS_MAX, `${by.actions} actions`);
  assert.deepEqual(page.faults, []);
});

test('canvas, forms and code are one text, and every step goes back', async t => {
  const { endpoint, machines } = await scenario(t);
  const page = await openPage(await browse(t));
  const arn = machines.ImagePipeline;
  const before = JSON.stringify(definition, null, 2);
  await edit(page, endpoint, arn);
  // Renamed in the form: where it is named, in the code and on the canvas.
  await node(page, 'Index faces').click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Find faces');
  await page.keyboard.press('Enter');
  await node(page, 'Find faces').waitFor();
  assert.equal(await drafted(page, arn), before.replaceAll('"Index faces"', '"Find faces"'));
  await page.locator('.cm-content').getByText('"Find faces"').first().waitFor();
  // A name that is taken is refused and said.
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Done');
  await page.keyboard.press('Enter');
  await page.getByText('There is a state “Done” already').waitFor();
  // Changed in the code: on the canvas and in the form.
  await page.locator('.cm-content').evaluate(element => element.focus());
  await page.keyboard.press('Control+f');
  await page.getByRole('textbox', { name: 'Find', exact: true }).pressSequentially('"MaxConcurrency": 12');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.keyboard.insertText('"MaxConcurrency": 34');
  await node(page, 'Process images').locator('.d', { hasText: '34 at once' }).waitFor();
  await becomes(() => page.getByRole('textbox', { name: 'Max concurrency' }).inputValue(), '34');
  // What is no JSON: the graph stays, and it is said where.
  await page.keyboard.insertText('56,,');
  await page.getByText('The graph shows the last definition that was.').waitFor();
  await page.getByRole('button', { name: /^line 14, column/ }).waitFor();
  await node(page, 'Find faces').waitFor();
  await becomes(() => page.getByRole('button', { name: 'Save', exact: true }).isDisabled(), true);
  for (let i = 0; i < 4; i += 1) await page.keyboard.press('Backspace');
  await page.getByText('The definition is valid.').waitFor();
  // Moved with the mouse into the body, before what is there; what led to it leads past it.
  const [from, to] = [await node(page, 'Validate input').boundingBox(), await node(page, 'Transform image').boundingBox()];
  await page.mouse.move(from.x + 60, from.y + 20);
  await page.mouse.down();
  await page.mouse.move(to.x + 60, to.y - 10, { steps: 6 });
  await page.locator('.drop.on', { hasText: 'Validate input goes here' }).waitFor();
  await page.mouse.up();
  const moved = JSON.parse(await drafted(page, arn, text => text.includes('"StartAt": "Process images"')));
  assert.equal(moved.States['Process images'].ItemProcessor.StartAt, 'Validate input');
  assert.deepEqual(moved.States['Process images'].ItemProcessor.States['Validate input'], { Type: 'Pass', Next: 'Transform image' });
  // Back to the first byte, and forth again.
  await node(page, 'Validate input').focus();
  while (await page.getByRole('button', { name: 'Undo' }).isEnabled()) await page.keyboard.press('Control+z');
  await page.getByText('As saved').waitFor();
  await until(async () => (await draft(page, arn)) === undefined, 'a draft is kept of what is saved');
  while (await page.getByRole('button', { name: 'Redo' }).isEnabled()) await page.keyboard.press('Control+Shift+Z');
  assert.deepEqual(JSON.parse(await drafted(page, arn, text => text.includes('"StartAt": "Process images"'))), moved);
  assert.deepEqual(page.faults, []);
});

test('states are copied, duplicated, moved along and deleted with keys; a draft outlives a reload', async t => {
  const { endpoint, machines } = await scenario(t);
  const page = await openPage(await browse(t));
  const arn = machines.OrderSettlement;
  await edit(page, endpoint, arn);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await node(page, 'Each position').locator('.nm').click();
  await page.keyboard.press('Control+c');
  await node(page, 'Settle').click();
  await page.keyboard.press('Control+v');
  const pasted = JSON.parse(await drafted(page, arn)).States;
  assert.deepEqual([pasted.Settle, pasted['Each position 2'].End, Object.keys(pasted['Each position 2'].ItemProcessor.States)], [{ Type: 'Pass', Next: 'Each position 2' }, true, ['Price 2']]);
  await page.keyboard.press('Control+d');
  await node(page, 'Each position 3').waitFor();
  await page.keyboard.press('Delete');
  await page.keyboard.press('Control+z');
  await node(page, 'Each position 3').waitFor();
  await node(page, 'Prepare').click();
  await page.keyboard.press('Alt+ArrowDown');
  const shifted = JSON.parse(await drafted(page, arn, text => JSON.parse(text).States.Check.Default === 'Each position')).States;
  assert.deepEqual([shifted['Each position'].Next, shifted.Prepare.Next], ['Prepare', 'Settle']);
  // Several at once.
  await node(page, 'Settle').click();
  await node(page, 'Each position 2').locator('.nm').click({ modifiers: ['Shift'] });
  await page.getByText('2 states selected').waitFor();
  await page.keyboard.press('Delete');
  const left = await drafted(page, arn, text => !text.includes('"Settle"'));
  assert.equal(JSON.parse(left).States.Prepare.Next, 'Each position 3');
  // A reload, also without the server, loses nothing.
  await page.reload();
  await page.getByText('Draft of your last visit, kept in this browser').waitFor();
  await node(page, 'Each position 3').waitFor();
  assert.equal(await draft(page, arn), left);
  await page.getByRole('button', { name: 'Review changes' }).click();
  await page.getByRole('dialog').getByText('gone').first().waitFor();
  await picture(page, 'editor-review-light');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: 'Discard' }).click();
  await node(page, 'Settle').waitFor();
  await becomes(() => draft(page, arn), undefined);
  assert.deepEqual(page.faults, []);
});

test('a revision is saved after a look at what changes; what somebody else saved meanwhile is not overwritten unseen', async t => {
  const { endpoint, machines } = await scenario(t);
  const page = await openPage(await browse(t));
  const arn = machines.OrderSettlement;
  const saved = async () => (await call(endpoint, 'DescribeStateMachine', { stateMachineArn: arn })).definition;
  const before = await saved();
  await edit(page, endpoint, arn);
  await becomes(() => page.getByRole('button', { name: 'Save', exact: true }).isDisabled(), true);
  await page.getByRole('textbox', { name: 'Comment' }).fill('Settles');
  await page.keyboard.press('Control+s');
  await page.getByRole('dialog').locator('.dl.more', { hasText: '"Comment": "Settles"' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('As saved').waitFor();
  const mine = before.replace('{\n', '{\n  "Comment": "Settles",\n');
  assert.equal(await saved(), mine);
  // Somebody else.
  const theirs = mine.replace('[1..30]', '[1..31]');
  await page.getByRole('textbox', { name: 'Comment' }).fill('Settles orders');
  await call(endpoint, 'UpdateStateMachine', { stateMachineArn: arn, definition: theirs });
  await page.keyboard.press('Control+s');
  await page.getByRole('dialog').locator('.dl.more', { hasText: 'Settles orders' }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('Somebody else saved meanwhile').waitFor();
  await page.getByLabel('What they changed').locator('.dl.more', { hasText: '[1..31]' }).waitFor();
  await page.getByLabel('What you changed').locator('.dl.more', { hasText: 'Settles orders' }).waitFor();
  assert.deepEqual(await accessibility(page), []);
  await picture(page, 'editor-conflict-light');
  await page.getByRole('button', { name: 'Go on editing' }).click();
  assert.equal(await saved(), theirs);
  await page.reload();
  await page.getByText('Somebody else saved since this draft began.').waitFor();
  await becomes(() => page.getByRole('textbox', { name: 'Comment' }).inputValue(), 'Settles orders');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('button', { name: 'Save mine over theirs' }).click();
  await page.getByText('As saved').waitFor();
  assert.equal(await saved(), mine.replace('"Settles"', '"Settles orders"'));
  // Saved elsewhere while nothing is drafted here: it is there when one comes back.
  await call(endpoint, 'UpdateStateMachine', { stateMachineArn: arn, definition: theirs });
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await node(page, 'Each position').locator('.d', { hasText: '[1..31]' }).waitFor();
  await page.getByText('As saved').waitFor();
  assert.deepEqual(page.faults, []);
});

test('a state is tried by itself, and an expression shows what it gives', async t => {
  const { endpoint, machines, run } = await scenario(t);
  await run('ImagePipeline', { pictures: [{ Key: 'a/b.tif', ms: 4 }] }, 'before');
  const page = await openPage(await browse(t), { theme: 'dark' });
  await edit(page, endpoint, machines.ImagePipeline);
  await node(page, 'Transform image').click();
  await page.getByRole('tab', { name: 'Test' }).click();
  // The input that it had last: of a child of the Distributed Map.
  await page.getByRole('button', { name: 'that of the last run' }).click();
  await page.waitForFunction(() => document.querySelector('.insp textarea')?.value.includes('a/b.tif'));
  await page.getByRole('button', { name: 'Test state' }).click();
  await page.locator('.trial').getByText('Succeeded').waitFor();
  await page.locator('.trial').getByText('goes on with Any faces?').waitFor();
  await page.locator('.trial .code').first().getByText('"faces"').waitFor();
  await picture(page, 'editor-test-dark');
  assert.deepEqual(await accessibility(page), []);
  // With a failure in place of the function: the retrier is asked.
  await page.getByRole('button', { name: 'Fails' }).click();
  await page.getByRole('textbox', { name: 'Its error' }).fill('S3.SlowDown');
  await page.getByRole('button', { name: 'Test state' }).click();
  await page.getByText('Failed, and is tried again').waitFor();
  // A condition on an input.
  await node(page, 'Any faces?').click();
  await page.getByRole('tab', { name: 'Test' }).click();
  await page.getByRole('textbox', { name: 'Input of the state' }).fill('{"faces": 2}');
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.locator('.live', { hasText: 'Gives true' }).waitFor();
  await page.getByRole('textbox', { name: 'If' }).fill('{% $states.input.faces > 2 %}');
  await page.locator('.live', { hasText: 'Gives false' }).waitFor();
  assert.deepEqual(page.faults, []);
});

test('JSONPath becomes JSONata after a look at it, and what does not stays', async t => {
  const { endpoint } = await workshop(t);
  const page = await openPage(await browse(t));
  const text = JSON.stringify({ StartAt: 'Take', States: { Take: { Type: 'Pass', InputPath: '$.order', Next: 'All' }, All: { Type: 'Pass', InputPath: '$..id', Next: 'Done' }, Done: { Type: 'Succeed' } } }, null, 2);
  const { stateMachineArn: arn } = await call(endpoint, 'CreateStateMachine', { name: 'paths', roleArn: 'arn:aws:iam::000000000000:role/r', definition: text });
  await edit(page, endpoint, arn);
  await page.getByRole('button', { name: 'Convert to JSONata…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('2 states converted').waitFor();
  await dialog.getByText('All, line 11').waitFor();
  await dialog.locator('.dl.more', { hasText: '{% $states.input.order %}' }).waitFor();
  assert.deepEqual(await accessibility(page), []);
  await picture(page, 'editor-convert-light');
  assert.equal(await draft(page, arn), undefined);
  await dialog.getByRole('button', { name: 'Take over' }).click();
  const taken = JSON.parse(await drafted(page, arn)).States;
  assert.deepEqual([taken.Take.Output, taken.Take.QueryLanguage, taken.All], ['{% $states.input.order %}', 'JSONata', { Type: 'Pass', InputPath: '$..id', Next: 'Done' }]);
  await page.getByText('The definition is valid.').waitFor();
  assert.deepEqual(page.faults, []);
});

test('a child that failed is replayed on the edited machine', async t => {
  const { endpoint, machines, run, mapRunOf } = await scenario(t);
  const execution = await run('ImagePipeline', { pictures: [{ Key: 'a/bad.tif', ms: 4, error: 'ImageDecodeError' }, { Key: 'a/good.tif', ms: 4 }] }, 'broken');
  const children = await (await fetch(`${endpoint}/_weft/v1/maprun/children?arn=${await mapRunOf(execution)}&f=status:failed`)).json();
  const page = await openPage(await browse(t), { theme: 'dark' });
  await page.goto(`${endpoint}/_weft/ui/exec/${children.rows[0].arn}`);
  await page.getByRole('link', { name: 'Replay on an edited machine' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Close' }).click();
  // Mended: an error is caught.
  await node(page, 'Transform image').click();
  await page.getByRole('tab', { name: 'Retry and catch' }).click();
  await page.getByRole('button', { name: 'Catcher' }).click();
  await page.getByRole('combobox', { name: 'Go on with' }).selectOption('Done');
  await page.locator('summary', { hasText: 'File' }).click();
  await page.getByRole('button', { name: 'Replay a child…' }).click();
  await becomes(() => dialog.getByRole('textbox', { name: 'ARN of an execution or child' }).inputValue(), children.rows[0].arn);
  await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
  await dialog.getByRole('button', { name: 'Replay again' }).waitFor();
  const row = dialog.getByRole('row', { name: /^Status/ });
  await becomes(() => row.getByRole('cell').allInnerTexts(), ['Failed', 'Succeeded']);
  await dialog.getByRole('row', { name: /^Done not entered/ }).waitFor();
  assert.deepEqual(await accessibility(page), []);
  await picture(page, 'editor-replay-dark');
  // Again: on the same state machine, which says what it is.
  await dialog.getByRole('button', { name: 'Replay again' }).click();
  await dialog.getByRole('button', { name: 'Replay again' }).and(page.locator(':enabled')).waitFor();
  const { stateMachines } = await call(endpoint, 'ListStateMachines', {});
  const made = stateMachines.filter(one => one.name.endsWith('-replay'));
  assert.deepEqual(made.map(one => one.name), ['ImagePipeline-Process-images-replay']);
  assert.deepEqual((await call(endpoint, 'ListTagsForResource', { resourceArn: made[0].stateMachineArn })).tags, [{ key: 'weft:replay', value: 'ImagePipeline' }]);
  assert.equal((await call(endpoint, 'DescribeStateMachine', { stateMachineArn: machines.ImagePipeline })).definition, JSON.stringify(definition, null, 2));
  assert.deepEqual(page.faults, []);
});

test('two windows draft the same machine and lose nothing; nor does a field what is no value yet', async t => {
  const { endpoint, machines } = await scenario(t);
  const arn = machines.OrderSettlement;
  const page = await openPage(await browse(t));
  const other = await page.context().newPage();
  await edit(page, endpoint, arn);
  await edit(other, endpoint, arn);
  const comment = one => one.getByRole('textbox', { name: 'Comment' });
  await comment(page).fill('of the first');
  await drafted(page, arn, text => text.includes('of the first'));
  await other.getByText('Another window has a draft of this, too').waitFor();
  await comment(other).fill('of the second');
  await drafted(other, arn, text => text.includes('of the second'));
  await page.getByText('Another window has a draft of this, too').waitFor();
  // Both are there after both were loaded again.
  await page.reload();
  await comment(page).waitFor();
  await becomes(() => comment(page).inputValue(), 'of the first');
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('dialog').locator('.dl.more', { hasText: 'of the second' }).waitFor();
  assert.deepEqual(await accessibility(page), []);
  await page.getByRole('button', { name: 'Take the other' }).click();
  await becomes(() => comment(page).inputValue(), 'of the second');
  await other.close();
  // Half a value, through another state and a reload.
  await node(page, 'Settle').click();
  const field = page.getByRole('textbox', { name: 'Output' });
  await field.fill('{ "x": 1');
  await node(page, 'Prepare').click();
  await node(page, 'Settle').click();
  await becomes(() => field.inputValue(), '{ "x": 1');
  await page.getByText('Not taken over yet').waitFor();
  await page.reload();
  await node(page, 'Settle').click();
  await becomes(() => field.inputValue(), '{ "x": 1');
  await field.fill('{ "x": 1 }');
  assert.deepEqual(JSON.parse(await drafted(page, arn, text => text.includes('"x"'))).States.Settle.Output, { x: 1 });
  // The menu of a state, by keyboard.
  await node(page, 'Settle').focus();
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menu').waitFor();
  assert.deepEqual(await accessibility(page), []);
  await picture(page, 'editor-menu-light');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => !document.querySelector('.n[data-name="Settle"]'));
  assert.deepEqual(page.faults, []);
});

test('the first batch is shown as it would be; role and tags are saved', async t => {
  const { endpoint } = await workshop(t);
  const page = await openPage(await browse(t));
  const text = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Map', States: { Map: {
    Type: 'Map', End: true, ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'pictures', Prefix: '2026/' } }, ItemSelector: { key: '{% $states.context.Map.Item.Value.Key %}' },
    ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { run: 7 } }, ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
  } } }, null, 2);
  const { stateMachineArn: arn } = await call(endpoint, 'CreateStateMachine', { name: 'batches', roleArn: 'arn:aws:iam::000000000000:role/r', definition: text });
  await edit(page, endpoint, arn);
  await page.getByRole('textbox', { name: 'Role' }).fill('arn:aws:iam::000000000000:role/other');
  await page.getByRole('button', { name: 'Add a tag' }).click();
  await page.getByRole('textbox', { name: 'Key of tag 1' }).fill('team');
  await page.getByRole('textbox', { name: 'Value of tag 1' }).fill('pictures');
  await page.getByRole('button', { name: 'Save configuration' }).click();
  await page.getByRole('button', { name: 'Save configuration' }).waitFor({ state: 'detached' });
  assert.equal((await call(endpoint, 'DescribeStateMachine', { stateMachineArn: arn })).roleArn, 'arn:aws:iam::000000000000:role/other');
  assert.deepEqual((await call(endpoint, 'ListTagsForResource', { resourceArn: arn })).tags, [{ key: 'team', value: 'pictures' }]);
  await node(page, 'Map').locator('.nm').click();
  const batch = page.getByLabel('Input of the first child');
  await batch.waitFor();
  await becomes(async () => JSON.parse(await batch.innerText()), { BatchInput: { run: 7 }, Items: [{ key: KEYS[0] }, { key: KEYS[1] }] });
  await picture(page, 'editor-batch-light');
  assert.deepEqual(await accessibility(page), []);
  assert.deepEqual(page.faults, []);
});

test('the editor in both themes and at all widths: nothing serious for axe, nothing hangs out', async t => {
  const { endpoint, machines } = await scenario(t);
  const browser = await browse(t);
  for (const theme of ['light', 'dark']) {
    const page = await openPage(browser, { theme });
    await page.goto(`${endpoint}/_weft/ui/machines?new=1`);
    await page.locator('.cm-content').waitFor();
    await picture(page, `editor-empty-${theme}`);
    assert.deepEqual(await accessibility(page), []);
    // Everything that is found is within its list, however long that is.
    await importText(page, JSON.stringify({ StartAt: 'None', States: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`S${i}`, { Type: 'Wait', Next: 'Nowhere' }])) }, null, 2));
    await page.locator('.prob').nth(20).waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight), 'the page is longer than the window');
    assert.deepEqual(await accessibility(page, '.bottom'), []);
    await picture(page, `editor-findings-${theme}`);
    // What it all is for.
    await page.getByRole('button', { name: 'Info' }).click();
    await page.getByRole('region', { name: 'About the workflow' }).getByText('The state that is entered first.').waitFor();
    await node(page, 'S0').click();
    await page.getByRole('region', { name: 'About Wait' }).getByText('How long it waits.').waitFor();
    assert.deepEqual(await accessibility(page, '.insp'), []);
    await picture(page, `editor-info-${theme}`);
    await page.getByRole('button', { name: 'Info' }).click();
    await page.getByRole('region', { name: 'About Wait' }).waitFor({ state: 'detached' });
    await edit(page, endpoint, machines.ImagePipeline);
    for (const [name, tabs] of [['Process images', ['Settings', 'Retry and catch', 'Output', 'JSON']], ['Transform image', ['Settings', 'Retry and catch', 'Output']], ['Any faces?', ['Settings']], ['Pause', ['Settings']], ['Summarise', ['Settings']]]) {
      await node(page, name).locator('.nm').click();
      for (const tab of tabs) {
        await page.getByRole('tab', { name: tab }).click();
        // The rest is as it was on the whole pages before and after.
        assert.deepEqual(await accessibility(page, '.insp'), [], `${name}, ${tab}`);
      }
    }
    await node(page, 'Process images').locator('.nm').click();
    await picture(page, `editor-${theme}`);
    for (const width of [320, 768, 1280, 2560]) {
      await page.setViewportSize({ width, height: 1000 });
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width} px: it hangs out`);
      assert.deepEqual(await accessibility(page), [], `${width} px`);
      await picture(page, `editor-${theme}-${width}`, { fullPage: width < 1024 });
    }
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
});

test('code and fields say what fits at the cursor; without the server nothing typed is lost', async t => {
  const { endpoint, machines } = await scenario(t);
  const page = await openPage(await browse(t));
  const arn = machines.OrderSettlement;
  await edit(page, endpoint, arn);
  // In a field of a form.
  await node(page, 'Settle').click();
  const output = page.getByRole('textbox', { name: 'Output' });
  await output.click();
  await page.keyboard.type('{% $states.');
  await page.getByRole('option', { name: /^input/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.type(' ~> $su');
  await becomes(() => page.locator('.suggested [role="option"] .mono').allInnerTexts(), ['$substring', '$substringBefore', '$substringAfter', '$sum']);
  assert.deepEqual(await accessibility(page), []);
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.type(') %}');
  await becomes(() => output.inputValue(), '{% $states.input ~> $sum() %}');
  assert.equal(JSON.parse(await drafted(page, arn, text => text.includes('$sum()'))).States.Settle.Output, '{% $states.input ~> $sum() %}');
  // In the code: names of states where one is led to.
  await page.locator('.cm-content').evaluate(element => element.focus());
  await page.keyboard.press('Control+f');
  await page.getByRole('textbox', { name: 'Find', exact: true }).pressSequentially('"Next": "Settle');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowRight');
  for (let i = 0; i < 5; i += 1) await page.keyboard.press('Backspace');
  await page.keyboard.press('Control+Space');
  await page.locator('.cm-tooltip-autocomplete li', { hasText: 'Settle' }).waitFor();
  await picture(page, 'editor-completion-light');
  await page.keyboard.press('Enter');
  await page.getByText('The definition is valid.').waitFor();
  // The server goes away: it is said, and what is typed then is there after a reload.
  await page.route('**/_weft/v1/**', route => route.abort());
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByRole('textbox', { name: 'Comment' }).fill('typed without a server');
  await page.getByText('Not checked: The server does not answer').waitFor();
  await drafted(page, arn, text => text.includes('typed without a server'));
  await page.unroute('**/_weft/v1/**');
  await page.reload();
  await page.getByText('Draft of your last visit, kept in this browser').waitFor();
  await node(page, 'Each position').locator('.nm').click();
  await page.waitForFunction(() => [...document.querySelectorAll('.insp input')].some(one => one.value === 'typed without a server'));
  assert.deepEqual(page.faults.filter(fault => !/ERR_FAILED/.test(fault)), []);
});

test('a thousand states are drawn and edited; files go out and come in', async t => {
  const { endpoint } = await scenario(t);
  const page = await openPage(await browse(t));
  const states = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`S${i}`, i === 999 ? { Type: 'Succeed' } : i % 50 === 7 ? { Type: 'Choice', Choices: [{ Condition: '{% $states.input.skip %}', Next: `S${Math.min(999, i + 5)}` }], Default: `S${i + 1}` } : { Type: 'Pass', Next: `S${i + 1}` }]));
  const text = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'S0', States: states }, null, 2);
  const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', { name: 'thousand', roleArn: 'arn:aws:iam::000000000000:role/r', definition: text });
  await edit(page, endpoint, stateMachineArn);
  await node(page, 'S0').waitFor();
  // Only what is seen is drawn, and what is next to it; who lists the states is told how many there are.
  assert.ok(await page.locator('.n').count() < 60, `${await page.locator('.n').count()} states are drawn`);
  assert.equal(await node(page, 'S0').getAttribute('aria-setsize'), '1000');
  await page.keyboard.press('Control+f');
  await page.keyboard.type('S500');
  await page.keyboard.press('Enter');
  await page.locator('.n.sel:focus[data-name="S500"]').waitFor();
  // A list of a thousand states is filled when one comes to it.
  const next = page.getByRole('combobox', { name: 'Next state' });
  await becomes(() => next.locator('option').count(), 1);
  await next.focus();
  await page.waitForFunction(() => document.querySelector('.insp select').options.length === 1000);
  await node(page, 'S500').click();
  // What is selected no longer leaves the eye where it is.
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => !document.querySelector('.n.sel'));
  await page.locator('.n[data-name="S500"]').click();
  await page.keyboard.press('a');
  await page.keyboard.type('wait');
  await page.keyboard.press('Enter');
  await node(page, 'Wait').waitFor();
  assert.equal(JSON.parse(await drafted(page, stateMachineArn)).States.S500.Next, 'Wait');
  await page.getByRole('button', { name: 'Fit' }).click();
  await picture(page, 'editor-thousand-light');
  // YAML and back, and a picture.
  const given = async name => {
    await page.locator('summary', { hasText: 'File' }).click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()]);
    return { name: download.suggestedFilename(), bytes: fs.readFileSync(await download.path()) };
  };
  const yaml = await given('Export YAML');
  assert.equal(yaml.name, 'thousand.asl.yaml');
  await page.locator('summary', { hasText: 'File' }).click();
  await page.getByRole('button', { name: 'Import…' }).click();
  await page.getByLabel('A file in JSON or YAML').setInputFiles({ name: 'thousand.asl.yaml', mimeType: 'application/yaml', buffer: yaml.bytes });
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(JSON.parse(await drafted(page, stateMachineArn)).States.S500.Next, 'Wait');
  const template = await given('Export CloudFormation template');
  const file = path.join(scratch(t), template.name);
  fs.writeFileSync(file, template.bytes);
  const { code, stdout } = await weft(['validate', file]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /state machine 'thousand' \(STANDARD\)/);
  const svg = await given('Export graph as SVG');
  assert.match(svg.bytes.toString(), /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*S999[\s\S]*<\/svg>$/);
  assert.equal(svg.bytes.toString().match(/data-name=/g).length, 1001);
  const png = await given('Export graph as PNG');
  assert.deepEqual([...png.bytes.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  assert.deepEqual(JSON.parse((await given('Export JSON')).bytes).States.S500, { Type: 'Pass', Next: 'Wait' });
  assert.deepEqual(page.faults, []);
});
