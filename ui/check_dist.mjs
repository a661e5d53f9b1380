// Builds the page anew and compares it with ui/dist, which is checked in; checks its size. The last
// line is "N passed, N failed".
//
//   node ui/check_dist.mjs
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, 'dist');
// What the first view loads, compressed, and all files together.
const FIRST_BYTES_MAX = 150 * 1024;
const ALL_BYTES_MAX = 300 * 1024;

const filesOf = directory => fs.readdirSync(directory, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile()).map(entry => path.relative(directory, path.join(entry.parentPath ?? entry.path, entry.name))).sort();

const fresh = fs.mkdtempSync(path.join(os.tmpdir(), 'weft-ui-'));
const failures = [];
let checks = 0;
const check = (holds, message) => { checks += 1; if (!holds) failures.push(message); };
try {
  const built = spawnSync(path.join(here, 'node_modules', '.bin', 'vite'), ['build', '--outDir', fresh, '--emptyOutDir', '--logLevel', 'error'], { cwd: here, encoding: 'utf8' });
  check(built.status === 0, `vite build failed:\n${built.stdout}${built.stderr}`);
  const [now, then] = [filesOf(fresh), filesOf(dist)];
  const same = now.join() === then.join() && now.every(name => fs.readFileSync(path.join(fresh, name)).equals(fs.readFileSync(path.join(dist, name))));
  check(same, `ui/dist is not what the sources give (${then.join(', ')} there, ${now.join(', ')} built): run \`npm run build\` in ui and commit what it writes`);
  const size = name => gzipSync(fs.readFileSync(path.join(dist, name))).length;
  const index = fs.readFileSync(path.join(dist, 'index.html'), 'utf8');
  const first = then.filter(name => index.includes(name)).reduce((sum, name) => sum + size(name), 0);
  const all = then.reduce((sum, name) => sum + size(name), 0);
  check(first <= FIRST_BYTES_MAX, `the first view loads ${first} bytes, ${FIRST_BYTES_MAX} are allowed`);
  check(all <= ALL_BYTES_MAX, `the page has ${all} bytes, ${ALL_BYTES_MAX} are allowed`);
  console.log(`first view ${first} bytes, all ${all} bytes, compressed`);
} finally {
  fs.rmSync(fresh, { recursive: true, force: true });
}
for (const failure of failures) console.log(`not ok: ${failure}`);
console.log(`${checks - failures.length} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
