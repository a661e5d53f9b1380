// What the page is pictured with: real runs of all kinds, hard cases among them, and synthetic ones that are large.
// A scene is { name, url, act? }; `act` is what is done on the page before it is pictured (see ACTS).
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { call, expectStatus, scratch, until, weft } from '../e2e/lib.mjs';
import { showPage } from './browser.mjs';
import { definition, items, scenario } from './scenario.mjs';

const roleArn = 'arn:aws:iam::000000000000:role/r';
const LONG = 'nightly-import-of-everything-that-was-scanned-in-the-archives-of-2026-11-28-a';
const LONG_MACHINE = 'Nightly-import-of-everything-that-was-scanned-in-the-archives-and-its-thumbnails';
const SCRIPTS = ['معالجة الصور القادمة من الأرشيف', 'עיבוד תמונות', '画像を変換して顔を探す', 'Größenänderung und Prüfung', 'A state whose name is as long as a name of a state may be, which is eighty chars'];
const VIEWS = ['', 'flame', 'states', 'events', 'io', 'definition'];

const views = (name, arn) => VIEWS.map(view => [`${name}${view && '-'}${view}`, `exec/${arn}${view && `?view=${view}`}`]);
const on = (endpoint, scenes) => scenes.map(([name, place, act]) => ({ name, url: `${endpoint}/_weft/ui/${place}`, ...(act ? { act } : {}) }));

/** Runs as they are every day: many, one, failed, running. */
export async function everyday(t) {
  const { endpoint, data, machines, run, begin, mapRunOf } = await scenario(t);
  for (let i = 0; i < 24; i++) await run('OrderSettlement', { bad: i % 5 === 2 }, `settle-2026-11-27-${String(i).padStart(3, '0')}`);
  const one = await run('ImagePipeline', { pictures: items(1) }, 'single');
  const many = await run('ImagePipeline', { pictures: items(120) }, 'nightly-2026-11-28');
  const file = path.join(scratch(t), 'nightly.html');
  expectStatus(await weft(['trace', 'latest', '--format', 'html', '--output', file, '--data', data]), 0, 'trace --format html');
  const refused = await run('OrderSettlement', { bad: true }, 'refused');
  const long = items(1_500).map((item, i) => ({ ...item, ms: item.ms + (i < 400 ? 300 : 60_000) }));
  const live = await begin('ImagePipeline', { pictures: long }, 'running');
  const [mapRun, oneRun] = [await mapRunOf(many), await mapRunOf(one)];
  const liveRun = await until(() => mapRunOf(live).catch(() => undefined), 'it starts no Map Run');
  const { rows: [child] } = await (await fetch(`${endpoint}/_weft/v1/maprun/children?${new URLSearchParams({ arn: mapRun, f: 'status:failed', limit: 1 })}`)).json();
  await until(async () => (await call(endpoint, 'DescribeMapRun', { mapRunArn: liveRun })).executionCounts.succeeded > 60, 'no child ends');
  return [...on(endpoint, [
    ['executions', ''], ['executions-filtered', '?status=FAILED'], ['executions-none', '?q=nothing-is-called-so'], ['executions-offline', '', 'offline'],
    ...views('execution', many), ['execution-panel', `exec/${many}`, 'panel'], ['execution-one', `exec/${one}`], ['execution-refused', `exec/${refused}`], ['execution-refused-io', `exec/${refused}?view=io`],
    ['execution-live', `exec/${live}`], ['execution-stop', `exec/${live}`, 'stop'],
    ['child', `exec/${child.arn}`], ['child-io', `exec/${child.arn}?view=io`],
    ['maprun', `maprun/${mapRun}`], ['maprun-hover', `maprun/${mapRun}`, 'hover'], ['maprun-table', `maprun/${mapRun}`, 'table'], ['maprun-filtered', `maprun/${mapRun}?f=size:>300`], ['maprun-none', `maprun/${mapRun}?f=dur:>1h`],
    ['maprun-one', `maprun/${oneRun}`], ['maprun-live', `maprun/${liveRun}`], ['maprun-settings', `maprun/${liveRun}`, 'settings'], ['compare', `compare?a=${mapRun}`],
    ['machines', 'machines'], ['machine', `machine/${machines.ImagePipeline}`], ['machine-small', `machine/${machines.OrderSettlement}`],
    ['editor', `machine/${machines.ImagePipeline}?edit=1`, 'editor'], ['editor-state', `machine/${machines.ImagePipeline}?edit=1`, 'state'], ['editor-new', 'machines?new=1', 'editor'],
    ['search', 'search?q=settle'], ['search-none', 'search?q=nothing-is-called-so'], ['search-empty', 'search'], ['help', '', 'help'],
    ['wrong', 'exec/arn:aws:states:us-east-1:000000000000:execution:None:none'], ['wrong-page', 'nowhere'],
  ]), { name: 'snapshot', url: pathToFileURL(file).href }, { name: 'snapshot-maprun', url: pathToFileURL(file).href, act: 'map-run' }];
}

const failures = (count, more) => items(count).map(({ Key }, i) => ({ Key, ms: 3 + (i % 5), ...more(i) }));
const KEY_OF_256 = 'archive/'.concat('without-any-blank-'.repeat(20)).slice(0, 256);

/** Runs that are hard to show: long names, other scripts, nothing, nothing but failures. */
export async function hard(t) {
  const { endpoint, run, begin, mapRunOf, machines } = await scenario(t);
  const create = async (name, text) => { machines[name] = (await call(endpoint, 'CreateStateMachine', { name, roleArn, definition: JSON.stringify(text, null, 2) })).stateMachineArn; };
  const { 'Validate input': validate, 'Process images': process, Summarise: summarise } = definition.States;
  const [arabic, hebrew, chinese, german, longest] = SCRIPTS;
  const inner = { ...process.ItemProcessor, StartAt: hebrew, States: { [hebrew]: { ...process.ItemProcessor.States['Transform image'], Next: chinese }, [chinese]: { Type: 'Pass', Next: german }, [german]: { Type: 'Succeed' } } };
  await create(LONG_MACHINE, { ...definition, StartAt: arabic, States: { [arabic]: { ...validate, Next: longest }, [longest]: { ...process, ToleratedFailurePercentage: 100, ItemProcessor: inner, Next: 'Summarise' }, Summarise: summarise } });
  await create('Tolerant', { ...definition, States: { ...definition.States, 'Process images': { ...process, ToleratedFailurePercentage: 100 } } });
  await create('Refusing', { StartAt: 'Refuse', States: { Refuse: { Type: 'Fail', Error: 'An.error.whose.name.has.no.blank'.repeat(7), Cause: `The order cannot be settled. ${'{"position":"without-any-blank-in-it"}'.repeat(700)}` } } });
  await create('NeverRan', definition);
  const keys = ['صور/أرشيف/مسح ضوئي ١٢٣٤.tif', 'תמונות/ארכיון/IMG_0001.tif', '画像/保管庫/写真 0001.tif', 'a b/c?d=e&f=<g>"h"/100%.tif', '📷/🗄/😀.tif', KEY_OF_256];
  const long = await run(LONG_MACHINE, { pictures: items(90).map((item, i) => ({ ...item, Key: i < keys.length ? keys[i] : `${KEY_OF_256.slice(0, 240)}/IMG_${i}.tif`, ...(i % 9 === 4 ? { error: `Archive.${'TheFolderIsLockedBySomebodyElse'.repeat(4)}`, cause: `locked ${'by-somebody-else-'.repeat(90)}` } : {}) })) }, LONG);
  const none = await run('ImagePipeline', { pictures: [] }, 'no-items');
  const failed = await run('ImagePipeline', { pictures: failures(200, () => ({ error: 'ImageDecodeError' })) }, 'all-failed');
  const tolerated = await run('Tolerant', { pictures: failures(120, () => ({ error: 'ImageDecodeError' })) }, 'all-failed-tolerated');
  const groups = await run('Tolerant', { pictures: failures(400, i => ({ error: `Orders.Refused${i}`, cause: `Refusal number ${i} of its kind` })) }, 'many-kinds-of-errors');
  const clean = await run('ImagePipeline', { pictures: items(120).map(({ Key, ms }) => ({ Key, ms })) }, 'none-failed');
  const huge = await run('Refusing', {}, 'huge-cause');
  const idle = await begin('ImagePipeline', { pictures: failures(12, () => ({ ms: 3_000_000 })) }, 'nothing-ended-yet');
  const idleRun = await until(() => mapRunOf(idle).catch(() => undefined), 'it starts no Map Run');
  const [longRun, noRun] = [await mapRunOf(long), await mapRunOf(none)];
  const { rows: [child] } = await (await fetch(`${endpoint}/_weft/v1/maprun/children?${new URLSearchParams({ arn: longRun, f: 'status:failed', limit: 1 })}`)).json();
  return on(endpoint, [
    ['hard-executions', ''], ...views('hard-execution', long), ['hard-panel', `exec/${long}`, 'panel'], ['hard-maprun', `maprun/${longRun}`], ['hard-maprun-filtered', `maprun/${longRun}?f=status:failed`], ['hard-child', `exec/${child.arn}`],
    ['hard-none', `exec/${none}`], ['hard-none-maprun', `maprun/${noRun}`], ['hard-failed', `exec/${failed}`], ['hard-failed-maprun', `maprun/${await mapRunOf(failed)}`], ['hard-failed-redrive', `maprun/${await mapRunOf(failed)}`, 'redrive'],
    ['hard-tolerated-maprun', `maprun/${await mapRunOf(tolerated)}`], ['hard-groups-maprun', `maprun/${await mapRunOf(groups)}`], ['hard-groups-all', `maprun/${await mapRunOf(groups)}`, 'all-groups'], ['hard-clean-maprun', `maprun/${await mapRunOf(clean)}`],
    ['hard-huge', `exec/${huge}`], ['hard-huge-events', `exec/${huge}?view=events`], ['hard-idle', `exec/${idle}`], ['hard-idle-maprun', `maprun/${idleRun}`],
    ['hard-machines', 'machines'], ['hard-machine', `machine/${machines[LONG_MACHINE]}`], ['hard-editor', `machine/${machines[LONG_MACHINE]}?edit=1`, 'editor'], ['hard-search', 'search?q=nightly'], ['hard-compare', `compare?a=${longRun}`],
  ]);
}

/** A synthetic run of so many children, without a server that runs anything. */
export async function large(t, children, name) {
  const data = path.join(scratch(t), 'data');
  expectStatus(await weft(['debug', 'synth-run', '--children', String(children), '--seed', '1', '--data', data], { timeout: 3_600_000 }), 0, 'synth-run');
  const { address, query } = await showPage(t, ['ui', 'latest', '--data', data]);
  const execution = address.slice(address.indexOf('arn:'));
  const { mapRuns: [{ arn }] } = await query('exec/summary', { arn: execution });
  return on(new URL(address).origin, [
    [`execution-${name}`, `exec/${execution}`], [`flame-${name}`, `exec/${execution}?view=flame`], [`states-${name}`, `exec/${execution}?view=states`],
    [`maprun-${name}`, `maprun/${arn}`], [`maprun-${name}-filtered`, `maprun/${arn}?f=status:failed,timed_out`], [`compare-${name}`, `compare?a=${arn}`],
  ]);
}

const press = (page, name) => page.getByRole('button', { name }).first().click();

/** What is done on a page before it is pictured. */
export const ACTS = {
  offline: async page => { await page.route('**/_weft/v1/**', route => route.abort()); await page.getByRole('alert').first().waitFor(); },
  panel: page => page.locator('.wf [role="treeitem"]').nth(2).click(),
  hover: async page => { const { x, y, width, height } = await page.locator('.heat canvas').boundingBox(); await page.mouse.move(x + width * 0.4, y + height * 0.8); },
  table: async page => { for (const each of await page.getByRole('button', { name: 'Table' }).all()) await each.click(); },
  editor: page => page.locator('.cm-content').waitFor(),
  state: async page => { await page.locator('.cm-content').waitFor(); await page.locator('.n[data-name="Process images"] .nm').click(); },
  help: page => page.keyboard.press('?'),
  stop: page => press(page, 'Stop'),
  settings: page => press(page, 'Limits'),
  redrive: page => press(page, /^Redrive/),
  'all-groups': page => press(page, /^All \d+ groups/),
  'map-run': page => page.locator('a[href*="maprun/"]').first().click(),
};
