// Times the JSONata engine beside the reference engine on this machine, one after the other, by CPU
// time, and compares their results.
//
//   ./dev bench jsonata [--ms N] [--only TEXT]
//
// The method and the cases are those of tools/jsonata-bench in the shared folder (WEFT_SHARED).
// Status: 0 when all results are equal.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const shared = path.resolve(process.env.WEFT_SHARED ?? path.join(root, '../shared'));
const tool = path.join(root, 'build', 'jsonata-bench');
const inputs = path.join(tool, 'inputs');

function option(name, otherwise) {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : process.argv[at + 1];
}
const weft = option('--weft', path.join(root, 'build/release/bin/weft'));
const chosen = ['--ms', option('--ms', '300'), ...(option('--only') ? ['--only', option('--only')] : [])];
const datasets = ['--datasets', path.join(shared, 'data/jsonata-suite/datasets')];

/** A copy of the tool with the reference engine of the differential test. */
function install() {
  fs.mkdirSync(tool, { recursive: true });
  const copy = (from, name) => {
    const target = path.join(tool, name);
    const text = fs.readFileSync(path.join(from, name));
    if (fs.existsSync(target) && fs.readFileSync(target).equals(text)) return false;
    fs.writeFileSync(target, text);
    return true;
  };
  for (const name of ['bench.mjs', 'cases.json']) copy(path.join(shared, 'tools/jsonata-bench'), name);
  copy(path.join(root, 'tests/jsonata/differential'), 'package.json');
  const changed = copy(path.join(root, 'tests/jsonata/differential'), 'package-lock.json');
  if (changed || !fs.existsSync(path.join(tool, 'node_modules'))) {
    execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: tool, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  execFileSync('node', ['bench.mjs', 'node_modules/jsonata', '--emit', inputs, ...datasets], { cwd: tool, stdio: 'inherit' });
}

function output(command, args) {
  const run = spawnSync(command, args, { cwd: tool, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'inherit'] });
  if (!run.stdout) throw new Error(`${command} ${args.join(' ')} ended with ${run.signal ?? run.status} and printed nothing`);
  return run.stdout;
}

install();
console.log('the reference engine ...');
const reference = JSON.parse(output('node', ['bench.mjs', 'node_modules/jsonata', '--json', ...datasets, ...chosen])).rows;
console.log('ours ...');
const ours = new Map(output(weft, ['jsonata', '--bench', inputs, '--json', ...chosen]).trim().split('\n').map(JSON.parse).map(row => [row.id, row]));

const grouped = number => Math.round(number).toLocaleString('en-US');
const cells = (...texts) => console.log(texts.map((text, i) => (i ? String(text).padStart([0, 13, 11, 8, 11, 9, 8, 13][i]) : text.padEnd(20))).join(''));
cells('ns by CPU time', 'reference', 'ours', 'ratio', 'ref parse', 'parse', 'ratio', 'JSON to JSON');
const ratios = [];
const different = [];
for (const row of reference) {
  const own = ours.get(row.id);
  if (!own || (row.digest !== 'volatile' && row.digest !== own.digest)) {
    different.push(row.id);
    continue;
  }
  const ratio = row.eval_cpu_ns / own.eval_cpu_ns;
  ratios.push({ id: row.id, ratio });
  cells(row.id, grouped(row.eval_cpu_ns), grouped(own.eval_cpu_ns), ratio.toFixed(1), grouped(row.parse_ns), grouped(own.parse_cpu_ns),
    (row.parse_ns / own.parse_cpu_ns).toFixed(1), grouped(own.texts_cpu_ns));
}
if (ratios.length) {
  const mean = Math.exp(ratios.reduce((sum, each) => sum + Math.log(each.ratio), 0) / ratios.length);
  const least = ratios.reduce((a, b) => (a.ratio < b.ratio ? a : b));
  console.log(`geometric mean of ${ratios.length} ratios ${mean.toFixed(1)}; least ${least.ratio.toFixed(1)} (${least.id})`);
}
console.log(different.length ? `results DIFFER: ${different.join(', ')}` : 'all results are equal');
process.exit(different.length ? 1 : 0);
