// What cannot be used is refused by name, and who never answers is given up.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import test from 'node:test';
import { expectStatus, machine, scratch, start, weft, weftProgram } from './lib.mjs';

/** A server that takes connections and, with `drip`, sends a byte now and then: its URL. */
function mute(t, drip = '') {
  const sockets = new Set();
  const server = net.createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    if (!drip) return;
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
    const timer = setInterval(() => socket.write(drip), 200);
    socket.on('close', () => clearInterval(timer));
  });
  t.after(() => { sockets.forEach(socket => socket.destroy()); server.close(); });
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`)));
}

test('a server that says nothing, or too little, is given up', async t => {
  const here = { cwd: scratch(t) };
  fs.writeFileSync(path.join(here.cwd, 'm.asl.json'), JSON.stringify(machine({ A: { Type: 'Pass', End: true } })));
  expectStatus(await weft(['run', 'm.asl.json', '--data', 'd'], here), 0, 'weft run');
  const arn = 'arn:aws:states:us-east-1:000000000000:execution:m:x';
  const credentials = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
  const asked = [];
  for (const url of [await mute(t), await mute(t, 'x')]) {
    for (const args of [['list', '--endpoint', url], ['metrics', '--endpoint', url], ['trace', 'x', '--endpoint', url],
      ['logs', 'x', '--follow', '--endpoint', url], ['import', '--execution', arn, '--endpoint-url', url, '--data', `i${asked.length}`],
      ['trace', 'latest', '--data', 'd', '--push', `otlp=${url}`]]) {
      asked.push(weft(args, { ...here, env: credentials }).then(done => {
        expectStatus(done, 2, args.join(' '));
        assert.match(done.stderr, /no answer in time|answer/, args.join(' '));
      }));
    }
  }
  await Promise.all(asked);
});

test('what cannot be used is named', async t => {
  const here = { cwd: scratch(t) };
  fs.writeFileSync(path.join(here.cwd, 'm.asl.json'), JSON.stringify(machine({ A: { Type: 'Pass', End: true } })));
  fs.writeFileSync(path.join(here.cwd, 'f.mjs'), 'export const handler = async () => 1;\n');
  fs.writeFileSync(path.join(here.cwd, 'large.json'), JSON.stringify('x'.repeat(6_291_457)));
  for (const [args, says] of [
    [['validate', 'nothing.json'], /[Cc]annot read '?nothing\.json/],
    [['validate', '/dev/zero'], /Cannot read \/dev\/zero: it has more than 1048576 bytes/],
    [['run', '/dev/zero'], /Cannot read \/dev\/zero: it has more than 1048576 bytes/],
    [['convert', '/dev/zero'], /Cannot read \/dev\/zero: it has more than 1048576 bytes/],
    [['validate', '/dev'], /Cannot read \/dev: it is a directory/],
    [['run', 'm.asl.json', '--data', ''], /--data: expected a directory, not an empty text/],
    [['run', 'm.asl.json', '--data', 'f.mjs'], /--data f\.mjs: it is no directory/],
    [['run', 'm.asl.json', '--name', 'a b'], /--name: Invalid Name: 'a b': expected 1 to 80 characters/],
    [['run', 'm.asl.json', '--detail-bytes', '-5'], /-5 is no size: expected a number of bytes/],
    [['run', 'm.asl.json', '--redact', ''], /--redact: '': expected letters or digits/],
    [['run', 'm.asl.json', '--http-deny', 'x'.repeat(100_000)], /--http-deny: .*\(100,00\d bytes\) is no host/],
    [['invoke', 'f', '--function', 'f=f.mjs:handler,env.B-C=2'], /name of a variable 'B-C' must be letters/],
    [['invoke', 'f', '--function', 'f=f.mjs:handler', '--payload', '@large.json'], /--payload has 6,291,459 bytes: Request must be smaller than 6291456/],
  ]) {
    const wrong = await weft(args, here);
    expectStatus(wrong, 2, args.join(' ').slice(0, 200));
    assert.match(wrong.stderr, says);
  }
});

test('too few open files are refused by number, and a low soft limit is raised', async t => {
  const here = { cwd: scratch(t) };
  fs.writeFileSync(path.join(here.cwd, 'm.asl.json'), JSON.stringify(machine({ A: { Type: 'Pass', End: true } })));
  const limited = (flag, files) => start('/bin/sh', ['-c', `ulimit ${flag} ${files} && exec "$0" run m.asl.json --data d${flag}${files}`, weftProgram], here).done;
  const refused = await limited('-n', 300);
  expectStatus(refused, 2, 'weft run with 300 files');
  assert.match(refused.stderr, /^weft: this process may have 300 files open, and needs at least 512: raise the hard limit/);
  assert.ok(!fs.existsSync(path.join(here.cwd, 'd-n300')), 'nothing is made');
  expectStatus(await limited('-Sn', 100), 0, 'weft run with a soft limit of 100 files');
});
