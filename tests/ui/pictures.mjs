// The function of the runs that the page is tested on: an item says how long it takes and how it ends.
import fs from 'node:fs';

const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

/**
 * `repaired`: a file, with which what fails without it works; `cause`: what the failure says; `held`: a file that it waits for.
 */
export async function handler({ Key, ms, error, cause, flaky, repaired, held, attempt = 0 }) {
  console.log(`reading ${Key}`);
  while (held && !fs.existsSync(held)) await pause(10);
  await pause(ms);
  if (flaky && attempt === 0) {
    const throttled = new Error('Please reduce your request rate.');
    throttled.name = 'S3.SlowDown';
    throw throttled;
  }
  if (error && !(repaired && fs.existsSync(repaired))) {
    console.error(`cannot decode ${Key}`);
    const failure = new Error(cause ?? `marker 0x${(ms % 256).toString(16)} at offset ${ms * 97}`);
    failure.name = error;
    throw failure;
  }
  return { Key, faces: ms % 3 };
}
/** Of the editor's workflow: takes an object of a bucket, and says which. */
export const transform = async ({ Key }) => ({ key: Key });
