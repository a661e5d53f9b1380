// Counts and measures over OTLP as an SDK would: each process tells what it has counted since its
// start, and a histogram of what came since the last push.
const url = `${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/metrics`;
const startTimeUnixNano = `${Date.now()}000000`;
const done = { odd: 0, even: 0 };

export async function handler({ n }) {
  ++done[n % 2 ? 'odd' : 'even'];
  const timeUnixNano = `${Date.now()}000000`;
  const counts = Object.entries(done).filter(([, count]) => count > 0).map(([kind, count]) => ({
    startTimeUnixNano, timeUnixNano, asInt: `${count}`, attributes: [{ key: 'kind', value: { stringValue: kind } }],
  }));
  const size = { startTimeUnixNano, timeUnixNano, count: '1', sum: n, bucketCounts: ['0', '1', '0'], explicitBounds: [0, 100] };
  const metrics = [
    { name: 'orders.done', sum: { isMonotonic: true, aggregationTemporality: 2, dataPoints: counts } },
    { name: 'orders.size', histogram: { aggregationTemporality: 1, dataPoints: [size] } },
    { name: 'orders.last', gauge: { dataPoints: [{ timeUnixNano, asInt: '7' }] } },
    { name: 'orders.old', summary: { dataPoints: [{ timeUnixNano, count: '1', sum: 1 }] } },
  ];
  const body = JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  const { partialSuccess } = await response.json();
  if (response.status !== 200 || partialSuccess.rejectedDataPoints !== '1') throw new Error(`answered ${response.status}`);
  return n;
}
