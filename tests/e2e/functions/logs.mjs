// Prints, and between its lines sends a log record over OTLP as a logging library would. Numbers
// that are multiples of 3 fail at their first attempt.
import { gzipSync } from 'node:zlib';
import { opened } from './gate.mjs';

const url = `${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/logs`;

// Nanoseconds of a millisecond that has just begun: later than all that happened before.
function laterMoment() {
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  return `${now}000000`;
}

async function send(records) {
  const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ scope: { name: 'orders' }, logRecords: records }] }] });
  const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' };
  const response = await fetch(url, { method: 'POST', headers, body: gzipSync(body) });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
}

export async function handler({ n, retry }) {
  console.log(`first ${n}`);
  await send([]);
  const record = {
    timeUnixNano: laterMoment(), severityNumber: 13, body: { stringValue: `record ${n}` },
    attributes: [{ key: 'order', value: { intValue: `${n}` } }, { key: 'api.token', value: { stringValue: 's3cret' } }],
  };
  // With the trace of the call, or with nothing: then the process that sent it tells the call.
  if (n % 2 === 0) [, record.traceId, record.spanId] = process.env.TRACEPARENT.split('-');
  await send([record]);
  console.error(`second ${n}`);
  if (n % 3 === 0 && retry === 0) throw new Error(`not yet ${n}`);
  return n;
}

/** Prints more than a call may keep: 4,000 lines of 64 bytes. */
export async function chatter() {
  for (let i = 0; i < 4_000; ++i) console.log(`line ${i}`.padEnd(63, '.'));
  return 1;
}

/** Prints at the beginning and at the end; between them numbers after FREE wait until the file GATE exists. */
export async function held(n) {
  console.log(`begin ${n}`);
  if (n > Number(process.env.FREE)) await opened();
  console.log(`end ${n}`);
  return n;
}
