// A function that sends Weft a signal, where the kernel lets it.
import fs from 'node:fs';

const parentOf = pid => Number(/^PPid:\t(\d+)$/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

export async function handler({ signal }) {
  const weft = parentOf(process.ppid);
  process.kill(weft, signal);
  if (signal === 'SIGKILL') await new Promise(() => setTimeout(() => {}, 60_000));
  // The second one ends a Weft that heeds them at once.
  await new Promise(resolve => setTimeout(resolve, 100));
  process.kill(weft, signal);
  return 'sent';
}
