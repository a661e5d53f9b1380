#include "telemetry/datadog_batch.h"

#include <map>

#include <gtest/gtest.h>

#include "telemetry/decode_traces.h"
#include "trace/error_text.h"
#include "trace/span_stream.h"
#include "trace/test_histories.h"

namespace weft::telemetry {
namespace {

// Our own intake reads what we send to an agent: nothing of a span is lost on the way.
TEST(DatadogBatch, IsWhatOurIntakeReads) {
  for (const trace::TraceSource& source : {trace::testing::fan_out(50), trace::testing::mixed()}) {
    DatadogBatch batch;
    std::map<uint64_t, trace::Span> sent;
    ASSERT_TRUE(trace::for_each_span(source, {}, [&](const trace::PlacedSpan& placed) {
      batch.add(placed.span, source.parent.machine);
      sent.emplace(placed.span.span_id, placed.span);
    }));
    EXPECT_EQ(batch.spans(), sent.size());
    EXPECT_EQ(batch.traces(), 1u);
    const auto chunks = decode_datadog_v04(batch.take());
    EXPECT_EQ(batch.spans(), 0u);
    ASSERT_TRUE(chunks) << chunks.error().message;
    ASSERT_EQ(chunks->size(), 1u);
    ASSERT_EQ(chunks->front().size(), sent.size());
    for (const InnerSpan& read : chunks->front()) {
      const trace::Span& span = sent.at(read.span_id);
      EXPECT_EQ(read.trace, span.trace);
      EXPECT_EQ(read.parent_id, span.parent_id);
      EXPECT_EQ(read.start_ns, span.start_us * 1'000);
      EXPECT_EQ(read.duration_ns, span.duration_us * 1'000);
      EXPECT_EQ(read.error, span.failed());
      const trace::ErrorText text = trace::error_text(span.cause);
      EXPECT_EQ(read.error_message, text.message);
      EXPECT_EQ(read.error_stack, text.stack);
      EXPECT_EQ(read.service, source.parent.machine);
      EXPECT_EQ(read.type, "serverless");
      EXPECT_FALSE(read.name.empty() || read.resource.empty());
      if (span.kind == trace::SpanKind::kChild) {
        EXPECT_EQ(read.resource, "process-images/ProcessImageMap");
      }
    }
  }
}

TEST(DatadogBatch, TracesAreChunks_AndFunctionsKeepTheirNames) {
  trace::Span own;
  own.trace = {.high = 1, .low = 2};
  own.span_id = 3;
  own.kind = trace::SpanKind::kState;
  own.name = "Resize";
  trace::Span inner;
  inner.trace = {.high = 0xabc, .low = 5};
  inner.span_id = 6;
  inner.kind = trace::SpanKind::kInner;
  inner.name = "aws.request";
  inner.resource = "getObject photos";
  inner.attributes = {{"service.name", "thumbnails"}, {"span.type", "http"}, {"aws.region", "x"}};
  inner.events = {
      {.time_ns = 1'700'000'000'000'000'001, .name = "retry \"2\"", .attributes = {{"n", "2"}}}};
  inner.links = {{.trace = {0xabc, 0xdef}, .span_id = 9, .attributes = {{"why", "batch"}}}};
  DatadogBatch batch;
  batch.add(own, "machine");
  batch.add(inner, "machine");
  EXPECT_EQ(batch.traces(), 2u);
  const auto chunks = decode_datadog_v04(batch.take());
  ASSERT_TRUE(chunks && chunks->size() == 2);
  const InnerSpan& state = chunks->at(0).front();
  EXPECT_EQ(state.name, "aws.stepfunctions.state");
  EXPECT_EQ(state.resource, "Resize");
  EXPECT_EQ(state.service, "machine");
  const InnerSpan& call = chunks->at(1).front();
  EXPECT_EQ(call.trace, inner.trace);
  EXPECT_EQ(call.name, "aws.request");
  EXPECT_EQ(call.resource, "getObject photos");
  EXPECT_EQ(call.service, "thumbnails");
  EXPECT_EQ(call.type, "http");
  EXPECT_EQ(call.events, inner.events);
  EXPECT_EQ(call.links, inner.links);
  EXPECT_TRUE(state.events.empty() && state.links.empty());
}

}  // namespace
}  // namespace weft::telemetry
