// A page left open on a live run: does its memory stay, and does it stay current?
//   node tests/ui/page_hour.mjs [--minutes N] [--weft FILE] [--snapshots DIRECTORY] [--niceness N]
// A Map Run whose children end a few a second for longer than that; a browser with the pages of the Map Run, of the same with a
// filter, of the execution and of the list. Once a minute, a line: of each page the heap of its scripts after collections, the
// nodes of its document and its listeners; how far what it shows is behind the API; memory of the server. Fails when a page has
// grown by more than 20 % since its lists were full, or shows what was true more than 10 seconds ago.
//
// What a heap holds after one collection says little: an answer that is being read and drawn at that moment, code that was
// compiled and will be dropped, and what only a second collection finds dead (weak references, finalizers) made single values
// of the same page differ by 4 MB, four fifths of it. What lasts is in every value, so that the least of several is compared:
// of a few collections in a row, which last longer than the time from question to question, and then of ten minutes at the
// beginning and ten at the end. Documents' nodes and listeners, which come and go with rows, are compared in the same way. What
// the debugger itself keeps of each answer (Network.*) lies outside of the heap of the scripts, and no page that somebody looks
// at has it. --snapshots writes heap snapshots of both times, to see by constructor what has grown. --niceness -10 holds the
// browser and the server above other work of the machine: a page that gets no time is behind, whatever it does. With
// DEBUG=pw:browser in the environment the browser's own words and how it ended come too.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { servePictures, sleep } from './serve_pictures.mjs';

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..', '..');
const option = (name, absent) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? absent : process.argv[at + 1];
};
const minutes = Number(option('--minutes', '60'));
const snapshots = option('--snapshots');
const niceness = option('--niceness');
const program = path.resolve(option('--weft', path.join(root, 'build/release/bin/weft')));

const CHILDREN_A_SECOND = 4;
const AT_ONCE = 12;
const WARM_MINUTES = 5;  // until its lists are full and its code is compiled
const WINDOW_MINUTES = 10;
const COLLECTIONS = 8;  // over more time than lies between two questions of a page: some of them meet it at rest
const GROWTH_MAX = 1.2;
const BEHIND_MAX_S = 10;
const MB = 1024 * 1024;
const roleArn = 'arn:aws:iam::000000000000:role/r';

/** Children of a few seconds each; some are slow, some fail, some are tried again. */
const definition = children => ({
  QueryLanguage: 'JSONata', StartAt: 'Process images', States: { 'Process images': {
    Type: 'Map', Label: 'Process', MaxConcurrency: AT_ONCE, ToleratedFailurePercentage: 50, Items: `{% [1..${children}] %}`,
    ItemSelector: {
      Key: "{% $join(['2026/', ['us-east', 'eu-west', 'ap-south', 'legacy'][$states.context.Map.Item.Value % 4], '/IMG_', $string($states.context.Map.Item.Value), '.tif']) %}",
      ms: `{% ${(AT_ONCE / CHILDREN_A_SECOND) * 500} + ($states.context.Map.Item.Value * 7919) % ${(AT_ONCE / CHILDREN_A_SECOND) * 1000} %}`,
      error: "{% $states.context.Map.Item.Value % 41 = 11 ? 'ImageDecodeError' : '' %}",
      flaky: '{% $states.context.Map.Item.Value % 97 = 5 %}',
    },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Transform image', States: { 'Transform image': {
        Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Output: '{% $states.result.Payload %}', End: true,
        Arguments: { FunctionName: 'pictures', Payload: "{% $merge([$states.input, {'attempt': $states.context.State.RetryCount}]) %}" },
        Retry: [{ ErrorEquals: ['S3.SlowDown'], IntervalSeconds: 1, MaxAttempts: 3 }],
      } } },
    End: true } } });

const whole = (text, pattern) => Number(pattern.exec(text)?.[1]?.replaceAll(',', '') ?? NaN);
/** The pages, and how many children each says have ended. */
const PAGES = [
  { name: 'map run', at: ({ mapRun }) => `maprun/${mapRun}`, shown: async page => whole(await page.locator('.figs').innerText(), /([\d,]+)(?: of [\d,]+)? items/) },
  { name: 'filtered', at: ({ mapRun }) => `maprun/${mapRun}?f=dur:>2500ms`, shown: async page => whole(await page.locator('.filterbar .tail').innerText(), /of\s+([\d,]+)/) },
  { name: 'execution', at: ({ execution }) => `exec/${execution}`, shown: async page => {
    const text = await page.locator('.wf .group .lines').first().innerText();
    return (whole(text, /([\d,]+) ok/) || 0) + (whole(text, /([\d,]+) failed/) || 0);
  } },
  { name: 'list', at: () => '', shown: async page => whole(await page.locator('#list tbody td.o1').first().innerText(), /^([\d,]+)/) },
];

async function open(browser, endpoint, places, { name, at, shown }) {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
  const page = await context.newPage();
  const faults = [];
  page.on('crash', () => { faults.push('the page has crashed'); console.log(`${name} has crashed; ${browserUse()}`); });
  page.on('pageerror', error => faults.push(String(error)));
  page.on('console', message => { if (message.type() === 'error') faults.push(message.text()); });
  let answers = 0;
  page.on('response', () => { answers += 1; });
  await page.goto(`${endpoint}/_weft/ui/${at(places)}`);
  const session = await context.newCDPSession(page);
  const once = async () => {
    await session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await session.send('Runtime.getHeapUsage');
    const { nodes, jsEventListeners } = await session.send('Memory.getDOMCounters');
    return { heap: usedSize / MB, nodes, listeners: jsEventListeners };
  };
  const look = async () => {
    const seen = [];
    for (let i = 0; i < COLLECTIONS; i++) {
      seen.push(await once());
      await sleep(300);
    }
    return least(seen);
  };
  const snapshot = async file => {
    const out = fs.openSync(file, 'w');
    const write = ({ chunk }) => fs.writeSync(out, chunk);
    session.on('HeapProfiler.addHeapSnapshotChunk', write);
    await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
    session.off('HeapProfiler.addHeapSnapshotChunk', write);
    fs.closeSync(out);
  };
  return { name, faults, look, snapshot, shown: () => shown(page), answers: () => answers };
}

const memory = pid => Number(/^RssAnon:\s+(\d+) kB$/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
const cpu = pid => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((a, b) => a + Number(b), 0) / 100;
/** The processes that this one has started, and those that they did. */
function descendants() {
  const parents = fs.readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(pid => [pid, attempt(() => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1])]);
  const ours = new Set([String(process.pid)]);
  for (let before = 0; before < ours.size;) {
    before = ours.size;
    for (const [pid, parent] of parents) if (ours.has(parent)) ours.add(pid);
  }
  return [...ours];
}
/** Thread by thread: Chromium gives its own processes the niceness that it wants. */
function prioritize() {
  if (niceness === undefined) return;
  for (const pid of descendants()) for (const thread of attempt(() => fs.readdirSync(`/proc/${pid}/task`)) ?? []) attempt(() => os.setPriority(Number(thread), Number(niceness)));
}
/** What Chromium's processes take beside the heaps of scripts: memory of their own by what they are, and the most files that one of them has open. */
function browserUse() {
  const all = descendants().filter(pid => /chrom/.test(attempt(() => fs.readFileSync(`/proc/${pid}/comm`, 'utf8')) ?? ''));
  const kinds = new Map();
  for (const pid of all) {
    const [, kind = 'browser'] = /--type=([a-z-]+)/.exec(attempt(() => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '') ?? [];
    kinds.set(kind, (kinds.get(kind) ?? 0) + (attempt(() => memory(pid)) ?? 0));
  }
  const sum = [...kinds.values()].reduce((whole, one) => whole + one, 0);
  const files = Math.max(0, ...all.map(pid => attempt(() => fs.readdirSync(`/proc/${pid}/fd`).length) ?? 0));
  const parts = [...kinds].map(([kind, megabytes]) => `${kind} ${megabytes.toFixed(0)}`).join(', ');
  return `browser ${sum.toFixed(0)} MB in ${all.length} processes (${parts}), at most ${files} files open; ${(os.freemem() / MB).toFixed(0)} MB of the machine are free`;
}
/** Processes and threads end while one looks at them. */
function attempt(what) {
  try {
    return what();
  } catch {
    return undefined;
  }
}

const done = ({ succeeded, failed, timedOut, aborted }) => succeeded + failed + timedOut + aborted;
const MEASURES = ['heap', 'nodes', 'listeners'];
const least = seen => Object.fromEntries(MEASURES.map(name => [name, Math.min(...seen.map(one => one[name]))]));

/** Seconds until the page shows all that had ended when it was asked. */
async function behind(page, call, mapRunArn) {
  const { itemCounts } = await call('DescribeMapRun', { mapRunArn });
  const from = performance.now();
  for (;;) {
    const waited = (performance.now() - from) / 1000;
    if (await page.shown() >= done(itemCounts) || waited > 60) return waited;
    await sleep(50);
  }
}

async function main() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'weft-hour-'));
  const server = await servePictures(program, directory, AT_ONCE);
  let ended = false;  // on purpose
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  browser.on('disconnected', () => { if (!ended) console.log(`the browser has ended by itself; ${browserUse()}`); });
  try {
    const { call, endpoint, pid } = server;
    const children = Math.ceil((minutes + 5) * 60 * CHILDREN_A_SECOND * 1.3);
    const { stateMachineArn } = await call('CreateStateMachine', { name: 'Hour', roleArn, definition: JSON.stringify(definition(children)) });
    const { executionArn } = await call('StartExecution', { stateMachineArn });
    let mapRunArn;
    while (!mapRunArn) {
      mapRunArn = (await call('ListMapRuns', { executionArn })).mapRuns[0]?.mapRunArn;
      await sleep(100);
    }
    await sleep(20_000);
    const pages = [];
    for (const one of PAGES) pages.push(await open(browser, endpoint, { execution: executionArn, mapRun: mapRunArn }, one));
    prioritize();
    await sleep(5_000);
    const seen = pages.map(() => []);
    let late = 0;
    const warm = Math.min(WARM_MINUTES, Math.ceil(minutes / 6));
    const window = Math.max(1, Math.min(WINDOW_MINUTES, Math.floor((minutes - warm) / 2)));
    const began = Date.now();
    for (let minute = 1; minute <= minutes; minute++) {
      await sleep(Math.max(0, began + minute * 60_000 - Date.now()));
      const parts = [];
      prioritize();
      for (const [i, page] of pages.entries()) {
        const now = await page.look();
        const waited = await behind(page, call, mapRunArn);
        late = Math.max(late, waited);
        seen[i].push(now);
        parts.push(`${page.name}: ${now.heap.toFixed(2)} MB, ${now.nodes} nodes, ${now.listeners} listeners, ${waited.toFixed(1)} s behind, ${page.answers()} answers`);
      }
      if (snapshots && (minute === warm || minute === minutes)) for (const page of pages) await page.snapshot(path.join(snapshots, `${page.name.replace(' ', '-')}-${minute}.heapsnapshot`));
      const { itemCounts, status } = await call('DescribeMapRun', { mapRunArn });
      if (status !== 'RUNNING') throw new Error(`the run is ${status} after ${minute} minutes`);
      console.log(`${minute} min, ${done(itemCounts)} children; server ${memory(pid).toFixed(1)} MB, ${cpu(pid).toFixed(0)} s of CPU; ${browserUse()}; ${parts.join('; ')}`);
    }
    let bad = late > BEHIND_MAX_S;
    console.log(`at most ${late.toFixed(1)} s behind`);
    for (const [i, page] of pages.entries()) {
      const [first, last] = [least(seen[i].slice(warm, warm + window)), least(seen[i].slice(-window))];
      bad ||= MEASURES.some(name => last[name] > first[name] * GROWTH_MAX) || page.faults.length > 0;
      const parts = MEASURES.map(name => `${name} ${Number(first[name].toFixed(2))}, then ${Number(last[name].toFixed(2))} (${((last[name] / first[name] - 1) * 100).toFixed(1)} %)`);
      console.log(`${page.name}: ${parts.join('; ')}; ${page.faults.length} faults ${page.faults.slice(0, 3).join(' | ')}`);
    }
    process.exitCode = bad ? 1 : 0;
    await call('StopExecution', { executionArn });
  } finally {
    ended = true;
    await browser.close();
    await server.stop();
    fs.rmSync(directory, { recursive: true, force: true });
  }
}
await main();
