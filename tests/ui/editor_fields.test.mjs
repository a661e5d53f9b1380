// Everything that the editor writes by itself: what the palette and the templates put in is taken by the server, and every field of every
// type of state leaves the text as it was.
import assert from 'node:assert/strict';
import test from 'node:test';
import { becomes, browse, openPage } from './browser.mjs';
import { draftNow, edit, importText, item, node, roleArn, workshop } from './editing.mjs';
import { everyField } from './every_field.mjs';

test('what the palette offers, the server takes; templates too', async t => {
  const { endpoint } = await workshop(t);
  const page = await openPage(await browse(t));
  const asked = [];
  const taken = (definition, name) => asked.push((async () => {
    const response = await fetch(endpoint, { method: 'POST', headers: { 'X-Amz-Target': 'AWSStepFunctions.CreateStateMachine' }, body: JSON.stringify({ name, roleArn, definition }) });
    return response.ok ? undefined : `${name}: ${await response.text()}\n${definition}`;
  })());
  await edit(page, endpoint);
  await item(page, 'transform-image').waitFor();
  const titles = await page.locator('.pal .it').allInnerTexts();
  assert.ok(titles.length > 20, titles.join());
  for (const language of ['JSONata', 'JSONPath']) {
    await importText(page, JSON.stringify({ QueryLanguage: language, StartAt: 'Last', States: { Last: { Type: 'Pass', End: true } } }, null, 2));
    await node(page, 'Last').click();
    for (const [i, title] of titles.entries()) {
      // Those whose bodies or rules wait for states, and those behind which nothing comes.
      if (['Choice', 'Parallel', 'Map', 'Distributed Map', 'Succeed', 'Fail'].includes(title)) continue;
      await page.locator('.n.sel:focus[data-name="Last"]').waitFor();
      await page.keyboard.press('b');
      await page.keyboard.insertText(title);
      await page.keyboard.press('Enter');
      // It has the focus when it is there.
      await page.locator('.n.sel:focus:not([data-name="Last"])').waitFor();
      const text = await draftNow(page);
      assert.ok(Object.keys(JSON.parse(text).States).length > 1, `${title}: ${text}`);
      taken(text, `item-${language}-${i}`);
      await page.keyboard.press('Control+z');
      await page.waitForFunction(() => document.querySelectorAll('.n').length === 1);
    }
  }
  for (const [i, title] of ['Image pipeline', 'Order with undo', 'Approval', 'Each item of a list'].entries()) {
    await page.locator('summary', { hasText: 'File' }).click();
    await page.getByRole('button', { name: 'Templates…' }).click();
    await page.getByRole('button', { name: title }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.querySelectorAll('.n').length > 1);
    await page.getByText('The definition is valid.').waitFor();
    taken(await draftNow(page), `template-${i}`);
  }
  assert.deepEqual((await Promise.all(asked)).filter(Boolean), []);
  assert.deepEqual(page.faults, []);
});

/**
 * Writes an x behind what stands in each field of the form that is open, as one who types does, and takes it away again: how many fields there
 * are, and of the first that goes away meanwhile or leaves another text than `text` what is wrong. Within the page: thousands of steps.
 */
const touchFields = (page, text) => page.evaluate(async before => {
  const later = () => new Promise(done => setTimeout(done));  // as between two keys
  const drawn = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  const fields = () => [...document.querySelectorAll('.insp :is(input, textarea)')];
  let touched = 0;
  for (; touched < fields().length; touched += 1) { // others may come or go while one is typed into
    const field = fields()[touched];
    const label = field.labels?.[0]?.textContent ?? field.getAttribute('aria-label');
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    document.execCommand('insertText', false, 'x');
    if (!field.value.endsWith('x')) return { wrong: `${label}: it takes no letter` };
    await drawn();
    if (!field.isConnected || document.activeElement !== field) return { wrong: `${label}: it goes away while one types` };
    document.execCommand('delete');
    await later();
    field.blur();
    await later();
    dispatchEvent(new Event('pagehide'));
    const after = JSON.parse(localStorage.getItem('weft-draft:new')).text;
    if (after === before) continue;
    const [now, then] = [after.split('\n'), before.split('\n')];
    const line = now.findIndex((one, at) => one !== then[at]);
    return { wrong: `${label}: ${now[line]} for ${then[line]}` };
  }
  return { touched };
}, text);

for (const [language, text] of Object.entries(everyField)) {
  test(`every field of every type of state in ${language}: touched in its form, it is what it was`, async t => {
    const { endpoint } = await workshop(t);
    const page = await openPage(await browse(t));
    await edit(page, endpoint);
    await page.evaluate(kept => localStorage.setItem('weft-draft:new', JSON.stringify({ text: kept, base: '', name: 'every-field', type: 'STANDARD', input: '{}', at: 0 })), text);
    await page.reload();
    await page.locator('.n').first().waitFor();
    await page.locator('.cm-content').waitFor();
    let sum = 0;
    for (const name of await page.locator('.n').evaluateAll(all => all.map(one => one.getAttribute('data-name')))) {
      await node(page, name).locator('.nm').click();
      await becomes(() => page.locator('.insp input.name').inputValue(), name);
      for (const tab of (await page.getByRole('tab').allInnerTexts()).map(one => one.replace(/\d+$/, '').trim()).filter(one => one !== 'Test')) {
        await page.getByRole('tab', { name: tab }).click();
        await page.getByRole('tab', { name: tab, selected: true }).waitFor();
        const { touched, wrong } = await touchFields(page, text);
        assert.equal(wrong, undefined, `${name}, ${tab}`);
        sum += touched;
      }
    }
    assert.ok(sum > 100, `${sum} fields`);
    t.diagnostic(`${sum} fields`);
    assert.deepEqual(page.faults, []);
  });
}
