#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "api/query/question.h"
#include "arn/arn.h"

namespace weft::api {
namespace {

using history::ExecutionStatus;
using reading::ExecutionItem;

// Executions that one answer looks at, newest first; it says so where there are more.
constexpr size_t kLookedAtMax = 10'000;
constexpr size_t kBuckets = 96;
constexpr size_t kStatuses = 6;

// What is asked for: all of it must hold.
struct Wanted {
  std::string machine;  // ARN; "" = of all
  std::string text;     // contained in the name or the state machine's, in any case
  std::optional<ExecutionStatus> status;
};

bool has_text(const ExecutionItem& row, std::string_view text) {
  return text.empty() || row.arn == text || contains_text(row.name, text) ||
         contains_text(std::string_view(row.machine_arn).substr(row.machine_arn.rfind(':') + 1),
                       text);
}

base::Result<Wanted> wanted_of(const Question& question) {
  Wanted wanted{.machine = std::string(question.parameters.find("machine").value_or("")),
                .text = std::string(question.parameters.find("q").value_or(""))};
  const auto status = question.parameters.find("status");
  if (!status || status->empty()) return wanted;
  std::string name(*status);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
  ExecutionStatus parsed{};
  if (!history::parse_status(name, parsed)) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("status={}: expected one of running, succeeded, failed, "
                                  "timed_out, aborted",
                                  *status));
  }
  wanted.status = parsed;
  return wanted;
}

// `after`: the sequence number of the last row of the page before, hexadecimal.
base::Result<uint64_t> place_of(const Question& question) {
  const auto text = question.parameters.find("after");
  if (!text || text->empty()) return UINT64_MAX;
  uint64_t place = 0;
  const char* const end = text->data() + text->size();
  const auto [at, error] = std::from_chars(text->data(), end, place, 16);
  if (error == std::errc() && at == end) return place;
  return base::fail(base::ErrorCode::kInvalidToken,
                    fmt::format("after={}: expected the value of an answer's `next`", *text));
}

// All that was looked at: counts of what has the text and the machine, and a page of that which has
// the status as well.
struct Looked {
  std::array<uint64_t, kStatuses> counts{};
  std::vector<ExecutionItem> all;  // with the text and the machine, newest first
  std::vector<ExecutionItem> page;
  bool more_rows = false;
  bool more = false;  // older ones were not looked at
};

base::Result<Looked> look(const Question& question, const Wanted& wanted, uint64_t place,
                          size_t limit) {
  Looked found;
  const auto left = each_execution(question, wanted.machine, kLookedAtMax, [&](ExecutionItem& row) {
    if (!has_text(row, wanted.text)) return true;
    ++found.counts[static_cast<size_t>(row.status)];
    found.all.push_back(row);
    if (row.key.index >= place || (wanted.status && row.status != *wanted.status)) return true;
    if (found.page.size() == limit) {
      found.more_rows = true;
    } else {
      found.page.push_back(std::move(row));
    }
    return true;
  });
  if (!left) return std::unexpected(left.error());
  found.more = *left;
  return found;
}

// How far the Map Runs of an execution are, together; nothing when it has none.
base::Result<json::Value> progress_of(const Question& question, const ExecutionItem& row) {
  const auto runs = question.query.map_runs(row.key);
  if (!runs) return std::unexpected(runs.error());
  if (runs->empty()) return json::Value::null();
  history::MapRunCounts sum;
  bool reading = false;
  for (const records::MapRunRecord& run : *runs) {
    const auto standing = standing_of(question, run);
    if (!standing) return std::unexpected(standing.error());
    const history::MapRunCounts& one = standing->run.items;
    reading |= standing->reading;
    sum.pending += one.pending;
    sum.running += one.running;
    sum.succeeded += one.succeeded;
    sum.failed += one.failed;
    sum.timed_out += one.timed_out;
    sum.aborted += one.aborted;
    sum.total += one.total;
  }
  const auto number = [](uint64_t count) { return static_cast<int64_t>(count); };
  return aws::Answer(question.arena)
      .number("total", number(sum.total))
      .number("succeeded", number(sum.succeeded))
      .number("failed", number(sum.failed))
      .number("timedOut", number(sum.timed_out))
      .number("aborted", number(sum.aborted))
      .number("running", number(sum.running))
      .flag("reading", reading)
      .finish();
}

base::Result<json::Value> row_value(const Question& question, const ExecutionItem& row) {
  aws::Answer answer(question.arena);
  answer.text("arn", row.arn)
      .text("name", row.name)
      .text("machine", row.machine_arn)
      .text("status", history::to_string(row.status))
      .number("start", row.start_ms * 1'000);
  if (row.stop_ms != 0) answer.number("stop", row.stop_ms * 1'000);
  auto progress = progress_of(question, row);
  if (!progress) return progress;
  if (!progress->is_null()) answer.value("progress", *progress);
  if (history::is_failure(row.status)) {
    const auto view = question.query.execution(row.arn);
    if (view) {
      answer.text_if("error", question.payloads.clean(view->error.value_or("")))
          .text_if(
              "cause",
              std::string_view(question.payloads.clean(view->cause.value_or(""))).substr(0, 300));
    }
  }
  return answer.finish();
}

// When they started, from the oldest to now, in equal parts.
json::Value histogram(const Question& question, const std::vector<ExecutionItem>& rows) {
  std::array<int64_t, kBuckets> started{};
  std::array<int64_t, kBuckets> failed{};
  std::array<int64_t, kBuckets> running{};
  const auto oldest = std::ranges::min_element(rows, {}, &ExecutionItem::start_ms);
  const base::UnixMs from = oldest == rows.end() ? question.now_ms : oldest->start_ms;
  const base::UnixMs to = std::max(question.now_ms, from) + 1;
  for (const ExecutionItem& row : rows) {
    const base::UnixMs start = std::clamp(row.start_ms, from, to - 1);
    const auto bucket =
        static_cast<size_t>((start - from) * static_cast<int64_t>(kBuckets) / (to - from));
    ++started[bucket];
    failed[bucket] += history::is_failure(row.status) ? 1 : 0;
    running[bucket] += row.status == ExecutionStatus::kRunning ? 1 : 0;
  }
  return aws::Answer(question.arena)
      .number("from", from * 1'000)
      .number("to", to * 1'000)
      .value("started", numbers(question.arena, started, std::identity()))
      .value("failed", numbers(question.arena, failed, std::identity()))
      .value("running", numbers(question.arena, running, std::identity()))
      .finish();
}

}  // namespace

FoundResult executions(const Question& question) {
  const auto wanted = wanted_of(question);
  if (!wanted) return std::unexpected(wanted.error());
  const auto limit = whole_parameter(question.parameters, "limit", 100, 1, 500);
  if (!limit) return std::unexpected(limit.error());
  const auto place = place_of(question);
  if (!place) return std::unexpected(place.error());
  const auto found = look(question, *wanted, *place, static_cast<size_t>(*limit));
  if (!found) return std::unexpected(found.error());
  json::ArrayBuilder rows(question.arena);
  for (const ExecutionItem& row : found->page) {
    auto value = row_value(question, row);
    if (!value) return std::unexpected(value.error());
    rows.push(*value);
  }
  aws::Answer counts(question.arena);
  constexpr std::array<std::string_view, kStatuses> kNames = {
      "running", "succeeded", "failed", "timedOut", "aborted", "pendingRedrive"};
  for (size_t i = 0; i < kStatuses; ++i) {
    counts.number(kNames[i], static_cast<int64_t>(found->counts[i]));
  }
  aws::Answer answer(question.arena);
  answer.value("rows", rows.finish())
      .value("counts", counts.finish())
      .flag("more", found->more)
      .value("starts", histogram(question, found->all));
  if (found->more_rows) answer.text("next", fmt::format("{:x}", found->page.back().key.index));
  return Found{answer.to_text()};
}

}  // namespace weft::api
