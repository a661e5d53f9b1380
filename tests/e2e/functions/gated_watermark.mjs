// The demo's function, which waits while the directory AFTER holds as many pictures as the file LIMIT says.
import fs from 'node:fs';
import { handler as watermark } from '../../../examples/watermark/function/handler.mjs';
import { keysOf } from '../lib.mjs';

const full = () => keysOf(process.env.AFTER).length >= Number(fs.readFileSync(process.env.LIMIT, 'utf8'));

export async function handler(event) {
  while (full()) await new Promise(resolve => setTimeout(resolve, 20));
  return watermark(event);
}
