#include "api/query/question.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "reading/error_kinds.h"

namespace weft::api {

using base::ErrorCode;

base::Result<int64_t> whole_parameter(const net::Query& parameters, std::string_view name,
                                      int64_t absent, int64_t low, int64_t high) {
  const auto text = parameters.find(name);
  if (!text) return absent;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool whole = error == std::errc() && end == text->data() + text->size();
  if (whole && value >= low && value <= high) return value;
  return base::fail(
      ErrorCode::kInvalidArgument,
      fmt::format("{}={}: expected a whole number from {} to {}", name, *text, low, high));
}

base::Result<columns::Filter> filter_parameter(const net::Query& parameters,
                                               std::string_view name) {
  columns::Filter filter;
  for (const auto& [key, text] : parameters.parameters) {
    if (key != name || text.empty()) continue;
    auto conditions = columns::parse_filter(text);
    if (!conditions) return std::unexpected(conditions.error());
    std::ranges::move(*conditions, std::back_inserter(filter));
  }
  return filter;
}

columns::Range RunView::range(base::UnixMs now_ms) const {
  const base::UnixMs end_ms = ended() ? run.stop_ms : now_ms;
  const int64_t last = std::max<int64_t>(1, (end_ms - run.start_ms) * 1'000);
  // Rows know microseconds, the record milliseconds.
  return {0, std::max(last, columns::extent(*columns, columns::all_rows(*columns)).to)};
}

base::Result<RunView> read_run(const Question& question, reading::WantedColumns wanted) {
  const auto arn = question.parameters.find("arn");
  if (!arn) return base::fail(ErrorCode::kInvalidArgument, "arn: expected the ARN of a Map Run");
  RunView view;
  auto filter = filter_parameter(question.parameters, "f");
  if (!filter) return std::unexpected(filter.error());
  view.filter = std::move(*filter);
  // The host first: a run that ends between the reads then has its final counts in the record.
  view.live = question.host.map_run_progress(*arn);
  auto run = question.query.map_run(*arn);
  if (!run) return std::unexpected(run.error());
  view.run = std::move(*run);
  if (view.ended()) view.live.reset();
  reading::add_wanted(view.filter, wanted);
  auto columns = question.columns.get(question.query, view.run, wanted);
  if (!columns) return std::unexpected(columns.error());
  view.columns = std::move(*columns);
  if (auto named = reading::resolve_errors(question.query, view.run, *view.columns, view.filter);
      !named) {
    return std::unexpected(named.error());
  }
  if (!view.filter.empty()) view.chosen = columns::select(*view.columns, view.filter);
  return view;
}

base::Result<Standing> standing_of(const Question& question, records::MapRunRecord run) {
  Standing standing{.run = std::move(run)};
  if (standing.run.status != records::MapRunStatus::kRunning) return standing;
  if (const auto live = question.host.map_run_progress(standing.run.arn)) {
    standing.reading = live->reading;
    standing.run.items = live->items;
    standing.run.executions = live->executions;
    return standing;
  }
  auto again = question.query.map_run(standing.run.number);
  if (!again) return std::unexpected(again.error());
  standing.run = std::move(*again);
  return standing;
}

base::Result<columns::Range> range_parameter(const Question& question, const RunView& view) {
  const columns::Range whole = view.range(question.now_ms);
  const auto from = whole_parameter(question.parameters, "t0", whole.from, INT64_MIN, INT64_MAX);
  if (!from) return std::unexpected(from.error());
  const auto to = whole_parameter(question.parameters, "t1", whole.to, INT64_MIN, INT64_MAX);
  if (!to) return std::unexpected(to.error());
  if (*to <= *from) {
    return base::fail(ErrorCode::kInvalidArgument,
                      fmt::format("t1={}: expected more than t0={}", *to, *from));
  }
  return columns::Range{*from, *to};
}

base::Result<bool> each_execution(const Question& question, std::string_view machine, size_t most,
                                  const std::function<bool(reading::ExecutionItem&)>& each) {
  constexpr size_t kPage = 1'000;
  std::string token;
  for (size_t seen = 0; seen < most;) {
    auto page = question.query.executions(machine, std::nullopt, kPage, token);
    if (!page) return std::unexpected(page.error());
    seen += page->rows.size();
    for (reading::ExecutionItem& row : page->rows) {
      if (!each(row)) return false;
    }
    token = page->next_token;
    if (token.empty()) return false;
  }
  return true;
}

bool contains_text(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) ==
           std::tolower(static_cast<unsigned char>(b));
  };
  return !std::ranges::search(text, part, same).empty();
}

aws::Answer begin_answer(const Question& question, const RunView& view) {
  aws::Answer answer(question.arena);
  answer.number("v", static_cast<int64_t>(view.columns->size())).flag("final", view.final());
  return answer;
}

base::Result<bool> is_final(const Question& question, history::ExecutionKey key,
                            history::ExecutionStatus status) {
  if (status != history::ExecutionStatus::kSucceeded) return false;
  auto imported = question.query.is_imported(key);
  if (imported) *imported = !*imported;
  return imported;
}

json::Value counts_value(const history::MapRunCounts& counts, json::Arena& arena) {
  const auto number = [](uint64_t count) { return static_cast<int64_t>(count); };
  return aws::Answer(arena)
      .number("pending", number(counts.pending))
      .number("running", number(counts.running))
      .number("succeeded", number(counts.succeeded))
      .number("failed", number(counts.failed))
      .number("timedOut", number(counts.timed_out))
      .number("aborted", number(counts.aborted))
      .number("total", number(counts.total))
      .number("resultsWritten", number(counts.results_written))
      .number("failuresNotRedrivable", number(counts.failures_not_redrivable))
      .number("pendingRedrive", number(counts.pending_redrive))
      .finish();
}

}  // namespace weft::api
