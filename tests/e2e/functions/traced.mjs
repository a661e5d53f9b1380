// Sends one span of its own for every call, as a tracing library would; every 50th item fails, those after FREE wait for
// the gate, and of KEEP it asks to keep the span.
import { randomBytes } from 'node:crypto';
import { opened } from './gate.mjs';

const nanoseconds = () => String(BigInt(Date.now()) * 1_000_000n);

export async function handler({ item }) {
  if (item > Number(process.env.FREE)) await opened();
  const startTimeUnixNano = nanoseconds();
  const span = {
    traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), name: `work on ${item}`, kind: 1,
    startTimeUnixNano, endTimeUnixNano: nanoseconds(),
  };
  if (String(item) === process.env.KEEP) span.attributes = [{ key: 'manual.keep', value: { boolValue: true } }];
  const answer = await fetch(`${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  });
  if (!answer.ok) throw new Error(`the span was refused: ${answer.status} ${await answer.text()}`);
  if (item % 50 === 0) throw new RangeError(`item ${item} is one of the bad`);
  return item;
}
