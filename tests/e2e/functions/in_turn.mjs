// Waits until there is a file GATE, and then writes a line with what it was called with to the file ORDER.
import fs from 'node:fs';

const { GATE, ORDER } = process.env;

export async function handler(event) {
  while (!fs.existsSync(GATE)) await new Promise(resolve => setTimeout(resolve, 20));
  fs.appendFileSync(ORDER, `${event}\n`);
  return event;
}
