// What open pages cost the children of a Map Run:
//   node bench/pages.mjs [--pages N] [--children N] [--pairs N] [--load calls|states] [--weft FILE]
// Pairs of the same run, one with nobody looking and one with so many pages of it open, in turns. A page is a client that does
// what the page does: it listens to the live channel, and asks for what the Map Run page shows when it is told of a change, each
// question at its own rhythm. Children call a function that takes 100 ms (calls: a core is partly used), or are states without
// calls, as many as the machine can (states: all of it is used, and what pages take children lack). Printed of all pairs: how
// long children take, how many end a second, and the server's CPU a child, which counts what it does for the pages, too.
// The clients share the machine, with the lowest priority.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { servePictures, sleep } from '../tests/ui/serve_pictures.mjs';

const root = path.resolve(path.dirname(new URL(import.meta.url).pathname), '..');
const option = (name, absent) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? absent : process.argv[at + 1];
};
const pages = Number(option('--pages', '100'));
const load = option('--load', 'calls');
const children = Number(option('--children', load === 'calls' ? '4000' : '100000'));
const pairs = Number(option('--pairs', '3'));
const program = path.resolve(option('--weft', path.join(root, 'build/release/bin/weft')));
const roleArn = 'arn:aws:iam::000000000000:role/r';
const AT_ONCE = 20;

const STATES = {
  calls: { Call: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: 'pictures', Payload: '{% $states.input %}' }, Output: 'ok', End: true } },
  states: { Call: { Type: 'Pass', Next: 'Which' }, Which: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.ms > 1000 %}', Next: 'Other' }], Default: 'Done' }, Other: { Type: 'Fail' }, Done: { Type: 'Succeed' } },
};
const definition = {
  QueryLanguage: 'JSONata', StartAt: 'Each', States: { Each: {
    Type: 'Map', Label: 'Each', Items: `{% [1..${children}] %}`, MaxConcurrency: AT_ONCE, End: true, Output: 'done',
    ItemSelector: { Key: "{% $join(['a/', $string($states.context.Map.Item.Value), '.tif']) %}", ms: 100 },
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, StartAt: 'Call', States: STATES[load] } } },
};

/** So many pages, once they know the Map Run; ended, they tell how many answers they got. */
function pagesOf(endpoint, count) {
  const clients = spawn('nice', ['-n', '39', process.execPath, path.join(root, 'bench/open_pages.mjs'), endpoint, String(count)], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  clients.stdout.on('data', chunk => { text += chunk; });
  const ended = new Promise(resolve => clients.on('close', resolve));
  return {
    open: arn => { clients.stdin.write(`${arn}\n`); },
    end: async () => {
      clients.stdin.end();
      await ended;
      return Number(text);
    },
  };
}

const cpu = pid => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((a, b) => a + Number(b), 0) * 10;

async function run(watching) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'weft-pages-'));
  const server = await servePictures(program, directory, AT_ONCE);
  try {
    const { stateMachineArn } = await server.call('CreateStateMachine', { name: 'Pages', roleArn, definition: JSON.stringify(definition) });
    const looking = pagesOf(server.endpoint, watching);
    const before = cpu(server.pid);
    const { executionArn } = await server.call('StartExecution', { stateMachineArn });
    let arn;
    while (!arn) {
      arn = (await server.call('ListMapRuns', { executionArn })).mapRuns[0]?.mapRunArn;
      await sleep(20);
    }
    looking.open(arn);
    while ((await server.call('DescribeExecution', { executionArn })).status === 'RUNNING') await sleep(100);
    const used = cpu(server.pid) - before;
    const answers = await looking.end();
    const summary = await (await fetch(`${server.endpoint}/_weft/v1/maprun/summary?${new URLSearchParams({ arn })}`)).json();
    const seconds = summary.end / 1e6;
    return { p50: summary.p50 / 1000, p95: summary.p95 / 1000, p99: summary.p99 / 1000, rate: children / seconds, cpu: used / children, answers: answers / Math.max(1, watching) / seconds };
  } finally {
    await server.stop();
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

const median = values => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const results = { 0: [], [pages]: [] };
for (let pair = 0; pair < pairs; pair++) {
  for (const watching of pair % 2 ? [pages, 0] : [0, pages]) {
    const one = await run(watching);
    results[watching].push(one);
    console.log(`${watching} pages: children p50 ${one.p50.toFixed(1)} ms, p95 ${one.p95.toFixed(1)} ms, p99 ${one.p99.toFixed(1)} ms, ${one.rate.toFixed(1)} a second; server ${one.cpu.toFixed(3)} ms of CPU a child; ${one.answers.toFixed(1)} answers a second and page`);
  }
}
for (const name of ['p50', 'p95', 'p99', 'rate', 'cpu']) {
  const [without, beside] = [0, pages].map(watching => median(results[watching].map(one => one[name])));
  console.log(`${name}: ${beside.toFixed(2)} beside ${pages} pages, ${without.toFixed(2)} without: ${((beside / without - 1) * 100).toFixed(1)} %`);
}
