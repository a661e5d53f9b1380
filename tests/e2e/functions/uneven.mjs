// Answers even numbers with a list, others with an object; refuses every seventh, and every fifth the first time it is called with it.
// Leaves a mark for each call, and waits while there are marks of as many numbers as the file LIMIT says.
import fs from 'node:fs';
import path from 'node:path';

const { MARKS, LIMIT } = process.env;
const full = () => LIMIT && fs.readdirSync(MARKS).length >= Number(fs.readFileSync(LIMIT, 'utf8'));

function named(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}

export async function handler(n) {
  while (full()) await new Promise(resolve => setTimeout(resolve, 20));
  const mark = path.join(MARKS, String(n));
  fs.appendFileSync(mark, 'x');
  if (n % 7 === 0) throw named('Refused', 'every seventh');
  if (n % 5 === 0 && fs.statSync(mark).size === 1) throw named('Shaky', 'the first time');
  return n % 2 === 0 ? [n, -n] : { n };
}
