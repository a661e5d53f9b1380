// Lambda's shutdown phase: Weft asks a process to end with SIGTERM and waits five seconds for it.
// Tracing libraries that send in batches have no later moment for what their timers still hold.

// For what the function's own handlers of SIGTERM do, and for requests on their way.
const ownHandlersMs = 4_000;
const requestsMs = 200;

// OpenTelemetry's providers of spans, metrics and log records, as its API keeps them for everybody.
function providers() {
  const api = globalThis[Symbol.for('opentelemetry.js.api.1')];
  const logs = globalThis[Symbol.for('io.opentelemetry.js.api.logs')];
  const all = [api?.trace, api?.metrics, typeof logs === 'function' ? logs(1) : undefined];
  return all.map((provider) => provider?.getDelegate?.() ?? provider)
    .filter((provider) => typeof provider?.forceFlush === 'function');
}

// `close` lets go of what keeps this runtime alive. The process ends by itself when nothing of the
// function is left to do either.
export function endOnTerminate(close) {
  let ending = false;
  process.on('SIGTERM', async () => {
    if (ending) return;
    ending = true;
    const waitMs = process.listenerCount('SIGTERM') > 1 ? ownHandlersMs : requestsMs;
    close();
    await Promise.allSettled(providers().map(async (provider) => provider.forceFlush()));
    // Connections and timers of the function would keep it for ever.
    setTimeout(() => process.exit(0), waitMs).unref();
  });
}
