// Asks somebody: leaves the task token of its event where the test finds it.
import fs from 'node:fs';
import path from 'node:path';

export async function handler({ name, token }) {
  const file = path.join(process.env.TOKENS, name);
  fs.writeFileSync(`${file}.part`, token);
  fs.renameSync(`${file}.part`, file);
  return { asked: name };
}
