// Puts secrets wherever a function can put something: what it prints, log records, spans, answer and
// error. `event.c` names them.
const base = process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
const text = value => ({ stringValue: value });
const attributes = all => Object.entries(all).map(([key, value]) => ({ key, value: text(value) }));

async function send(kind, body) {
  const response = await fetch(`${base}/v1/${kind}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (response.status !== 200) throw new Error(`${kind}: ${response.status}`);
}

export async function handler({ n, c }) {
  const [, traceId, spanId] = process.env.TRACEPARENT.split('-');
  const now = `${Date.now()}000000`;
  const span = {
    traceId, spanId: `00000000000000${(n + 16).toString(16)}`, parentSpanId: spanId, name: `call https://u:${c.urlInName}@host/`,
    startTimeUnixNano: now, endTimeUnixNano: now, kind: 3,
    attributes: attributes({ 'http.request.headers.authorization': c.spanAttribute, 'http.url': `http://h/?token=${c.spanUrl}`, 'resource.name': `GET /?api_key=${c.resource}` }),
    status: { code: 2, message: `refused: password=${c.spanError}` },
    events: [{ timeUnixNano: now, name: 'exception', attributes: attributes({
      'exception.type': 'E', 'exception.message': `refused: password=${c.spanError}`, 'exception.stacktrace': `E: client_secret: ${c.spanStack}\n  at x`,
    }) }],
  };
  await send('traces', { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  const log = (body, more = {}) => ({ timeUnixNano: now, severityNumber: 9, body, attributes: attributes(more) });
  await send('logs', { resourceLogs: [{ scopeLogs: [{ logRecords: [
    log(text(`token=${c.recordBody}`), { 'api.key': c.recordAttribute, url: `/?access_token=${c.recordUrl}` }),
    log({ kvlistValue: { values: attributes({ password: c.recordMember }) } }),
  ] }] }] });

  console.log(`password=${c.printedValue} user=bob`);
  console.log(JSON.stringify({ level: 'info', secret: c.printedJson, message: `token: ${c.printedInJson}` }));
  console.log({ n, clientSecret: c.printedObject });
  console.log(`request headers: {"authorization": "Bearer ${c.printedHeader}"}`);
  console.log(`sent Bearer ${c.printedBearer} to them`);
  console.log(`id ${c.keyId} with ${c.secretKey}`);
  console.log(`jwt ${c.webToken}`);
  console.log(`-----BEGIN PRIVATE KEY-----\n${c.privateKey}\n-----END PRIVATE KEY-----`);
  console.log(`postgres://u:${c.connection}@db/x`);
  console.error(`DB_PASSWORD: ${c.printedError}`);
  console.error(`Cookie: sid=${c.printedCookie}; a=b`);
  if (n === 2) throw new Error(`cannot log in with password=${c.thrown}`);
  return { sessionId: c.answer, note: `new token: ${c.answerNote}` };
}
