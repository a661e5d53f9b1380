// Receives what the seed's definition sends, keeps the event in the bucket `events` and watermarks the
// picture it names.
import { PutObjectCommand, S3Client } from '../../../examples/watermark/function/node_modules/@aws-sdk/client-s3/dist-cjs/index.js';
import { handler as watermark } from '../../../examples/watermark/function/handler.mjs';

const s3 = new S3Client({ forcePathStyle: true });

export async function handler(event) {
  const [{ Key: key }] = event.Items;
  await s3.send(new PutObjectCommand({ Bucket: 'events', Key: `${key}.json`, Body: JSON.stringify(event) }));
  return watermark({ from: 'photos', to: 'watermarked', key });
}
