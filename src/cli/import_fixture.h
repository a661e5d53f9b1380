#pragma once

#include <algorithm>
#include <atomic>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "clock/system_clock.h"
#include "cloudwatch/log_reader.h"
#include "importing/import.h"
#include "integrations/task_router.h"
#include "json/arena.h"
#include "json/parse.h"
#include "reading/trace_source.h"
#include "running/host.h"
#include "running/misfits.h"
#include "trace/export_otlp.h"
#include "trace/nested.h"
#include "trace/span_stream.h"

// An execution that Weft ran, as log lines, and the way to compare what an import makes of them.

namespace weft::cli {

using cloudwatch::LogEvent;
using history::Event;

// Nobody comes near it.
inline const clock::SystemClock kClock;
inline constexpr int64_t kDeadlineMs = 300'000;

// Answers functions at once: `fail` never works, `flaky` only the second time, `some` not for each
// twentieth item.
class FakeFunctions : public integrations::TaskRunner {
 public:
  void run(const integrations::TaskRequest& request, Done done) override {
    const std::string text = request.parameters.str();
    json::Arena arena;
    const auto parameters = json::parse(text, arena);
    const int64_t item = parameters->find("Payload").find("item").as_int();
    const history::InvocationTiming timing{.started_ms = request.entered_ms,
                                           .queued_us = item % 7 * 10,
                                           .init_us = item % 10 == 0 ? 300 : 0,
                                           .run_us = 200 + item,
                                           .sandbox = 1 + static_cast<uint32_t>(item % 3)};
    const bool fails = text.contains("\"fail\"") || (text.contains("\"flaky\"") && calls_++ == 0) ||
                       (text.contains("\"some\"") && item % 20 == 0);
    if (fails) {
      done(engine::TaskFailed{.scope = request.scope,
                              .task = request.task,
                              .error = "Broken",
                              .cause = "item " + std::to_string(item) + " does not work",
                              .timing = timing});
    } else {
      done(engine::TaskSucceeded{.scope = request.scope,
                                 .task = request.task,
                                 .output = base::Text(R"({"Payload":{"ok":true}})"),
                                 .timing = timing});
    }
  }
  void cancel(const std::string&) override {}

 private:
  std::atomic<int> calls_ = 0;
};

inline std::string read_file_of(const std::string& path) {
  std::ifstream file(std::string(WEFT_SOURCE_DIR) + "/" + path);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

// All spans of a trace as text, one a line, in an order of its own.
inline std::string spans_of(const store::Store& store, const std::string& arn,
                            const trace::Redactor& payloads = trace::Redactor()) {
  const reading::Query query(store, {});
  const auto source = reading::read_trace_source(query, arn, 0);
  if (!source) return source.error().message;
  std::string text;
  const auto done = trace::export_otlp(*source, {.payloads = &payloads},
                                       [&](std::string_view piece) { text += piece; });
  if (!done) return done.error().message;
  // Spans of children come in the order of their rows, which is none of the trace.
  std::set<std::string> spans;
  size_t at = text.find("{\"traceId\"");
  while (at != std::string::npos) {
    const size_t next = text.find("{\"traceId\"", at + 1);
    std::string span = text.substr(at, next - at);
    span.resize(span.rfind("\"status\":{"));
    spans.insert(std::move(span));
    at = next;
  }
  std::string out;
  for (const std::string& span : spans) out += span + "\n";
  return out;
}

// Imports log lines of which none is refused.
inline importing::ImportReport import_lines(store::Store& store,
                                            const std::vector<std::string>& lines) {
  importing::Import into(store, base::Text());
  cloudwatch::LogReader reader([&](LogEvent line) { into.add(std::move(line)); });
  for (const std::string& line : lines) reader.read(line);
  EXPECT_EQ(reader.rejected(), 0u);
  auto report = into.finish();
  EXPECT_TRUE(report) << report.error().message;
  const auto misfits = running::find_misfits(store, kClock.now_ms());
  EXPECT_TRUE(misfits) << misfits.error().message;
  if (misfits && !misfits->found.empty()) ADD_FAILURE() << misfits->found.front().what;
  return report.value_or(importing::ImportReport());
}

// What ran once for all tests of this file.
class ImportTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    store_ = store::open_memory().release();
    FakeFunctions functions;
    auto host = running::Host::open({.clock = &kClock, .shards = 2, .tasks = &functions}, *store_,
                                    nullptr, nullptr);
    ASSERT_TRUE(host) << host.error().message;
    std::string machine_arn;
    for (const std::string name : {"inner", "everything"}) {
      const auto machine = (*host)->create_state_machine(
          {.name = name,
           .definition = base::Text(read_file_of("tests/cloudwatch/" + name + ".asl.json"))});
      ASSERT_TRUE(machine) << machine.error().message;
      machine_arn = machine->arn;
    }
    const auto started = (*host)->start_execution({.machine_arn = machine_arn, .name = "e"});
    ASSERT_TRUE(started) << started.error().message;
    ASSERT_TRUE((*host)->wait(started->arn, kDeadlineMs)) << history_of(started->arn);
    arn_ = started->arn;
  }
  static std::string history_of(const std::string& arn) {
    const reading::Query query(*store_, {});
    std::string out;
    for (const Event& event : *query.events(*query.find_execution(arn))) {
      out += std::to_string(event.id) + " " + std::string(history::to_string(event.type)) + " " +
             event.name + " " + event.error.value_or("") + " " + event.cause.value_or("") + "\n";
    }
    return out;
  }
  static void TearDownTestSuite() { delete std::exchange(store_, nullptr); }

  static void append(const reading::Query& query, history::ExecutionKey key, LogEvent line,
                     const cloudwatch::LogLineOptions& options, std::vector<std::string>& lines) {
    for (Event& event : *query.events(key)) {
      if (history::is_internal(event.type)) continue;
      line.event = std::move(event);
      cloudwatch::append_log_line(line, options, lines.emplace_back());
    }
  }

  // The execution as log lines, with its children and what is nested in it, and in these.
  static std::vector<std::string> log_lines(const cloudwatch::LogLineOptions& options) {
    const reading::Query query(*store_, {});
    std::vector<std::string> lines;
    append_execution(query, arn_, options, lines, true);
    return lines;
  }
  // All of it as it may arrive: a third of the lines twice, in any order.
  static std::vector<std::string> delivered_lines(std::mt19937& random) {
    std::vector<std::string> lines = log_lines({});
    const size_t once = lines.size();
    for (size_t i = 0; i < once; ++i) {
      if (random() % 3 == 0) lines.push_back(lines[i]);
    }
    std::ranges::shuffle(lines, random);
    return lines;
  }
  static void append_execution(const reading::Query& query, const std::string& arn,
                               const cloudwatch::LogLineOptions& options,
                               std::vector<std::string>& lines, bool nested = false) {
    append_all(query, *query.find_execution(arn), {.execution_arn = arn}, options, nested, lines);
  }
  static void append_all(const reading::Query& query, history::ExecutionKey key,
                         const LogEvent& line, const cloudwatch::LogLineOptions& options,
                         bool nested, std::vector<std::string>& lines) {
    append(query, key, line, options, lines);
    for (const records::MapRunRecord& run : *query.map_runs(key)) {
      (void)query.rows(run.number, [&](const history::ChildRow& row) {
        append_all(query, {run.number, row.index},
                   {.execution_arn = query.child_arn(run, row.index),
                    .map_run_arn = run.arn,
                    .child = cloudwatch::ChildFacts{row.index, row.items, row.duration_us}},
                   options, nested, lines);
        return true;
      });
    }
    for (const Event& event : *query.events(key)) {
      if (!nested || event.type != history::EventType::kTaskSubmitted) continue;
      append_execution(query, trace::nested_execution_of(event), options, lines, true);
    }
  }

  static std::string dump(const store::Store& store) {
    std::string out;
    for (size_t family = 0; family < store::kFamilyCount; ++family) {
      (void)store.scan(static_cast<store::Family>(family), "", "", false,
                       [&](std::string_view key, std::string_view value) {
                         out += key;
                         out += '=';
                         out += value;
                         out += '\n';
                         return true;
                       });
    }
    return out;
  }

  static inline store::Store* store_ = nullptr;
  static inline std::string arn_;
};

}  // namespace weft::cli
