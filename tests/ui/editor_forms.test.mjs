// The editor's smaller ways: tests within tests of a Choice, a state found by its name, names of members in the code;
// and what the pages around it show of a machine.
import assert from 'node:assert/strict';
import test from 'node:test';
import { call, until } from '../e2e/lib.mjs';
import { accessibility, becomes, browse, openPage, picture } from './browser.mjs';
import { heldItems, scenario } from './scenario.mjs';

const roleArn = 'arn:aws:iam::000000000000:role/r';
const node = (page, name) => page.locator(`.n[data-name="${name}"]`);
const made = async (endpoint, name, definition, more = {}) => (await call(endpoint, 'CreateStateMachine', { name, roleArn, definition: JSON.stringify(definition, null, 2), ...more })).stateMachineArn;
const draft = (page, arn) => page.evaluate(key => JSON.parse(localStorage.getItem(key) ?? 'null')?.text, `weft-draft:${arn}`);
const drafted = async (page, arn, holds) => JSON.parse(await until(async () => { const text = await draft(page, arn); return text !== undefined && holds(text) ? text : undefined; }, 'the draft does not get there'));
const open = async (page, endpoint, arn) => {
  await page.goto(`${endpoint}/_weft/ui/machine/${arn}?edit=1`);
  await page.locator('.cm-content').waitFor();
};

test('the tests of a rule are built within each other, and stand at its line in few words', async t => {
  const { endpoint } = await scenario(t);
  const page = await openPage(await browse(t));
  const arn = await made(endpoint, 'rules', { StartAt: 'Pick', States: { Pick: { Type: 'Choice', Choices: [{ Variable: '$.n', NumericGreaterThan: 4, Next: 'Done' }], Default: 'Done' }, Done: { Type: 'Succeed' } } });
  await open(page, endpoint, arn);
  await page.locator('.lab', { hasText: 'n > 4' }).waitFor();
  await node(page, 'Pick').click();
  const select = (name, value, at = 0) => page.getByRole('combobox', { name, exact: true }).nth(at).selectOption(value);
  await select('Test', 'And');
  const group = page.getByRole('group', { name: 'All of these' });
  await group.getByRole('button', { name: 'Test', exact: true }).click();
  // The second of the two becomes: not this.
  await select('Test', 'Not', 2);
  await page.getByRole('textbox', { name: 'Variable' }).nth(1).fill('$.user');
  await select('Test', 'StringMatches', 3);
  await page.getByRole('textbox', { name: 'Value' }).fill('test-*');
  const { States } = await drafted(page, arn, text => text.includes('test-*'));
  assert.deepEqual(States.Pick.Choices, [{ And: [{ Variable: '$.n', IsPresent: true }, { Not: { Variable: '$.user', StringMatches: 'test-*' } }], Next: 'Done' }]);
  await becomes(async () => (await page.locator('g > title').allTextContents()).includes('n is there and not user matches "test-*"'), true);
  await page.getByText('The definition is valid.').waitFor();
  assert.deepEqual(await accessibility(page), []);
  await picture(page, 'editor-rules-light');
  await group.getByRole('button', { name: 'Delete this test' }).first().click();
  const left = await drafted(page, arn, text => !text.includes('IsPresent'));
  assert.deepEqual(left.States.Pick.Choices[0].And, [{ Not: { Variable: '$.user', StringMatches: 'test-*' } }]);
  assert.deepEqual(page.faults, []);
});

test('a state is found by its name, and the code proposes what a state can have', async t => {
  const { endpoint, machines } = await scenario(t);
  const page = await openPage(await browse(t));
  const arn = machines.ImagePipeline;
  await open(page, endpoint, arn);
  await node(page, 'Validate input').click();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('faces');
  await page.getByRole('group', { name: 'In this workflow' }).getByRole('option').nth(1).waitFor();
  assert.deepEqual(await accessibility(page), []);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.n.sel:focus[data-name="Index faces"]').waitFor();
  assert.equal(await draft(page, arn), undefined);
  // In the code, once it shows what is selected, behind the type of a Pass: what it has not yet.
  await page.locator('.cm-marked', { hasText: '"Index faces"' }).waitFor();
  await page.locator('.cm-content').evaluate(element => element.focus());
  await page.keyboard.press('Control+f');
  await page.getByRole('textbox', { name: 'Find', exact: true }).pressSequentially('"Index faces": {');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await page.keyboard.type('"Com');
  await page.locator('.cm-tooltip-autocomplete li', { hasText: 'Comment' }).waitFor();
  await becomes(() => page.locator('.cm-tooltip-autocomplete li').count(), 1);
  // By the mouse: a key that comes at once is still meant for the text.
  await page.locator('.cm-tooltip-autocomplete li').click();
  await page.keyboard.type('"known",');
  const { States } = await drafted(page, arn, text => text.includes('"known"'));
  assert.equal(States['Process images'].ItemProcessor.States['Index faces'].Comment, 'known');
  assert.deepEqual(page.faults, []);
});

test('a machine shows its graph; those of replays stand apart, and go away', async t => {
  const { endpoint, machines } = await scenario(t);
  const page = await openPage(await browse(t));
  const pass = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
  await made(endpoint, 'Orders-replay', pass, { tags: [{ key: 'weft:replay', value: 'Orders' }] });
  const own = await made(endpoint, 'my-replay', pass);
  await page.goto(`${endpoint}/_weft/ui/`);
  await page.getByRole('link', { name: 'New state machine' }).waitFor();
  await page.goto(`${endpoint}/_weft/ui/machine/${machines.ImagePipeline}`);
  await page.locator('.g-node', { hasText: 'Index faces' }).click();
  await page.locator('.ln.marked', { hasText: '"Index faces": {' }).waitFor();
  assert.deepEqual(await accessibility(page), []);
  await picture(page, 'machine-light');
  await page.goto(`${endpoint}/_weft/ui/machines`);
  await page.getByText('1 machine that replays ran on').click();
  assert.deepEqual(await accessibility(page), []);
  await page.getByRole('button', { name: 'Delete it' }).click();
  await page.getByText('that replays ran on').waitFor({ state: 'detached' });
  const { stateMachines } = await call(endpoint, 'ListStateMachines', {});
  assert.deepEqual(stateMachines.filter(one => one.name.endsWith('-replay')).map(one => one.stateMachineArn), [own]);
  await page.getByRole('link', { name: 'my-replay' }).waitFor();
  assert.deepEqual(page.faults, []);
});

test('while it runs, graph and waterfall count its children alike', async t => {
  const { endpoint, begin } = await scenario(t);
  const page = await openPage(await browse(t));
  const { pictures, release } = heldItems(t, 400, 4);
  const arn = await begin('ImagePipeline', { pictures }, 'live');
  await page.goto(`${endpoint}/_weft/ui/exec/${arn}`);
  await page.locator('.row.group', { hasText: 'running' }).waitFor();
  // Whenever one of them changes both say the same when it is drawn.
  await page.evaluate(() => {
    globalThis.told = new Set();
    const number = (text, word) => Number((new RegExp(`([\\d,.]+) ${word}`).exec(text)?.[1] ?? '0').replace(/,/g, ''));
    const look = () => {
      const [graph, row] = [[...document.querySelectorAll('.g-node')].find(one => one.textContent.includes('Process images')), document.querySelector('.row.group')];
      if (!graph || !row) return;
      globalThis.told.add(JSON.stringify(['running', 'failed'].map(word => [number(graph.textContent, word), number(row.textContent, word)])));
    };
    new MutationObserver(() => requestAnimationFrame(look)).observe(document.querySelector('#app'), { subtree: true, childList: true, characterData: true });
  });
  for (const done of [100, 200, 300]) {
    release();
    await page.waitForFunction(wanted => {
      const numbers = [...document.querySelector('.row.group').textContent.matchAll(/([\d,]+) (?:ok|failed)/g)].map(([, number]) => Number(number));
      return numbers.reduce((sum, one) => sum + one, 0) === wanted;
    }, done);
  }
  release();
  await page.getByText('Succeeded in').waitFor();
  const told = (await page.evaluate(() => [...globalThis.told])).map(one => JSON.parse(one));
  assert.ok(told.length > 2, `${told.length} counts were seen`);
  for (const counts of told) for (const [graph, row] of counts) assert.equal(graph, row, JSON.stringify(counts));
  assert.deepEqual(page.faults, []);
});

test('code that is no JSON is there after a reload, and so is the graph that was drawn before it', async t => {
  const { endpoint, machines } = await scenario(t);
  const page = await openPage(await browse(t));
  const arn = machines.OrderSettlement;
  await open(page, endpoint, arn);
  await node(page, 'Settle').click();
  await page.keyboard.press('Control+d');
  await node(page, 'Settle 2').waitFor();
  // The code has the cursor where it shows what is selected.
  await page.locator('.cm-marked', { hasText: '"Settle 2"' }).waitFor();
  await page.locator('.cm-content').evaluate(element => element.focus());
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('nonsense');
  await page.getByText('The graph shows the last definition that was.').waitFor();
  const text = await until(async () => { const kept = await draft(page, arn); return kept?.startsWith('nonsense') ? kept : undefined; }, 'it is not kept');
  await page.reload();
  await page.getByText('The graph shows the last definition that was.').waitFor();
  await node(page, 'Settle 2').waitFor();
  assert.equal(await draft(page, arn), text);
  // What is asked of the canvas meanwhile changes nothing.
  await node(page, 'Settle').click();
  await page.keyboard.press('Delete');
  await page.evaluate(() => dispatchEvent(new Event('pagehide')));
  assert.equal(await draft(page, arn), text);
  assert.deepEqual(page.faults, []);
});

test('names that somebody chose to break something are names', async t => {
  const { endpoint } = await scenario(t);
  const page = await openPage(await browse(t));
  const names = ['<img src=x onerror=alert(1)>', '"quoted"', 'back\\slash', '\u202ertl', 'constructor', 'toString', '__proto__', '1', '0', 'a'.repeat(80), '{{x}} ${y}'];
  const choice = i => ({ Type: 'Choice', Choices: [{ Condition: '{% 1 = 1 %}', Next: names[Math.min(names.length - 1, i + 2)] }], Default: names[i + 1] });
  const States = Object.fromEntries(names.map((name, i) => [name, i === names.length - 1 ? { Type: 'Succeed' } : choice(i)]));
  const arn = await made(endpoint, 'names', { QueryLanguage: 'JSONata', StartAt: names[0], States });
  await open(page, endpoint, arn);
  for (const name of names) {
    const one = page.locator(`.n[data-name=${JSON.stringify(name)}]`);
    await one.click();
    await becomes(() => page.locator('.insp input.name').inputValue(), name);
  }
  await page.keyboard.press('Escape');
  await page.locator('.n').first().focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Control+d');
  await page.waitForFunction(n => document.querySelectorAll('.n').length === n, 2 * names.length);
  await page.keyboard.press('Control+z');
  await page.getByText('As saved').waitFor();
  // On the page of the machine they are drawn, too.
  await page.goto(`${endpoint}/_weft/ui/machine/${arn}`);
  await page.locator('.g-node').first().waitFor();
  assert.deepEqual(page.faults, []);
});
