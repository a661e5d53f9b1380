// The file exports, compared with the files under tests/trace/. WEFT_WRITE_EXPECTED=1 writes those
// anew, to be read before they are committed.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include <gtest/gtest.h>

#include "json/parse.h"
#include "trace/export_jaeger.h"
#include "trace/export_ndjson.h"
#include "trace/redriven_histories.h"
#include "trace/test_histories.h"

namespace weft::trace {
namespace {

using Export = base::Result<void> (*)(const TraceSource&, const SpanStreamOptions&, const Write&);

std::string text_of(Export write_trace, const TraceSource& source) {
  std::string out;
  EXPECT_TRUE(write_trace(source, {}, [&out](std::string_view piece) { out += piece; }));
  return out;
}

// What a function sent, below one call of `source`.
TraceSource with_inner(TraceSource source) {
  source.parent.inner = {
      {.span_id = 0x51,
       .parent_id = 0x50,
       .service = "thumbnails",
       .name = "S3.GetObject",
       .resource = "getObject photos",
       .start_ns = testing::kStart * 1'000'000,
       .duration_ns = 1'234'567,
       .error = true,
       .error_type = "NoSuchKey",
       .error_message = "no \"a.jpg\"",
       .attributes = {{"http.status_code", "404"}},
       .events = {{.time_ns = testing::kStart * 1'000'000 + 5'000,
                   .name = "retry \"2\"",
                   .attributes = {{"delay", "5"}, {"host", "a"}}},
                  {.time_ns = testing::kStart * 1'000'000 + 9'000}},
       .links = {{.trace = {1, 2}, .span_id = 0x99},
                 {.trace = {7, 8}, .span_id = 0x50, .attributes = {{"why", "batch"}}}}}};
  return source;
}

struct Case {
  const char* file;
  Export write_trace;
  TraceSource source;
};

TEST(FileExports, MatchTheExpectedFiles) {
  const Case cases[] = {
      {"mixed.jaeger.json", export_jaeger, with_inner(testing::mixed())},
      {"fan_out.jaeger.json", export_jaeger, testing::fan_out(3)},
      {"mixed.ndjson", export_ndjson, with_inner(testing::mixed())},
      {"fan_out.ndjson", export_ndjson, testing::fan_out(3)},
      {"redriven.ndjson", export_ndjson, testing::redriven()},
      {"redriven_map.ndjson", export_ndjson, testing::redriven_map()},
      {"redriven_map.jaeger.json", export_jaeger, testing::redriven_map()},
  };
  for (const Case& each : cases) {
    const std::string path = std::string(WEFT_SOURCE_DIR "/tests/trace/") + each.file;
    const std::string actual = text_of(each.write_trace, each.source);
    if (std::getenv("WEFT_WRITE_EXPECTED") != nullptr) std::ofstream(path) << actual;
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    const std::string expected((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(actual, expected) << each.file;
  }
}

// What Jaeger's page insists on: one trace id, span ids that differ, parents and processes that
// exist.
TEST(ExportJaeger, IsOneConnectedTrace) {
  json::Arena arena;
  const std::string text = text_of(export_jaeger, testing::fan_out(600));
  const auto file = json::parse(text, arena);
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(file->find("data").size(), 1u);
  const json::Value trace = file->find("data").item(0);
  const json::Value spans = trace.find("spans");
  EXPECT_GT(spans.size(), 600u * 4);
  std::set<std::string_view> ids;
  for (size_t i = 0; i < spans.size(); ++i) {
    const json::Value span = spans.item(i);
    EXPECT_EQ(span.find("traceID").as_string(), trace.find("traceID").as_string());
    EXPECT_TRUE(ids.insert(span.find("spanID").as_string()).second);
    const json::Value references = span.find("references");
    EXPECT_EQ(references.size(), i == 0 ? 0u : 1u);
    if (references.size() > 0) {
      EXPECT_TRUE(ids.contains(references.item(0).find("spanID").as_string()));
    }
    EXPECT_TRUE(span.find("startTime").is_integral());
    EXPECT_TRUE(span.find("duration").is_integral());
    const json::Value process = trace.find("processes").find(span.find("processID").as_string());
    EXPECT_FALSE(process.find("serviceName").as_string().empty());
  }
}

TEST(ExportNdjson, EachLine_IsAnObjectWithTheDocumentedMembers) {
  const std::string text = text_of(export_ndjson, testing::fan_out(600));
  size_t lines = 0;
  for (size_t at = 0; at < text.size(); ++lines) {
    const size_t end = text.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    json::Arena arena;
    const auto span = json::parse(std::string_view(text).substr(at, end - at), arena);
    ASSERT_TRUE(span) << span.error().message;
    for (const char* member : {"traceId", "spanId", "kind", "name", "start", "status"}) {
      EXPECT_TRUE(span->find(member).is_string()) << member;
    }
    EXPECT_TRUE(span->find("startUs").is_integral());
    EXPECT_TRUE(span->find("durationUs").is_integral());
    EXPECT_TRUE(span->find("attributes").is_object());
    at = end + 1;
  }
  EXPECT_GT(lines, 600u * 4);
}

}  // namespace
}  // namespace weft::trace
