// Debian's aws-cli drives the directory buckets.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import test from 'node:test';
import { aws, awsResult, expectStatus, keysOf, scratch } from './lib.mjs';
import { s3Server } from './s3_server.mjs';

/** `aws s3 ...`; answers what it printed. */
async function s3(endpoint, ...args) {
  const result = await awsResult(endpoint, 's3', ...args);
  expectStatus(result, 0, `aws s3 ${args.join(' ')}`);
  return result.stdout;
}

test('aws s3 cp, ls, sync, mv and rm', async t => {
  const { endpoint, directory } = await s3Server(t);
  const local = scratch(t);
  for (const [key, bytes] of [['a.txt', 'a'], ['sub/b c.txt', 'b'], ['sub/ü.txt', 'u'], ['large.bin', crypto.randomBytes(20_000_000)]]) {
    fs.mkdirSync(path.dirname(path.join(local, key)), { recursive: true });
    fs.writeFileSync(path.join(local, key), bytes);
  }
  await s3(endpoint, 'sync', local, 's3://photos/in');
  assert.deepEqual(keysOf(path.join(directory, 'in')), keysOf(local));
  assert.deepEqual(fs.readFileSync(path.join(directory, 'in/large.bin')), fs.readFileSync(path.join(local, 'large.bin')));
  assert.equal((await s3(endpoint, 'sync', local, 's3://photos/in')).trim(), '', 'a second sync copies nothing');

  const listed = await s3(endpoint, 'ls', 's3://photos/in/');
  assert.match(listed, /PRE sub\//);
  assert.match(listed, /20000000 large\.bin/);
  assert.match(await s3(endpoint, 'ls', 's3://photos', '--recursive'), /in\/sub\/ü\.txt/);
  assert.match(await s3(endpoint, 'ls'), /photos/);

  const back = path.join(local, 'back');
  await s3(endpoint, 'cp', 's3://photos/in', back, '--recursive');
  assert.deepEqual(fs.readFileSync(path.join(back, 'large.bin')), fs.readFileSync(path.join(local, 'large.bin')));
  await s3(endpoint, 'cp', 's3://photos/in/large.bin', 's3://photos/out/copy.bin');
  assert.deepEqual(fs.readFileSync(path.join(directory, 'out/copy.bin')), fs.readFileSync(path.join(local, 'large.bin')));
  await s3(endpoint, 'mv', 's3://photos/in/a.txt', 's3://photos/out/moved.txt');
  assert.deepEqual(keysOf(path.join(directory, 'out')), ['copy.bin', 'moved.txt']);

  await s3(endpoint, 'rm', 's3://photos', '--recursive');
  assert.deepEqual(fs.readdirSync(directory), []);
  const missing = await awsResult(endpoint, 's3', 'ls', 's3://missing');
  assert.match(missing.stderr, /NoSuchBucket.*The specified bucket does not exist/);
});

test('aws s3api', async t => {
  const { endpoint, directory } = await s3Server(t);
  const api = (...args) => aws(endpoint, 's3api', ...args);
  const file = path.join(scratch(t), 'file');
  fs.writeFileSync(file, 'hello');
  const put = await api('put-object', '--bucket', 'photos', '--key', 'k', '--body', file, '--metadata', 'a=1', '--content-type', 'text/plain');
  assert.equal(put.ETag, '"5d41402abc4b2a76b9719d911017c592"');
  const head = await api('head-object', '--bucket', 'photos', '--key', 'k');
  assert.deepEqual([head.ContentLength, head.ContentType, head.Metadata], [5, 'text/plain', { a: '1' }]);
  await api('get-object', '--bucket', 'photos', '--key', 'k', '--range', 'bytes=1-2', `${file}.part`);
  assert.equal(fs.readFileSync(`${file}.part`, 'utf8'), 'el');
  await api('copy-object', '--bucket', 'photos', '--key', 'k2', '--copy-source', 'photos/k');
  const pages = await api('list-objects-v2', '--bucket', 'photos', '--page-size', '1');
  assert.deepEqual(pages.Contents.map(each => each.Key), ['k', 'k2']);
  await api('put-object', '--bucket', 'photos', '--key', 'folder/');
  assert.ok(fs.statSync(path.join(directory, 'folder')).isDirectory());
  assert.equal((await api('list-objects', '--bucket', 'photos', '--prefix', 'folder')).Contents[0].Key, 'folder/');
  const deleted = await api('delete-objects', '--bucket', 'photos', '--delete', 'Objects=[{Key=k},{Key=k2},{Key=folder/}]');
  assert.equal(deleted.Deleted.length, 3);
  const none = await awsResult(endpoint, 's3api', 'get-object', '--bucket', 'photos', '--key', 'k', `${file}.none`);
  assert.match(none.stderr, /NoSuchKey.*The specified key does not exist/);
});

test('aws s3 mb and rb, tags, and hosts that name the bucket', async t => {
  const home = path.join(scratch(t), 'buckets');
  fs.mkdirSync(path.join(home, 'old-one'), { recursive: true });
  fs.writeFileSync(path.join(home, 'old-one', 'a'), 'a');
  const { endpoint } = await s3Server(t, ['--buckets', home]);
  const api = (...args) => aws(endpoint, 's3api', ...args);
  await s3(endpoint, 'mb', 's3://new-one');
  assert.ok(fs.statSync(path.join(home, 'new-one')).isDirectory());
  const listed = await api('list-buckets');
  assert.deepEqual(listed.Buckets.map(each => each.Name), ['new-one', 'old-one', 'photos']);
  for (const bucket of listed.Buckets) assert.ok(Math.abs(Date.now() - Date.parse(bucket.CreationDate)) < 3_600_000, bucket.CreationDate);
  assert.match((await awsResult(endpoint, 's3', 'rb', 's3://old-one')).stderr, /BucketNotEmpty/);
  assert.match((await awsResult(endpoint, 's3', 'rb', 's3://photos')).stderr, /MethodNotAllowed/);

  const file = path.join(scratch(t), 'file');
  fs.writeFileSync(file, 'hello');
  await api('put-object', '--bucket', 'new-one', '--key', 'k', '--body', file, '--tagging', 'colour=deep%20blue');
  assert.equal((await api('head-object', '--bucket', 'new-one', '--key', 'k')).Metadata['x-amz-tagging'], undefined);
  assert.deepEqual((await api('get-object-tagging', '--bucket', 'new-one', '--key', 'k')).TagSet, [{ Key: 'colour', Value: 'deep blue' }]);
  await api('put-object-tagging', '--bucket', 'new-one', '--key', 'k', '--tagging', JSON.stringify({ TagSet: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '' }] }));
  assert.deepEqual((await api('get-object-tagging', '--bucket', 'new-one', '--key', 'k')).TagSet, [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '' }]);

  const byHost = await fetchWithHost(endpoint, '/k', `new-one.localhost:${new URL(endpoint).port}`);
  assert.equal(byHost, 'hello');
  assert.equal(await fetchWithHost(endpoint, '/k', 'new-one.s3.us-east-1.localhost'), 'hello');
  assert.deepEqual(fs.readdirSync(path.join(home, 'new-one')), ['k']);
  await s3(endpoint, 'rb', 's3://new-one', '--force');
  assert.deepEqual(fs.readdirSync(home), ['old-one']);
});

/** The body of a GET with a Host header of its own. */
function fetchWithHost(endpoint, target, host) {
  return new Promise((resolve, reject) => {
    http.get(`${endpoint}${target}`, { headers: { host } }, response => {
      let body = '';
      response.on('data', piece => { body += piece; });
      response.on('end', () => resolve(body));
    }).on('error', reject);
  });
}
