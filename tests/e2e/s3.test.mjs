// AWS's JavaScript SDK, with its default settings, drives the directory buckets.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Readable } from 'node:stream';
import * as sdk from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { s3Server } from './s3_server.mjs';

const Bucket = 'photos';
const md5 = bytes => crypto.createHash('md5').update(bytes).digest('hex');
const bytesOf = async answer => Buffer.from(await answer.Body.transformToByteArray());

async function open(t) {
  const { endpoint, directory } = await s3Server(t);
  const client = new sdk.S3Client({
    endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  t.after(() => client.destroy());
  const call = (name, input = {}) => client.send(new sdk[`${name}Command`]({ Bucket, ...input }));
  return { client, call, directory };
}

const fails = (promise, name, status) => assert.rejects(promise, error => {
  assert.equal(error.name, name);
  assert.equal(error.$metadata.httpStatusCode, status);
  return true;
});

test('objects keep bytes, metadata and ETag', async t => {
  const { call, directory } = await open(t);
  const body = crypto.randomBytes(100_000);
  const put = await call('PutObject', { Key: 'in/ü b+c&.bin', Body: body, ContentType: 'image/x', Metadata: { who: 'me' } });
  assert.equal(put.ETag, `"${md5(body)}"`);
  assert.deepEqual(fs.readFileSync(path.join(directory, 'in/ü b+c&.bin')), body);
  const got = await call('GetObject', { Key: 'in/ü b+c&.bin' });
  assert.deepEqual(await bytesOf(got), body);
  assert.deepEqual([got.ContentType, got.Metadata, got.ContentLength, got.ETag], ['image/x', { who: 'me' }, 100_000, put.ETag]);
  const head = await call('HeadObject', { Key: 'in/ü b+c&.bin' });
  assert.equal(head.ContentLength, 100_000);
  const part = await call('GetObject', { Key: 'in/ü b+c&.bin', Range: 'bytes=-10' });
  assert.deepEqual([await bytesOf(part), part.ContentRange], [body.subarray(-10), 'bytes 99990-99999/100000']);
  await call('DeleteObject', { Key: 'in/ü b+c&.bin' });
  await fails(call('GetObject', { Key: 'in/ü b+c&.bin' }), 'NoSuchKey', 404);
  await fails(call('HeadObject', { Key: 'in/ü b+c&.bin' }), 'NotFound', 404);
});

test('files put there by hand are objects', async t => {
  const { call, directory } = await open(t);
  fs.mkdirSync(path.join(directory, 'by/hand'), { recursive: true });
  fs.writeFileSync(path.join(directory, 'by/hand/a.json'), '{}');
  const listed = await call('ListObjectsV2', { Prefix: 'by/' });
  assert.equal(listed.Contents[0].ETag, `"${md5('{}')}"`);
  assert.equal(await (await call('GetObject', { Key: 'by/hand/a.json' })).Body.transformToString(), '{}');
});

test('empty bodies, streams with a known length and every checksum are accepted', async t => {
  const { call, directory } = await open(t);
  await call('PutObject', { Key: 'empty', Body: '' });
  assert.equal(fs.statSync(path.join(directory, 'empty')).size, 0);
  const bytes = crypto.randomBytes(300_000);
  await call('PutObject', { Key: 'stream', Body: Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]), ContentLength: bytes.length });
  assert.equal(md5(fs.readFileSync(path.join(directory, 'stream'))), md5(bytes));
  for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'SHA1', 'SHA256']) {
    await call('PutObject', { Key: ChecksumAlgorithm, Body: bytes, ChecksumAlgorithm });
    assert.equal(md5(fs.readFileSync(path.join(directory, ChecksumAlgorithm))), md5(bytes), ChecksumAlgorithm);
  }
});

test('listings page in key order', async t => {
  const { call, directory } = await open(t);
  const keys = Array.from({ length: 2_345 }, (_, i) => `list/${String(i).padStart(5, '0')}`);
  fs.mkdirSync(path.join(directory, 'list'));
  for (const key of keys) fs.writeFileSync(path.join(directory, key), 'x');
  fs.mkdirSync(path.join(directory, 'list/00000.d'));
  fs.writeFileSync(path.join(directory, 'list/00000.d/x'), 'x');
  const seen = [];
  let ContinuationToken;
  do {
    const page = await call('ListObjectsV2', { Prefix: 'list/', ContinuationToken });
    seen.push(...page.Contents.map(each => each.Key));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  assert.deepEqual(seen, [...keys, 'list/00000.d/x'].sort());
  const grouped = await call('ListObjectsV2', { Prefix: 'list/', Delimiter: '/', MaxKeys: 3 });
  assert.deepEqual([grouped.Contents.map(each => each.Key), grouped.CommonPrefixes],
    [['list/00000', 'list/00001'], [{ Prefix: 'list/00000.d/' }]]);
  const v1 = await call('ListObjects', { Prefix: 'list/', Marker: 'list/02343' });
  assert.deepEqual(v1.Contents.map(each => each.Key), ['list/02344']);
});

test('multipart uploads join their parts', async t => {
  const { client, call, directory } = await open(t);
  const bytes = crypto.randomBytes(17 * 1024 * 1024);
  const done = await new Upload({ client, params: { Bucket, Key: 'big', Body: Readable.from(bytes) }, queueSize: 3 }).done();
  assert.match(done.ETag, /^"[0-9a-f]{32}-4"$/);
  assert.equal(md5(fs.readFileSync(path.join(directory, 'big'))), md5(bytes));
  const { UploadId } = await call('CreateMultipartUpload', { Key: 'copy' });
  const copied = await call('UploadPartCopy', { Key: 'copy', UploadId, PartNumber: 1, CopySource: `${Bucket}/big`, CopySourceRange: 'bytes=0-9' });
  assert.equal((await call('ListMultipartUploads')).Uploads.length, 1);
  assert.equal((await call('ListParts', { Key: 'copy', UploadId })).Parts[0].ETag, copied.CopyPartResult.ETag);
  await call('CompleteMultipartUpload', { Key: 'copy', UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag: copied.CopyPartResult.ETag }] } });
  assert.deepEqual(fs.readFileSync(path.join(directory, 'copy')), bytes.subarray(0, 10));
  const aborted = await call('CreateMultipartUpload', { Key: 'never' });
  await call('AbortMultipartUpload', { Key: 'never', UploadId: aborted.UploadId });
  await fails(call('ListParts', { Key: 'never', UploadId: aborted.UploadId }), 'NoSuchUpload', 404);
});

test('copies, conditions and bulk deletes', async t => {
  const { call } = await open(t);
  await call('PutObject', { Key: 'a', Body: 'one', Metadata: { m: '1' } });
  const copy = await call('CopyObject', { Key: 'dir/b', CopySource: `${Bucket}/a` });
  assert.equal(copy.CopyObjectResult.ETag, `"${md5('one')}"`);
  assert.deepEqual((await call('HeadObject', { Key: 'dir/b' })).Metadata, { m: '1' });
  await fails(call('PutObject', { Key: 'a', Body: 'two', IfNoneMatch: '*' }), 'PreconditionFailed', 412);
  await fails(call('GetObject', { Key: 'a', IfMatch: '"no"' }), 'PreconditionFailed', 412);
  await fails(call('GetObject', { Key: 'a', Range: 'bytes=100-' }), 'InvalidRange', 416);
  const deleted = await call('DeleteObjects', { Delete: { Objects: [{ Key: 'a' }, { Key: 'dir/b' }, { Key: 'none' }] } });
  assert.equal(deleted.Deleted.length, 3);
  assert.equal((await call('ListObjectsV2')).KeyCount, 0);
});

test('buckets: what is there and what is not', async t => {
  const { call } = await open(t);
  assert.ok((await call('ListBuckets')).Buckets.some(each => each.Name === Bucket));
  await call('HeadBucket');
  await call('GetBucketLocation');
  await fails(call('ListObjectsV2', { Bucket: 'missing' }), 'NoSuchBucket', 404);
  await fails(call('GetObjectAcl', { Key: 'a' }), 'NotImplemented', 501);
  await fails(call('CreateBucket', { Bucket: 'another' }), 'MethodNotAllowed', 405);
  await fails(call('PutObject', { Key: '../outside', Body: 'x' }), 'InvalidArgument', 400);
});
