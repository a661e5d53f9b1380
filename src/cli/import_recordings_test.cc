#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cli/import_fixture.h"
#include "history/event.h"
#include "json/write.h"

// Histories recorded on AWS, read as `aws stepfunctions get-execution-history` prints them: all
// events come in, and each state and iteration is one span below another.

namespace weft::cli {
namespace {

using history::EventType;

std::string shared_folder() {
  const char* set = std::getenv("WEFT_SHARED");
  return set != nullptr ? set : WEFT_SOURCE_DIR "/../shared";
}

// The recorded events as one answer of the service, with times, which the recordings leave out;
// "" when they have no numbers either (what runs side by side has no order of its own).
std::string answer_of(json::Value events) {
  constexpr std::string_view kTime = R"("timestamp":"timestamp")";
  std::string answer = R"({"events":[)";
  for (size_t i = 0; i < events.size(); ++i) {
    if (!events.item(i).find("id").is_number()) return {};
    std::string event = json::to_text(events.item(i));
    const size_t at = event.find(kTime);
    if (at == std::string::npos) return {};
    event.replace(at, kTime.size(),
                  fmt::format(R"("timestamp":"2024-06-24T12:{:02}:{:02}Z")", i / 60, i % 60));
    answer += (i == 0 ? "" : ",") + event;
  }
  return answer + "]}";
}

struct Found {
  std::vector<EventType> types;
  size_t states = 0;
  size_t iterations = 0;
  size_t orphans = 0;
  friend bool operator==(const Found&, const Found&) = default;
};

// What the recording tells.
Found recorded(json::Value events) {
  Found found;
  for (size_t i = 0; i < events.size(); ++i) {
    const std::string_view name = events.item(i).find("type").as_string();
    for (size_t type = 0; type < history::kEventTypeCount; ++type) {
      if (history::to_string(static_cast<EventType>(type)) == name) {
        found.types.push_back(static_cast<EventType>(type));
      }
    }
    found.states += name.ends_with("StateEntered") ? 1 : 0;
    found.iterations += name == "MapIterationStarted" ? 1 : 0;
  }
  return found;
}

Found imported(const store::Store& store, const std::string& arn) {
  Found found;
  const reading::Query query(store, {});
  for (const Event& event : *query.events(*query.find_execution(arn))) {
    if (!history::is_internal(event.type)) found.types.push_back(event.type);
  }
  const auto source = reading::read_trace_source(query, arn, 0);
  EXPECT_TRUE(source);
  std::map<uint64_t, int> ids = {{0, 1}};
  const auto done = trace::for_each_span(*source, {}, [&](trace::PlacedSpan& placed) {
    found.states += placed.span.kind == trace::SpanKind::kState ? 1 : 0;
    found.iterations += placed.span.kind == trace::SpanKind::kIteration ? 1 : 0;
    found.orphans += ids.contains(placed.span.parent_id) ? 0 : 1;
    found.orphans += ids[placed.span.span_id]++;  // ids are given once
  });
  EXPECT_TRUE(done);
  return found;
}

TEST(ImportRecordings, HistoriesOfAws_ComeInWhole) {
  constexpr size_t kKnown = 300;  // of those with numbers
  const std::string path = shared_folder() + "/data/aws-recordings/cases.jsonl";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "NOT RUN: " << kKnown << " recorded histories: no " << path;
  size_t count = 0;
  for (std::string line; std::getline(file, line);) {
    json::Arena arena;
    const auto recording = json::parse(line, arena);
    ASSERT_TRUE(recording);
    const json::Value events = recording->find("expect").find("events");
    if (!events.is_array() || events.size() == 0 ||
        events.item(0).find("previousEventId").is_undefined()) {
      continue;
    }
    const std::string answer = answer_of(events);
    if (answer.empty()) continue;
    SCOPED_TRACE(recording->find("id").as_string());
    ++count;
    const auto store = store::open_memory();
    const std::string arn =
        fmt::format("arn:aws:states:us-east-1:000000000000:execution:m:e{}", count);
    importing::Import into(*store, base::Text());
    cloudwatch::LogReader reader([&](LogEvent event) { into.add(std::move(event)); });
    reader.set_execution(arn);
    reader.read(answer);
    EXPECT_EQ(reader.rejected(), 0u);
    const auto report = into.finish();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->incomplete, 0u);
    EXPECT_TRUE(imported(*store, arn) == recorded(events));
  }
  EXPECT_GE(count, kKnown);
}

}  // namespace
}  // namespace weft::cli
