// The function of the demo: event {from, to, key} -> reads the picture `key` of bucket `from`,
// watermarks it and writes it under the same key to bucket `to`. It answers with little, because the
// answers of all children together are the output of the Map.
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { watermark } from './watermark.mjs';

// The address of S3 and the credentials come from the environment, as on AWS.
const s3 = new S3Client({ forcePathStyle: true });

export async function handler({ from, to, key }) {
  const object = await s3.send(new GetObjectCommand({ Bucket: from, Key: key }));
  const { bytes, width, height } = await watermark(await object.Body.transformToByteArray());
  await s3.send(new PutObjectCommand({ Bucket: to, Key: key, Body: bytes, ContentType: object.ContentType }));
  return { width, height };
}
