// Draws the watermark. The letters are strokes, not text: no font needs to be installed.
import sharp from 'sharp';

// One process works on one picture at a time; the number of processes is the function's concurrency.
sharp.concurrency(1);
sharp.cache(false);

// W E F T in a box 19 wide and 5 high.
const LETTERS = 'M0 0 1 5 2 2 3 5 4 0 M9 0H6V5H9M6 2.5H8.5 M14 0H11V5M11 2.5H13.5 M15 0H19M17 0V5';
const BOX = { width: 19, height: 5 };

/** An SVG of the size of the picture with the letters along the diagonal, light on a dark edge. */
export function overlay(width, height) {
  const angle = -Math.atan2(height, width) * 180 / Math.PI;
  const scale = 0.6 * Math.hypot(width, height) / BOX.width;
  const stroke = (colour, thickness) =>
    `<path d="${LETTERS}" fill="none" stroke="${colour}" stroke-width="${thickness}" stroke-linecap="round" stroke-linejoin="round"/>`;
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">`
    + `<g transform="translate(${width / 2} ${height / 2}) rotate(${angle}) scale(${scale}) translate(${-BOX.width / 2} ${-BOX.height / 2})">`
    + `${stroke('rgba(0,0,0,0.45)', 1.3)}${stroke('rgba(255,255,255,0.75)', 0.7)}</g></svg>`);
}

/** Bytes of a picture (PNG or JPEG) -> {bytes, width, height} of the same picture with the watermark. */
export async function watermark(picture) {
  const { width, height } = (await sharp(picture).metadata()).autoOrient;
  const bytes = await sharp(picture).autoOrient().composite([{ input: overlay(width, height) }]).toBuffer();
  return { bytes, width, height };
}
