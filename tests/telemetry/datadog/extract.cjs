// Reads events, a JSON array on standard input, as Datadog's library does before it calls a handler.
// Prints [{trace, span}] in decimal; null where it finds no context.
const { TraceContextExtractor } = require('datadog-lambda-js/dist/trace/context/extractor');
const { StepFunctionContextService } = require('datadog-lambda-js/dist/trace/step-function-service');
const { TracerWrapper } = require('datadog-lambda-js/dist/trace/tracer-wrapper');
require('dd-trace').init({ startupLogs: false });

async function extract(event) {
  StepFunctionContextService.reset();
  const context = await new TraceContextExtractor(new TracerWrapper(), {}).extract(event, {});
  return context && { trace: context.toTraceId(), span: context.toSpanId() };
}

(async () => {
  const found = [];
  for (const event of JSON.parse(require('node:fs').readFileSync(0, 'utf8'))) found.push(await extract(event));
  console.log(JSON.stringify(found));
  process.exit(0);
})();
