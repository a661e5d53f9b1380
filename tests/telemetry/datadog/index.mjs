// An ordinary function: it knows nothing of tracing. Reads the object its batch names; fails for keys
// that say so, once or always.
import fs from 'node:fs';
import path from 'node:path';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';

const s3 = new S3Client({ forcePathStyle: true });

export async function handler(event) {
  const { Key } = (event.Items ?? [event])[0];
  const Bucket = process.env.BUCKET;
  await s3.send(new HeadObjectCommand({ Bucket, Key }));
  const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const bytes = (await object.Body.transformToByteArray()).length;
  if (Key.includes('broken')) throw new TypeError(`cannot use ${Key}`);
  if (Key.includes('flaky')) {
    const mark = path.join(process.env.MARKS, Key.replaceAll('/', '_'));
    if (!fs.existsSync(mark)) {
      fs.writeFileSync(mark, '');
      throw new RangeError(`not yet: ${Key}`);
    }
  }
  return { Key, bytes };
}
