// Definitions that others wrote ($WEFT_SHARED/data/real-definitions) in the editor: each is drawn and saved as it is, to the byte, and so it is
// after a state was moved and that was taken back.
//
//   EDITOR_DEFINITIONS=all node --test tests/ui/editor_definitions.test.mjs    all of them, not a sample; 01: those whose id begins so
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { call, shared } from '../e2e/lib.mjs';
import { browse, openPage } from './browser.mjs';
import { draftNow, edit, importText, node, roleArn } from './editing.mjs';
import { scenario } from './scenario.mjs';

const file = path.join(shared, 'data/real-definitions/definitions.jsonl');
const SAMPLE = 24;
const WANTED = process.env.EDITOR_DEFINITIONS;
/** Of each definition so many states are tried to be moved at most, until one was. */
const MOVES_TRIED = 4;

const spread = list => list.filter((_, i) => Math.floor((i * SAMPLE) / list.length) !== Math.floor(((i - 1) * SAMPLE) / list.length));
const chosen = list => (WANTED === undefined ? spread(list) : list.filter(({ id }) => WANTED === 'all' || id.startsWith(WANTED)));

const isObject = value => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Names of all states, in the order in which they stand in the text. What is no object is no state: an author put a QueryLanguage among them. */
function statesIn(value) {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => [...(key === 'States' && isObject(one) ? Object.keys(one).filter(name => isObject(one[name])) : []), ...statesIn(one)]);
}

/** All states are drawn, or of a long workflow those that are seen, and the text is one that can be read. */
async function drawn(page, text) {
  const names = statesIn(JSON.parse(text));
  await page.waitForFunction(n => {
    const all = document.querySelectorAll('.n');
    return n === 0 ? all.length === 0 : all[0]?.getAttribute('aria-setsize') === String(n) && (n > 150 || all.length === n);
  }, names.length);
  assert.equal(await page.locator('.prob', { hasText: 'This is no JSON' }).count(), 0);
  return names;
}

/** Moves a state along its way, with the keyboard, and takes it back; another text in between. How often it could be done. */
async function movedAndBack(page, names, arn, text) {
  let moved = 0;
  const undo = page.getByRole('button', { name: 'Undo' });
  const back = await undo.isEnabled();
  for (const name of names.slice(0, MOVES_TRIED)) {
    const state = node(page, name).first(); // names are unique in a scope only
    if (await state.count() === 0) continue;
    await state.focus();
    await page.keyboard.press('Space');
    for (const key of ['Alt+ArrowDown', 'Alt+ArrowUp']) {
      await page.keyboard.press(key);
      const between = await draftNow(page, arn);
      if (between === undefined || between === text) continue;
      moved += 1;
      assert.deepEqual(statesIn(JSON.parse(between)).sort(), [...names].sort(), `${name}: other states than before`);
      await page.keyboard.press('Control+z');
      if (!back) await page.waitForFunction(() => document.querySelector('[aria-label="Undo"]').disabled);
      const after = await draftNow(page, arn);
      assert.ok(after === (arn ? undefined : text), `${name} moved by ${key} and back: another text`);
    }
    if (moved > 0) break;
  }
  return moved;
}

test('definitions of others open, are drawn, and are saved as they are', { skip: !fs.existsSync(file) && `NOT RUN: 324 definitions of others in the editor: no ${file}` }, async t => {
  const { endpoint } = await scenario(t);
  const page = await openPage(await browse(t));
  const [tried, wrong] = [{ saved: 0, imported: 0, moved: 0 }, []];
  const create = async (name, { definition, type }) => {
    const response = await fetch(endpoint, { method: 'POST', headers: { 'X-Amz-Target': 'AWSStepFunctions.CreateStateMachine' }, body: JSON.stringify({ name, roleArn, definition, ...(type === 'EXPRESS' ? { type } : {}) }) });
    return response.ok ? (await response.json()).stateMachineArn : undefined;
  };
  /** What the server has is saved as another machine. */
  const saved = async (arn, text) => {
    await edit(page, endpoint, arn);
    const names = await drawn(page, text);
    await page.getByText('As saved').waitFor();
    if (await movedAndBack(page, names, arn, text)) tried.moved += 1;
    await page.getByText('As saved').waitFor();
    await page.locator('summary', { hasText: 'File' }).click();
    await page.getByRole('button', { name: 'Save as a new machine…' }).click();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    const copy = `${arn}-2`;
    await page.waitForFunction(end => decodeURIComponent(location.pathname).endsWith(end), copy);
    assert.ok((await call(endpoint, 'DescribeStateMachine', { stateMachineArn: copy })).definition === text, 'it is saved as another text');
    tried.saved += 1;
  };
  /** What the server refuses is put in as a text. */
  const imported = async text => {
    await importText(page, text);
    const names = await drawn(page, text);
    assert.ok(await draftNow(page) === text, 'another text is drafted');
    if (await movedAndBack(page, names, undefined, text)) tried.moved += 1;
    assert.ok(await draftNow(page) === text, 'another text is drafted after a step back');
    tried.imported += 1;
  };
  const noted = id => error => void wrong.push(`${id}: ${error.message.split('\n')[0]}`);
  const refused = [];
  for (const one of chosen(fs.readFileSync(file, 'utf8').trim().split('\n').map(line => JSON.parse(line)))) {
    const arn = await create(`real-${one.id}`, one);
    if (arn) await saved(arn, one.definition).catch(noted(one.id));
    else refused.push(one);
  }
  await edit(page, endpoint);
  for (const { id, definition: text } of refused) await imported(text).catch(noted(id));
  t.diagnostic(`${tried.saved} saved, ${tried.imported} of those that the server refuses put in as a text; of these a state was moved in ${tried.moved}`);
  assert.deepEqual(wrong, []);
  assert.ok(tried.saved > 0 && tried.moved > 0, JSON.stringify(tried));
  assert.deepEqual(page.faults, []);
});
