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

// As Datadog's tracing libraries send them, in MessagePack, with bytes among the tags that are no UTF-8.
function packed(value) {
  const sized = (tag, size, bytes) => {
    const head = Buffer.alloc(5);
    head[0] = tag;
    head.writeUInt32BE(size, 1);
    return Buffer.concat([head, ...bytes]);
  };
  if (Buffer.isBuffer(value)) return sized(0xdb, value.length, [value]);
  if (typeof value === 'string') return packed(Buffer.from(value));
  if (typeof value === 'bigint') {
    const bytes = Buffer.alloc(9);
    bytes[0] = 0xcf;
    bytes.writeBigUInt64BE(value, 1);
    return bytes;
  }
  if (Array.isArray(value)) return sized(0xdd, value.length, value.map(packed));
  const members = Object.entries(value);
  return sized(0xdf, members.length, members.flatMap(member => member.map(packed)));
}

async function sendDatadogSpan() {
  const bad = Buffer.concat([Buffer.from(hostile), Buffer.from([0xff, 0xfe, 0xc3, 0x1b, 0x5b, 0x32, 0x4a, 0xed, 0xa0, 0x80])]);
  const random = () => randomBytes(8).readBigUInt64BE() >> 1n;
  const span = {
    trace_id: random(), span_id: random(), parent_id: 0n, name: bad, resource: bad, service: bad, type: bad,
    start: BigInt(nanoseconds()), duration: 1_000_000n, error: 1n,
    meta: { dd: bad, [hostile]: bad, 'error.type': bad, 'error.message': bad, 'error.stack': bad },
  };
  await fetch(`${process.env.DD_TRACE_AGENT_URL}/v0.4/traces`, {
    method: 'PUT', headers: { 'Content-Type': 'application/msgpack' }, body: packed([[span]]),
  });
}

export async function handler(event) {
  const number = event.number ?? 0;
  console.log(`printed ${hostile}`);
  console.error(`ERROR ${hostile}`);
  process.stdout.write(Buffer.from([0x6f, 0xff, 0xfe, 0x1b, 0x63, 0x0a]));
  if (number % 40 === 0 || number % 40 === 3) {
    await sendSpan();
    await sendDatadogSpan();
  }
  if (number % 10 === 3) throw Object.assign(new Error(`no ${hostile} ${'very '.repeat(60)}long`), { name: `Bad${hostile}Error` });
  return { said: hostile, number };
}
