// How much the editor does for one change of a long workflow: what it draws anew is held to a bound, and how long the
// page's thread works for it is told (processor time, which another program on the machine does not lengthen).
import assert from 'node:assert/strict';
import test from 'node:test';
import { call } from '../e2e/lib.mjs';
import { browse, openPage, threadOf } from './browser.mjs';
import { scenario } from './scenario.mjs';

const ROUNDS = Number(process.env.EDITOR_ROUNDS ?? 2);
/** Elements made, taken away or changed by one act at most, however long the workflow is: those of what is acted on and of the form. What is seen
 * below a state that is put in moves, two attributes each. */
const DRAWN_MOST = { select: 120, type: 40, add: 160, drag: 160, delete: 160 };

/** A workflow as people write them: choices that pass over some states, tasks that catch to one at the end, a loop back. */
function workflow(n) {
  const name = i => `S${Math.min(n - 1, i)}`;
  const States = {};
  for (let i = 0; i < n; i += 1) {
    const on = { Next: name(i + 1) };
    if (i === n - 1) States[name(i)] = { Type: 'Succeed' };
    else if (i % 10 === 2) States[name(i)] = { Type: 'Choice', Choices: [{ Condition: '{% $states.input.skip %}', Next: name(i + 4) }], Default: name(i + 1) };
    else if (i === n - 3) States[name(i)] = { Type: 'Choice', Choices: [{ Condition: '{% $states.input.more %}', Next: 'S1' }], Default: name(i + 1) };
    else if (i % 5 === 4) States[name(i)] = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'f', Payload: '{% $states.input %}' }, Catch: [{ ErrorEquals: ['States.ALL'], Next: name(n - 2) }], ...on };
    else States[name(i)] = { Type: 'Pass', ...on };
  }
  return JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'S0', States }, null, 2);
}

/** Resolves when the frame is drawn that follows the next press or release; set up before it. Also how long the browser says that it took from
 * the press on, which another program on the machine does lengthen. */
const framed = page => page.evaluate(() => new Promise(done => {
  globalThis.took = 0;
  const begin = () => {
    for (const kind of ['keydown', 'pointerup']) removeEventListener(kind, begin, true);
    requestAnimationFrame(() => {
      const after = new MessageChannel();
      after.port1.onmessage = () => done();
      after.port2.postMessage(0);
    });
  };
  for (const kind of ['keydown', 'pointerup']) addEventListener(kind, begin, true);
}));

const percentile = (all, p) => [...all].sort((a, b) => a - b)[Math.min(all.length - 1, Math.ceil(all.length * p) - 1)];

for (const n of [200, 1000]) {
  test(`a workflow of ${n} states: what one change draws, and the work for it`, async t => {
    const { endpoint } = await scenario(t);
    const page = await openPage(await browse(t));
    const { stateMachineArn } = await call(endpoint, 'CreateStateMachine', { name: `of-${n}`, roleArn: 'arn:aws:iam::000000000000:role/r', definition: workflow(n) });
    await page.goto(`${endpoint}/_weft/ui/machine/${stateMachineArn}?edit=1`);
    await page.locator('.cm-content').waitFor();
    await page.locator('.n[data-name="S0"]').waitFor();
    const work = await threadOf(page);
    await page.evaluate(() => {
      new PerformanceObserver(list => { for (const { duration } of list.getEntries()) globalThis.took = Math.max(globalThis.took, duration); }).observe({ type: 'event', durationThreshold: 16 });
      globalThis.drawn = new Set();
      new MutationObserver(all => { for (const one of all) { globalThis.drawn.add(one.target); one.addedNodes.forEach(node => globalThis.drawn.add(node)); } })
        .observe(document.querySelector('main'), { subtree: true, childList: true, attributes: true, characterData: true });
    });
    // Everything that an act begins is over: it is kept, checked and shown in the code, and nothing is drawn any more.
    const rest = () => page.evaluate(() => new Promise(done => {
      let [changes, quiet] = [0, 0];
      const watcher = new MutationObserver(all => { changes += all.length; });
      watcher.observe(document.querySelector('main'), { subtree: true, childList: true, attributes: true, characterData: true });
      const look = () => {
        const told = /^(As saved|Draft, kept)/.test(document.querySelector('.phead .t2').textContent) && document.querySelector('.probs').textContent.includes('The definition is valid.');
        quiet = told && changes === 0 ? quiet + 1 : 0;
        changes = 0;
        if (quiet < 12) return void requestAnimationFrame(look);
        watcher.disconnect();
        done();
      };
      requestAnimationFrame(look);
    }));
    const told = {};
    const act = async (what, how) => {
      await rest();
      await page.evaluate(() => globalThis.drawn.clear());
      const shown = framed(page);
      await page.evaluate(() => undefined); // it listens by now
      const before = work();
      await how();
      await shown;
      const first = work();
      await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
      const elements = await page.evaluate(() => [...globalThis.drawn].filter(one => !one.closest?.('.cm')).length);
      await rest();
      (told[what] ??= []).push({ first: (first - before) / 1e6, all: (work() - before) / 1e6, elements, took: await page.evaluate(() => globalThis.took) });
    };
    const box = async name => page.locator(`.n[data-name="${name}"]`).boundingBox();
    for (let i = 0; i < ROUNDS; i += 1) {
      const at = Math.floor(n / 2) + i * 5; // a Pass; every second one stands two states before a Choice
      await page.keyboard.press('Control+f');
      await page.keyboard.type(`S${at - 1}`);
      await page.keyboard.press('Enter');
      await page.locator(`.n.sel[data-name="S${at - 1}"]`).waitFor();
      const place = await box(`S${at}`);
      await act('select', () => page.mouse.click(place.x + 60, place.y + 20));
      await page.locator(`.n.sel[data-name="S${at}"]`).waitFor();
      await page.keyboard.press('a');
      await page.keyboard.type('wait');
      await act('add', () => page.keyboard.press('Enter'));
      await page.locator('.n[data-name="Wait"]').waitFor();
      await page.keyboard.press('Enter');
      await page.locator('.insp input.name:focus').waitFor();
      const comment = page.getByRole('textbox', { name: 'Comment' });
      await comment.focus();
      await act('type', () => page.keyboard.type('x'));
      await page.keyboard.press('Escape');
      const [from, to] = [await box('Wait'), await box(`S${at}`)];
      await page.mouse.move(from.x + 60, from.y + 20);
      await page.mouse.down();
      await page.mouse.move(to.x + 60, to.y - 12, { steps: 5 });
      await act('drag', () => page.mouse.up());
      await act('delete', () => page.keyboard.press('Delete'));
      while (await page.getByRole('button', { name: 'Undo' }).isEnabled()) await act('undo', () => page.keyboard.press('Control+z'));
      await page.keyboard.press('Escape');
    }
    for (const [what, all] of Object.entries(told)) {
      const of = key => all.map(one => one[key]);
      t.diagnostic(`${n} states, ${what}: until it is drawn p50 ${percentile(of('first'), 0.5).toFixed(1)} ms, p95 ${percentile(of('first'), 0.95).toFixed(1)} ms; with what follows p95 ${percentile(of('all'), 0.95).toFixed(1)} ms; by the clock p50 ${percentile(of('took'), 0.5)} ms, p95 ${percentile(of('took'), 0.95)} ms; ${Math.max(...of('elements'))} elements drawn`);
    }
    for (const [what, most] of Object.entries(DRAWN_MOST)) assert.ok(Math.max(...told[what].map(one => one.elements)) <= most, `${what}: ${Math.max(...told[what].map(one => one.elements))} elements are drawn anew, at most ${most} are expected`);
    assert.deepEqual(page.faults, []);
  });
}
