#include "importing/aws_reader.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "arn/arn.h"
#include "aws/answer.h"
#include "json/arena.h"
#include "json/parse.h"

namespace weft::importing {
namespace {

using base::ErrorCode;
using base::fail;
using json::Value;

constexpr int kPageSize = 1'000;

// The body of a request: {"NAME":"ARN", "maxResults"?, "nextToken"?}.
std::string body_of(std::string_view name, const std::string& arn, std::string_view token = "",
                    bool paged = false) {
  json::Arena arena;
  aws::Answer body(arena);
  body.text(name, arn);
  if (paged) body.number("maxResults", kPageSize);
  return body.text_if("nextToken", token).to_text();
}

std::unexpected<base::Error> no_json(const std::string& operation, const base::Error& error) {
  return fail(ErrorCode::kUnavailable,
              fmt::format("{}: the answer is not JSON: {}", operation, error.message));
}

}  // namespace

base::Result<void> AwsReader::pages(const std::string& operation, std::string_view name,
                                    const std::string& arn,
                                    const std::function<void(Value)>& visit) {
  std::string token;
  do {
    auto reply = client_.call(operation, body_of(name, arn, token, true));
    if (!reply) return std::unexpected(reply.error());
    json::Arena arena;
    auto page = json::parse(*reply, arena);
    if (!page) return no_json(operation, page.error());
    visit(*page);
    token = page->find("nextToken").as_string();
  } while (!token.empty());
  return {};
}

base::Result<std::vector<std::string>> AwsReader::list(const std::string& operation,
                                                       std::string_view name,
                                                       const std::string& arn,
                                                       std::string_view items,
                                                       std::string_view member) {
  std::vector<std::string> found;
  auto listed = pages(operation, name, arn, [&](Value page) {
    const Value entries = page.find(items);
    if (!entries.is_array()) return;
    for (size_t i = 0; i < entries.size(); ++i) {
      found.emplace_back(entries.item(i).find(member).as_string());
    }
  });
  if (!listed) return std::unexpected(listed.error());
  return found;
}

base::Result<AwsHistory> AwsReader::history(const std::string& arn,
                                            const std::string& map_run_arn) {
  AwsHistory history{.arn = arn};
  auto read = pages("GetExecutionHistory", "executionArn", arn, [&](Value page) {
    const Value events = page.find("events");
    if (!events.is_array()) return;
    for (size_t i = 0; i < events.size(); ++i) {
      auto event = cloudwatch::parse_history_event(events.item(i), arn);
      if (!event) {
        ++history.rejected;
        history.reject = event.error().message;
        continue;
      }
      event->map_run_arn = map_run_arn;
      history.events.push_back(std::move(*event));
    }
  });
  if (!read) return std::unexpected(read.error());
  return history;
}

base::Result<std::string> AwsReader::map_run_of(const std::string& arn) {
  auto reply = client_.call("DescribeExecution", body_of("executionArn", arn));
  if (!reply) return std::unexpected(reply.error());
  json::Arena arena;
  const auto answer = json::parse(*reply, arena);
  if (!answer) return no_json("DescribeExecution", answer.error());
  return std::string(answer->find("mapRunArn").as_string());
}

base::Result<base::Text> AwsReader::definition(const std::string& arn, base::UnixMs start_ms) {
  const std::string operation = "DescribeStateMachineForExecution";
  Definition& known = definitions_[std::string(arn::without_name(arn))];
  if (known.from_ms <= start_ms && start_ms <= known.to_ms) return known.text;
  auto reply = client_.call(operation, body_of("executionArn", arn));
  if (!reply) return std::unexpected(reply.error());
  json::Arena arena;
  const auto answer = json::parse(*reply, arena);
  if (!answer) return no_json(operation, answer.error());
  const std::string_view text = answer->find("definition").as_string();
  const Value updated = answer->find("updateDate");  // Unix seconds
  known = {.text = text.empty() ? base::Text() : base::Text(text),
           .from_ms = updated.is_number() ? std::llround(updated.as_double() * 1'000) : start_ms,
           .to_ms = start_ms};
  return known.text;
}

base::Result<std::vector<std::string>> AwsReader::map_runs(const std::string& arn) {
  return list("ListMapRuns", "executionArn", arn, "mapRuns", "mapRunArn");
}

base::Result<std::vector<std::string>> AwsReader::children(const std::string& map_run_arn) {
  return list("ListExecutions", "mapRunArn", map_run_arn, "executions", "executionArn");
}

uint64_t AwsReader::started_children(const std::string& map_run_arn) {
  const auto reply = client_.call("DescribeMapRun", body_of("mapRunArn", map_run_arn));
  if (!reply) return 0;
  json::Arena arena;
  const auto answer = json::parse(*reply, arena);
  if (!answer) return 0;
  const Value counts = answer->find("executionCounts");
  const int64_t started = counts.find("total").as_int() - counts.find("pending").as_int();
  return static_cast<uint64_t>(std::max<int64_t>(0, started));
}

}  // namespace weft::importing
