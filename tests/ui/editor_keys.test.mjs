// Who types ahead of the page: keys and clicks that follow each other without a pause reach what they are meant for, and nothing that was put in
// is lost.
import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from '../e2e/lib.mjs';
import { accessibility, browse, openPage } from './browser.mjs';
import { scenario } from './scenario.mjs';

const ROUNDS = 20;
const node = (page, name) => page.locator(`.n[data-name="${name}"]`);
/** All handed over at once: the browser has the next key before it has drawn what the last one did. */
const keys = (page, all) => Promise.all(all.map(key => page.keyboard.press(key)));
const statesOf = async (page, arn) => {
  const text = await page.evaluate(key => { dispatchEvent(new Event('pagehide')); return JSON.parse(localStorage.getItem(key) ?? 'null')?.text; }, `weft-draft:${arn}`);
  return text === undefined ? undefined : JSON.parse(text).States;
};
/** The page with its first state selected; a round goes from there and is taken back. */
async function rounds(t, round) {
  const { endpoint, machines } = await scenario(t);
  const page = await openPage(await browse(t));
  const arn = machines.OrderSettlement;
  await page.goto(`${endpoint}/_weft/ui/machine/${arn}?edit=1`);
  await page.locator('.cm-content').waitFor();
  await page.locator('.pal .it', { hasText: 'pictures' }).waitFor();
  for (let i = 0; i < ROUNDS; i += 1) {
    await node(page, 'Prepare').click();
    await node(page, 'Prepare').and(page.locator(':focus')).waitFor();
    await round(page, () => statesOf(page, arn), i);
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText('As saved').waitFor();
  }
  assert.deepEqual(page.faults, []);
}

test('a state is added and named by keys without a pause, and is there after Escape', t => rounds(t, async (page, states, i) => {
  // The second Enter is meant for the form, what is typed then for the name, and the last Delete for nothing: nothing is selected.
  await keys(page, ['a', ...'wait', 'Enter', 'Enter', 'End', 'x', 'Escape', 'Escape', 'Delete']);
  await node(page, 'Waitx').waitFor();
  const { Prepare, Waitx, Choice } = await states();
  assert.deepEqual([Prepare.Next, Waitx, Choice], ['Waitx', { Type: 'Wait', Seconds: 5, Next: 'Each position' }, undefined], `round ${i}`);
}));

test('what was clicked is not lost to what is typed into the code at once', t => rounds(t, async (page, states, i) => {
  const [item, code] = [await page.locator('.pal .it', { hasText: 'Wait' }).first().boundingBox(), await page.locator('.code-pane').boundingBox()];
  const click = (x, y) => [page.mouse.move(x, y), page.mouse.down(), page.mouse.up()];
  await Promise.all([...click(item.x + 30, item.y + 10), ...click(code.x + 120, code.y + 60), page.keyboard.press('End'), page.keyboard.press('Enter'), page.keyboard.press('Escape')]);
  await node(page, 'Wait').waitFor();
  assert.equal((await states()).Wait.Next, 'Each position', `round ${i}`);
}));

test('the text under the code is the one that is drawn, whoever writes first', t => rounds(t, async (page, states, i) => {
  // Within one task of the page: the state is put in, and the code is written into before anything could be drawn.
  await page.keyboard.press('a');
  await page.keyboard.type('wait');
  await page.evaluate(() => {
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    document.querySelector('.cm-content').focus();
    document.execCommand('insertText', false, ' ');
  });
  await node(page, 'Wait').waitFor();
  assert.equal((await until(states, 'nothing is kept')).Wait?.Next, 'Each position', `round ${i}`);
}));

test('focus stays on the canvas when the state that had it goes away', t => rounds(t, async (page, states) => {
  await page.keyboard.press('Delete');
  await page.locator('.n:focus').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.locator('.n.sel:focus').waitFor();
  assert.equal((await states()).Prepare, undefined);
}));

test('each body is filled by keys, an empty one first', async t => {
  const { endpoint } = await scenario(t);
  const page = await openPage(await browse(t));
  await page.goto(`${endpoint}/_weft/ui/machines?new=1`);
  await page.locator('.cm-content').waitFor();
  await keys(page, ['a', ...'parallel', 'Enter', 'i', ...'pass', 'Enter', 'ArrowUp', 'i', ...'wait', 'Enter']);
  await node(page, 'Wait').and(page.locator(':focus')).waitFor();
  const { Branches } = (await statesOf(page, 'new')).Parallel;
  assert.deepEqual(Branches.map(one => Object.keys(one.States)), [['Pass'], ['Wait']]);
  assert.deepEqual(page.faults, []);
});

test('where the browser keeps no draft it says so, and asks before the page is left', async t => {
  const { endpoint, machines } = await scenario(t);
  const page = await openPage(await browse(t));
  await page.goto(`${endpoint}/_weft/ui/machine/${machines.OrderSettlement}?edit=1`);
  await page.locator('.cm-content').waitFor();
  await page.evaluate(() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }; });
  // By hand: a browser asks only whom the page has seen doing something.
  await page.getByRole('textbox', { name: 'Comment' }).click();
  await page.keyboard.type('a word');
  await page.getByText('not kept: the storage of this browser is full').waitFor();
  const asked = page.waitForEvent('dialog');
  await page.evaluate(() => void setTimeout(() => location.reload()));
  const dialog = await asked;
  assert.equal(dialog.type(), 'beforeunload');
  await dialog.dismiss();
  assert.equal(await page.getByRole('textbox', { name: 'Comment' }).inputValue(), 'a word');
});

test('what a catcher goes on with is put in by keys', async t => {
  const { endpoint, machines } = await scenario(t);
  const page = await openPage(await browse(t));
  const arn = machines.OrderSettlement;
  await page.goto(`${endpoint}/_weft/ui/machine/${arn}?edit=1`);
  await page.locator('.cm-content').waitFor();
  await node(page, 'Each position').locator('.nm').click();
  const tabTo = async label => {
    for (let i = 0; i < 20; i += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent) === label) return;
    }
    assert.fail(`no way to ${label}`);
  };
  for (const key of ['Enter', 'Shift+Tab', 'ArrowRight']) await page.keyboard.press(key);
  await tabTo('Catcher');
  await page.keyboard.press('Enter');
  await tabTo('A new state for “Go on with”');
  await keys(page, ['Enter', ...'fail', 'Enter']);
  await node(page, 'Fail').and(page.locator(':focus')).waitFor();
  const now = await statesOf(page, arn);
  assert.deepEqual([now['Each position'].Catch, now['Each position'].Next, now.Fail.Type], [[{ ErrorEquals: ['States.ALL'], Next: 'Fail' }], 'Settle', 'Fail']);
  assert.deepEqual(await accessibility(page), []);
  assert.deepEqual(page.faults, []);
});
