// The visual editor: the workflow of the demonstration built from nothing, with the mouse alone and with the
// keyboard alone, run on a real bucket and function; and definitions of others, which stay as they are.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { call, root, scratch, serve, until } from '../e2e/lib.mjs';
import { accessibility, browse, openPage, picture } from './browser.mjs';

const ACTIONS_MAX = 40;
const KEYS = ['2026/mill-1/IMG_0001.jpg', '2026/mill-1/IMG_0002.jpg', '2026/mill-2/IMG_0003.jpg', 'other/readme.txt'];

/** A server with a bucket of pictures and a function that takes one. */
async function workshop(t) {
  const folder = scratch(t);
  for (const key of KEYS) {
    const file = path.join(folder, 'pictures', key);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, 'a picture');
  }
  const handler = path.join(root, 'tests/ui/pictures.mjs');
  const endpoint = await serve(t, ['--data', path.join(folder, 'data'), '--bucket', `pictures=${path.join(folder, 'pictures')}`, '--function', `transform-image=${handler}:transform,concurrency=2`]);
  return { endpoint, folder };
}

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

const item = (page, title) => page.getByRole('option', { name: title, exact: true });

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
