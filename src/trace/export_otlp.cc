#include "trace/export_otlp.h"

#include "trace/otlp_batch.h"

namespace weft::trace {
namespace {

constexpr size_t kSpansPerLine = 1'000;

}  // namespace

base::Result<void> export_otlp(const TraceSource& source, const SpanStreamOptions& options,
                               const Write& write) {
  OtlpBatch batch;
  auto done = for_each_span(source, options, [&](const PlacedSpan& placed) {
    batch.add(placed.span, placed.service);
    if (batch.spans() == kSpansPerLine) write(batch.take() + "\n");
  });
  if (batch.spans() > 0) write(batch.take() + "\n");
  return done;
}

}  // namespace weft::trace
