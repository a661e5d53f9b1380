#include "cli/import_aws.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "api/answer.h"
#include "cloudwatch/log_reader.h"
#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"
#include "runtime/names.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;
using cloudwatch::LogEvent;

constexpr int kPageSize = 1'000;
constexpr size_t kNotesMax = 20;

// The body of a request: {"NAME":"ARN", "maxResults"?, "nextToken"?}.
std::string body_of(std::string_view name, const std::string& arn, std::string_view token = "",
                    bool paged = false) {
  json::Arena arena;
  api::Answer body(arena);
  body.text(name, arn);
  if (paged) body.number("maxResults", kPageSize);
  return body.text_if("nextToken", token).to_text();
}

class Walk {
 public:
  Walk(aws::StepFunctions& client, store::Store& store, const AwsImportOptions& options)
      : client_(client), store_(store), options_(options) {}

  base::Result<AwsImportReport> run();

 private:
  using Lines = std::vector<LogEvent>;

  base::Result<Lines> history(const std::string& arn, const std::string& map_run_arn);
  // Calls `visit` with each page of `operation`.
  base::Result<void> pages(const std::string& operation, std::string_view name,
                           const std::string& arn, const std::function<void(json::Value)>& visit);
  base::Result<void> describe();
  void find_definition();
  base::Result<void> children_of(const std::string& map_run_arn);
  base::Result<void> read_children(const std::string& map_run_arn,
                                   std::span<const std::string> arns);
  base::Result<void> store_lines(Lines lines);
  void note(std::string text) {
    const std::lock_guard lock(mutex_);
    if (out_.notes.size() < kNotesMax) out_.notes.push_back(std::move(text));
  }

  aws::StepFunctions& client_;
  store::Store& store_;
  const AwsImportOptions& options_;
  base::Text definition_;
  std::string map_run_arn_;  // of the execution itself, when it is a child
  std::mutex mutex_;         // of `out_.notes` and what threads collect
  uint64_t known_ = 0;       // children
  std::atomic<uint64_t> read_ = 0;
  AwsImportReport out_;
};

base::Result<void> Walk::pages(const std::string& operation, std::string_view name,
                               const std::string& arn,
                               const std::function<void(json::Value)>& visit) {
  std::string token;
  do {
    auto reply = client_.call(operation, body_of(name, arn, token, true));
    if (!reply) return std::unexpected(reply.error());
    json::Arena arena;
    auto page = json::parse(*reply, arena);
    if (!page) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("{}: the answer is not JSON: {}", operation, page.error().message));
    }
    visit(*page);
    token = page->find("nextToken").as_string();
  } while (!token.empty());
  return {};
}

base::Result<Walk::Lines> Walk::history(const std::string& arn, const std::string& map_run_arn) {
  Lines lines;
  std::string rejected;
  auto read = pages("GetExecutionHistory", "executionArn", arn, [&](json::Value page) {
    const json::Value events = page.find("events");
    for (size_t i = 0; i < events.size(); ++i) {
      auto line = cloudwatch::parse_history_event(events.item(i), arn);
      if (!line) {
        rejected = line.error().message;
        continue;
      }
      line->map_run_arn = map_run_arn;
      lines.push_back(std::move(*line));
    }
  });
  if (!read) return std::unexpected(read.error());
  if (!rejected.empty()) note(fmt::format("{}: an event was left out: {}", arn, rejected));
  return lines;
}

base::Result<void> Walk::describe() {
  auto reply = client_.call("DescribeExecution", body_of("executionArn", options_.execution_arn));
  if (!reply) return std::unexpected(reply.error());
  json::Arena arena;
  const auto answer = json::parse(*reply, arena);
  if (answer) map_run_arn_ = answer->find("mapRunArn").as_string();
  return {};
}

void Walk::find_definition() {
  auto reply = client_.call("DescribeStateMachineForExecution",
                            body_of("executionArn", options_.execution_arn));
  if (!reply) return note("The definition is left out: " + reply.error().message);
  json::Arena arena;
  const auto answer = json::parse(*reply, arena);
  if (!answer) return;
  const std::string_view text = answer->find("definition").as_string();
  if (!text.empty()) definition_ = base::Text(text);
}

base::Result<void> Walk::store_lines(Lines lines) {
  out_.events += lines.size();
  runtime::Import into(store_, definition_);
  for (LogEvent& line : lines) into.add(std::move(line));
  auto report = into.finish();
  if (!report) return std::unexpected(report.error());
  runtime::ImportReport& sum = out_.report;
  sum.executions += report->executions;
  sum.children += report->children;
  sum.changed += report->changed;
  sum.new_events += report->new_events;
  sum.duplicates += report->duplicates;
  sum.own += report->own;
  sum.incomplete += report->incomplete;
  sum.running += report->running;
  sum.bad_arns += report->bad_arns;
  sum.map_runs = std::max(sum.map_runs, report->map_runs);
  return {};
}

// Histories of some children, by several threads, stored as one part.
base::Result<void> Walk::read_children(const std::string& map_run_arn,
                                       std::span<const std::string> arns) {
  std::atomic<size_t> next = 0;
  Lines lines;
  const auto work = [&] {
    for (size_t at = next++; at < arns.size(); at = next++) {
      auto child = history(arns[at], map_run_arn);
      if (!child) {
        note(fmt::format("{} is left out: {}", arns[at], child.error().message));
        continue;
      }
      const uint64_t read = ++read_;
      const std::lock_guard lock(mutex_);
      std::ranges::move(*child, std::back_inserter(lines));
      if (options_.progress) options_.progress(read, known_);
    }
  };
  {
    std::vector<std::jthread> threads;
    const size_t count = std::min<size_t>(static_cast<size_t>(options_.concurrency), arns.size());
    for (size_t i = 0; i < count; ++i) threads.emplace_back(work);
  }
  return store_lines(std::move(lines));
}

base::Result<void> Walk::children_of(const std::string& map_run_arn) {
  std::vector<std::string> arns;
  auto listed = pages("ListExecutions", "mapRunArn", map_run_arn, [&](json::Value page) {
    const json::Value executions = page.find("executions");
    for (size_t i = 0; i < executions.size(); ++i) {
      arns.emplace_back(executions.item(i).find("executionArn").as_string());
    }
  });
  if (!listed) {
    note(fmt::format("Children of {} are left out: {}", map_run_arn, listed.error().message));
    return {};
  }
  auto described = client_.call("DescribeMapRun", body_of("mapRunArn", map_run_arn));
  json::Arena arena;
  const auto answer = described ? json::parse(*described, arena) : base::Result<json::Value>();
  const json::Value counts = answer ? answer->find("executionCounts") : json::Value();
  const int64_t total = counts.find("total").as_int() - counts.find("pending").as_int();
  if (total > static_cast<int64_t>(arns.size())) {
    note(
        fmt::format("{} had {} children, and {} are listed (AWS keeps them for 90 days, and does "
                    "not list children of Express type)",
                    map_run_arn, total, arns.size()));
  }
  known_ += arns.size();
  for (size_t from = 0; from < arns.size(); from += options_.children_at_once) {
    const size_t count = std::min(options_.children_at_once, arns.size() - from);
    auto done = read_children(map_run_arn, std::span<const std::string>(arns).subspan(from, count));
    if (!done) return done;
  }
  return {};
}

base::Result<AwsImportReport> Walk::run() {
  if (auto done = describe(); !done) return std::unexpected(done.error());
  find_definition();
  auto lines = history(options_.execution_arn, map_run_arn_);
  if (!lines) return std::unexpected(lines.error());
  if (auto done = store_lines(std::move(*lines)); !done) return std::unexpected(done.error());
  std::vector<std::string> runs;
  auto listed = pages("ListMapRuns", "executionArn", options_.execution_arn, [&](json::Value page) {
    const json::Value found = page.find("mapRuns");
    for (size_t i = 0; i < found.size(); ++i) {
      runs.emplace_back(found.item(i).find("mapRunArn").as_string());
    }
  });
  if (!listed) note("Map Runs are left out: " + listed.error().message);
  for (const std::string& arn : runs) {
    if (auto done = children_of(arn); !done) return std::unexpected(done.error());
  }
  out_.children = read_;
  return std::move(out_);
}

}  // namespace

base::Result<AwsImportReport> import_from_aws(aws::StepFunctions& client, store::Store& store,
                                              const AwsImportOptions& options) {
  return Walk(client, store, options).run();
}

}  // namespace weft::cli
