// Fails for every third number until the file FIXED exists; leaves a mark for each call.
import fs from 'node:fs';
import path from 'node:path';

export async function handler(n) {
  fs.appendFileSync(path.join(process.env.MARKS, String(n)), 'x');
  if (n % 3 === 0 && !fs.existsSync(process.env.FIXED)) throw new Error('not yet');
  return n;
}
