// node check.mjs ORIGINALS WATERMARKED: each picture of one directory has a watermarked counterpart in
// the other: same size, visibly different. Exit status 0 when that holds.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';

const sharp = createRequire(new URL('./function/', import.meta.url))('sharp');

/** Keys of all objects of a bucket directory, sorted; Weft's own files below .weft are none. */
export function keysOf(directory) {
  if (!fs.existsSync(directory)) return [];
  return fs.readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(directory, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter(key => !key.startsWith('.weft/'))
    .sort();
}

/** Share of pixels (0..1) whose colour changed clearly between two pictures; throws when sizes differ. */
export async function changedShare(before, after) {
  const raw = file => sharp(file).rotate().flatten({ background: '#808080' }).toColourspace('srgb')
    .raw().toBuffer({ resolveWithObject: true });
  const [a, b] = await Promise.all([raw(before), raw(after)]);
  if (a.info.width !== b.info.width || a.info.height !== b.info.height) {
    throw new Error(`${after}: ${b.info.width}x${b.info.height} instead of ${a.info.width}x${a.info.height}`);
  }
  const pixels = a.info.width * a.info.height;
  let changed = 0;
  for (let i = 0; i < pixels; i++) {
    let difference = 0;
    for (let c = 0; c < 3; c++) {
      difference = Math.max(difference, Math.abs(
        a.data[i * a.info.channels + Math.min(c, a.info.channels - 1)] - b.data[i * b.info.channels + Math.min(c, b.info.channels - 1)]));
    }
    if (difference > 24) changed++;
  }
  return changed / pixels;
}

/** Compares two directories; returns a list of findings, empty when all is well. */
export async function compare(originals, watermarked, sample = 100) {
  const before = keysOf(originals);
  const after = new Set(keysOf(watermarked));
  const findings = before.filter(key => !after.has(key)).map(key => `${key}: no watermarked picture`);
  if (after.size > before.length) findings.push(`${after.size - before.length} pictures more than there are originals`);
  const step = Math.max(1, Math.floor(before.length / sample));
  for (const key of before.filter((key, index) => index % step === 0 && after.has(key))) {
    try {
      const share = await changedShare(path.join(originals, key), path.join(watermarked, key));
      if (share < 0.02 || share > 0.6) findings.push(`${key}: ${(share * 100).toFixed(1)} % of the pixels changed`);
    } catch (error) {
      findings.push(`${key}: ${error.message}`);
    }
  }
  return findings;
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const [originals, watermarked] = process.argv.slice(2).map(directory => path.resolve(directory));
  const findings = await compare(originals, watermarked);
  for (const finding of findings.slice(0, 20)) console.log(`  ${finding}`);
  const count = keysOf(watermarked).length;
  console.log(findings.length === 0 && count > 0
    ? `Checked: ${count} watermarked pictures in ${watermarked}, one for each original, visibly different.`
    : `Check failed: ${findings.length} findings, ${count} watermarked pictures.`);
  process.exit(findings.length === 0 && count > 0 ? 0 : 1);
}
