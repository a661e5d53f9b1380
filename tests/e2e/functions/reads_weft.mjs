// A function that looks into Weft's process: what came of each attempt.
import fs from 'node:fs';

const parentOf = pid => Number(/^PPid:\t(\d+)$/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

export async function handler() {
  const weft = parentOf(process.ppid);
  const attempt = (file, flags) => {
    try {
      fs.closeSync(fs.openSync(`/proc/${weft}/${file}`, flags));
      return 'opened';
    } catch (error) {
      return error.code;
    }
  };
  return {
    environ: attempt('environ', 'r'), mem: attempt('mem', 'r+'), maps: attempt('maps', 'r'),
    oom: attempt('oom_score_adj', 'r+'), status: attempt('status', 'r'),
  };
}
