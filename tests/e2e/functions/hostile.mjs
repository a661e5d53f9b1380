// Says what would drive a terminal wherever a function can say something: in what it prints, in what it answers and throws,
// and in the spans it sends.
import { randomBytes } from 'node:crypto';

const moves = '\u001b[2J\u001b[31m\u001b]8;;http://evil.example\u0007link\u001b]8;;\u0007\u001b]52;c;ZXZpbA==\u0007';
export const hostile = `${moves}\u0000\u0008\r\u007f\u009b31m\u0085\u202eover\u2066ride\u2028日本語の長い名前`;

const nanoseconds = () => String(BigInt(Date.now()) * 1_000_000n);

async function sendSpan() {
  const time = nanoseconds();
  const text = key => ({ key, value: { stringValue: hostile } });
  const span = {
    traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), name: `call ${hostile}`, kind: 3,
    startTimeUnixNano: time, endTimeUnixNano: time, attributes: [text('resource.name'), text(`key ${hostile}`)],
    events: [{ timeUnixNano: time, name: hostile, attributes: [text('x')] }], status: { code: 2, message: hostile },
  };
  await fetch(`${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`, {
    method: 'POST', headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  });
}

export async function handler(event) {
  const number = event.number ?? 0;
  console.log(`printed ${hostile}`);
  console.error(`ERROR ${hostile}`);
  process.stdout.write(Buffer.from([0x6f, 0xff, 0xfe, 0x1b, 0x63, 0x0a]));
  if (number % 40 === 0) await sendSpan();
  if (number % 10 === 3) throw Object.assign(new Error(`no ${hostile} ${'very '.repeat(60)}long`), { name: `Bad${hostile}Error` });
  return { said: hostile, number };
}
