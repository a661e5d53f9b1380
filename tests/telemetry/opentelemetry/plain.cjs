// A function that sets OpenTelemetry's SDK up by itself, as its documentation begins: the batch
// exporter, and nobody who flushes it. Its pause of five seconds is much longer here: no run takes so long.
const { SpanStatusCode, trace } = require('@opentelemetry/api');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto');
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { BatchSpanProcessor } = require('@opentelemetry/sdk-trace-base');

// What the settings of the environment would make shorter.
const processor = new BatchSpanProcessor(new OTLPTraceExporter(), { scheduledDelayMillis: 900_000 });
new NodeSDK({ spanProcessors: [processor] }).start();
const tracer = trace.getTracer('orders');

exports.handler = async event => {
  const earlier = tracer.startSpan('read order');
  earlier.addEvent('cache miss', { key: 'order/7', 'api.token': 's3cret' });
  earlier.end();
  const links = [{ context: earlier.spanContext(), attributes: { reason: 'same order' } }];
  const span = tracer.startSpan('check order', { links });
  span.recordException(new TypeError('no such customer'));
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'refused' });
  span.end();
  return event;
};
