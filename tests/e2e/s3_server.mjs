// Where the S3 tests find their server: WEFT_ENDPOINT (with WEFT_BUCKET_DIRECTORY, the directory of its bucket "photos"), or the
// program WEFT_S3_SERVER (s3_test_server), or `weft serve`.
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { scratch, serve, until } from './lib.mjs';

/** Resolves to {endpoint, directory}: an S3 endpoint and the directory behind its bucket "photos"; `more` are further flags. */
export async function s3Server(t, more = []) {
  if (process.env.WEFT_ENDPOINT) {
    return { endpoint: process.env.WEFT_ENDPOINT, directory: process.env.WEFT_BUCKET_DIRECTORY };
  }
  const base = scratch(t);
  const directory = path.join(base, 'photos');
  fs.mkdirSync(directory);
  const bucket = ['--bucket', `photos=${directory}`, ...more];
  if (process.env.WEFT_S3_SERVER) return { endpoint: await testServer(t, [...bucket, '--staging', path.join(base, 'staging')], path.join(base, 'port')), directory };
  return { endpoint: await serve(t, ['--data', path.join(base, 'data'), ...bucket]), directory };
}

async function testServer(t, bucket, portFile) {
  const child = spawn(process.env.WEFT_S3_SERVER, [...bucket, '--port-file', portFile], { stdio: ['pipe', 'inherit', 'inherit'] });
  t.after(() => child.stdin.end());
  await until(() => fs.existsSync(portFile), 's3_test_server does not listen');
  return `http://127.0.0.1:${fs.readFileSync(portFile, 'utf8').trim()}`;
}
