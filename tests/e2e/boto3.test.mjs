// boto3 in a function, with nothing set but what every function gets: Debian's own version, which does not read
// AWS_ENDPOINT_URL, and whatever version python3 has.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { definitionFile, invoke, machine, root, scratch, weftRun } from './lib.mjs';

const debians = '/usr/lib/python3/dist-packages';

/** The version of botocore that python3 finds, undefined where there is none. */
function botocore(env) {
  const { status, stdout } = spawnSync('python3', ['-c', 'import boto3, botocore; print(botocore.__version__)'], { env: { ...process.env, ...env }, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

for (const [what, env] of [['Debian\'s boto3', { PYTHONPATH: debians }], ['python3\'s own boto3', {}]]) {
  const version = botocore(env);
  const skip = version === undefined && `NOT RUN: ${what} is missing (apt-get install python3-boto3)`;
  test(`${what} reaches the local S3 and Step Functions`, { skip }, async t => {
    t.diagnostic(`botocore ${version}`);
    if (env.PYTHONPATH) assert.ok(version.startsWith('1.29.'), 'the version that does not read the variables');
    const directory = scratch(t);
    const photos = path.join(directory, 'photos');
    fs.mkdirSync(photos);
    fs.writeFileSync(path.join(photos, 'one.txt'), 'hello');
    const settings = Object.entries(env).map(([key, value]) => `,env.${key}=${value}`).join('');
    const { report, ...result } = await weftRun([
      definitionFile(directory, machine({ Work: invoke('boto') })), '--data', path.join(directory, 'data'), '--bucket', `photos=${photos}`,
      '--function', `boto=${path.join(root, 'tests/e2e/functions/boto.py')}:handler,init_timeout=600,timeout=600${settings}`,
    ]);
    assert.equal(report?.status, 'SUCCEEDED', result.stdout + result.stderr);
    assert.deepEqual(JSON.parse(report.output), { keys: ['one.txt'], machines: 1, explicit: 'http://127.0.0.1:9', other: 'http://127.0.0.1' });
  });
}
