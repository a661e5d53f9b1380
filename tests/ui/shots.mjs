// Pictures of every page, to be looked at:
//   node tests/ui/shots.mjs [--only PATTERN] [--dist FOLDER] [--out FOLDER] [--stay FILE | --from FILE]
// of runs with no, 1, 120, 10,000 and 1,000,000 children, finished, failed and running; empty, crowded and wrong places; in both
// themes, at widths from 320 to 2,560. `--dist ui/dist` shows a page that the program does not carry yet. `--stay` takes none: it
// says in FILE where the runs are served, until it is interrupted; `--from` takes pictures of those. Needs build/release/bin/weft,
// or WEFT_PROGRAM. What hangs out of the page at a width, and what a page's scripts complain of, is printed.
import fs from 'node:fs';
import path from 'node:path';
import { patience, root } from '../e2e/lib.mjs';
import { browse, openPage, pictures, settled } from './browser.mjs';
import { ACTS, everyday, hard, large } from './scenes.mjs';

const option = (name, absent) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? absent : process.argv[at + 1];
};
const only = new RegExp(option('--only', ''));
const dist = option('--dist');
const out = path.resolve(option('--out', path.join(pictures, 'all')));
const WIDTHS = { light: [320, 768, 1280, 1920, 2560], dark: [320, 1280] };
const heightOf = width => (width < 500 ? 2_000 : 1_200);
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const SOURCES = [everyday, hard, t => large(t, 10_000, '10k'), t => large(t, 1_000_000, '1m')];

/** The page's files come from `dist`. */
async function withDist(page) {
  await page.route('**/_weft/ui/**', route => {
    const place = /^\/_weft\/ui\/(assets\/.+|weft\.svg)$/.exec(new URL(route.request().url()).pathname)?.[1] ?? 'index.html';
    return route.fulfill({ body: fs.readFileSync(path.resolve(root, dist, place)), contentType: TYPES[path.extname(place)] });
  });
}

async function take(browser, { name, url, act }) {
  for (const [theme, widths] of Object.entries(WIDTHS)) {
    const wanted = widths.filter(width => only.test(`${name}-${theme}-${width}`));
    if (wanted.length === 0) continue;
    const page = await openPage(browser, { theme, width: wanted[0], height: heightOf(wanted[0]) });
    if (dist) await withDist(page);
    await page.goto(url);
    await settled(page).catch(() => console.log(`${name} does not settle`));
    if (act) await ACTS[act](page).catch(error => console.log(`${name}: ${act}: ${error.message.split('\n')[0]}`));
    for (const width of wanted) {
      await page.setViewportSize({ width, height: heightOf(width) });
      if (act !== 'offline') await settled(page).catch(() => console.log(`${name} at ${width} px does not settle`));
      await page.screenshot({ path: path.join(out, `${name}-${theme}-${width}.png`) });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) console.log(`${name} at ${width} px is ${over} px too wide`);
    }
    if (act !== 'offline') for (const fault of page.faults) console.log(`${name}: ${fault}`);
    await page.context().close();
  }
}

const ends = [];
const t = { after: end => ends.unshift(end) };
try {
  const [stay, from] = [option('--stay'), option('--from')];
  if (stay) {
    patience.ms = 12 * 3_600_000;
    const scenes = [];
    for (const source of SOURCES) {
      scenes.push(...await source(t));
      fs.writeFileSync(stay, JSON.stringify(scenes, null, 1));
    }
    await new Promise(resolve => { for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve); setInterval(() => undefined, 60_000); });
  } else {
    fs.mkdirSync(out, { recursive: true });
    const browser = await browse(t);
    for (const source of from ? [() => JSON.parse(fs.readFileSync(from, 'utf8'))] : SOURCES) {
      for (const scene of await source(t)) await take(browser, scene);
    }
  }
} finally {
  for (const end of ends) await end();
}
process.exit();
