// Leaves a mark for each number it was called with, and waits while there are as many as the file LIMIT says.
import fs from 'node:fs';
import path from 'node:path';

const full = () => fs.readdirSync(process.env.MARKS).length >= Number(fs.readFileSync(process.env.LIMIT, 'utf8'));

export async function handler(event) {
  while (full()) await new Promise(resolve => setTimeout(resolve, 20));
  fs.appendFileSync(path.join(process.env.MARKS, String(event)), 'x');
  return event;
}
