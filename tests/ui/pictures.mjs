// The function of the runs that the page is tested on: an item says how long it takes and how it ends.
export async function handler({ Key, ms, error, flaky, attempt = 0 }) {
  console.log(`reading ${Key}`);
  await new Promise(resolve => setTimeout(resolve, ms));
  if (flaky && attempt === 0) {
    const throttled = new Error('Please reduce your request rate.');
    throttled.name = 'S3.SlowDown';
    throw throttled;
  }
  if (error) {
    console.error(`cannot decode ${Key}`);
    const failure = new Error(`marker 0x${(ms % 256).toString(16)} at offset ${ms * 97}`);
    failure.name = error;
    throw failure;
  }
  return { Key, faces: ms % 3 };
}
/** Of the editor's workflow: takes an object of a bucket, and says which. */
export const transform = async ({ Key }) => ({ key: Key });
