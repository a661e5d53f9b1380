// `weft serve` on a directory, with the function of pictures.mjs: for what measures pages outside of the test runner.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const handler = path.join(path.dirname(new URL(import.meta.url).pathname), 'pictures.mjs');
export const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

/** Serves on a free port; `concurrency` calls of the function at once. `stop()` resolves when the server has ended. */
export async function servePictures(program, directory, concurrency) {
  const portFile = path.join(directory, 'port');
  const weft = spawn(program, ['serve', '--listen', '127.0.0.1:0', '--port-file', portFile, '--data', path.join(directory, 'data'),
    '--function', `pictures=${handler}:handler,concurrency=${concurrency}`], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise(resolve => weft.on('exit', resolve));
  while (!fs.existsSync(portFile) || !fs.readFileSync(portFile, 'utf8').endsWith('\n')) {
    if (weft.exitCode !== null) throw new Error(`weft serve ended with ${weft.exitCode}`);
    await sleep(20);
  }
  const endpoint = `http://127.0.0.1:${fs.readFileSync(portFile, 'utf8').trim()}`;
  const call = async (operation, request) => {
    const answer = await fetch(endpoint, { method: 'POST', body: JSON.stringify(request),
      headers: { 'X-Amz-Target': `AWSStepFunctions.${operation}`, 'Content-Type': 'application/x-amz-json-1.0' } });
    if (!answer.ok) throw new Error(`${operation}: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
    return answer.json();
  };
  return { pid: weft.pid, endpoint, call, stop: () => { weft.kill('SIGTERM'); return ended; } };
}
