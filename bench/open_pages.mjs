// Pages of a Map Run that are open, for bench/pages.mjs:
//   node bench/open_pages.mjs ENDPOINT COUNT
// The Map Run's ARN comes on the standard input, and they are open until that ends; then they say how many answers they got. A
// process of its own, so that it can give way to the server.
import process from 'node:process';
import { sleep } from '../tests/ui/serve_pictures.mjs';

const [endpoint, count] = process.argv.slice(2);

/** The questions of ui/src/views/maprun while it runs: what, and ms between two of them at least. */
const QUESTIONS = [
  ['maprun/summary', {}, 1_000], ['maprun/errors', {}, 2_000], ['maprun/heatmap', { w: 128, h: 26 }, 2_000], ['maprun/strip', { w: 240 }, 2_000],
  ['maprun/lanes', { lim: 0, w: 320, h: 36 }, 2_000], ['maprun/lanes', { w: 384, h: 53 }, 2_000], ['maprun/differs', {}, 5_000],
  ['maprun/children', { sort: 'dur:desc', limit: 10 }, 2_000], ['maprun/children', { sort: 'dur:desc', limit: 100 }, 2_000],
];

let arn = '';
let answers = 0;
let over = false;

/** As ui/src/api/use.ts does: again when it is told, or in a while. */
async function ask(question, now) {
  Object.assign(question, { asked: now, due: Infinity });
  const answer = await fetch(question.url, { headers: { 'Accept-Encoding': 'gzip', ...(question.tag ? { 'If-None-Match': question.tag } : {}) } });
  question.tag = answer.headers.get('etag') ?? undefined;
  await answer.arrayBuffer();
  question.due = Math.min(question.due, now + (answer.headers.get('weft-kept') === '1' ? Math.max(question.every, 3_000) : 30_000));
  answers += 1;
}

async function page() {
  const stop = new AbortController();
  const questions = QUESTIONS.map(([what, parameters, every]) => ({ url: `${endpoint}/_weft/v1/${what}?${new URLSearchParams({ arn, ...parameters })}`, every, asked: 0, due: 0, tag: undefined }));
  const live = await fetch(`${endpoint}/_weft/v1/live?${new URLSearchParams({ topic: `maprun:${arn}` })}`, { signal: stop.signal });
  const told = () => { for (const question of questions) question.due = Math.min(question.due, question.asked + question.every); };
  (async () => { for await (const chunk of live.body.pipeThrough(new TextDecoderStream())) if (/event: (wm|end)/.test(chunk)) told(); })().catch(() => {});
  while (!over) {
    await sleep(50 + Math.random() * 50);
    const now = performance.now();
    await Promise.all(questions.filter(({ due }) => due <= now).map(question => ask(question, now)));
  }
  stop.abort();
}

process.stdin.on('end', () => { over = true; });
arn = String(await new Promise(resolve => process.stdin.once('data', resolve))).trim();
await Promise.all(Array.from({ length: Number(count) }, page));
console.log(answers);
process.exit();
