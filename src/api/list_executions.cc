#include <algorithm>
#include <charconv>

#include "api/operations.h"
#include "api/page_token.h"
#include "aws/answer.h"

namespace weft::api {
namespace {

using history::ExecutionStatus;
using Page = reading::Page<reading::ExecutionItem>;

constexpr std::string_view kRunningPlace = "r";   // then the ordinal of the last child shown
constexpr std::string_view kWaitingPlace = "w";   // the same of one that waits to be redriven
constexpr std::string_view kFinishedPlace = "f";  // then a token of Query::children

// What a list holds beside its ARN.
struct Filters {
  std::optional<ExecutionStatus> status;
  std::optional<bool> redriven;
  bool takes(const reading::ExecutionItem& row) const {
    return (!status || row.status == *status) &&
           (!redriven || *redriven == (row.redrive_count > 0));
  }
};

// The number behind the letter of a place; the largest when there is none.
uint64_t number_of(std::string_view place) {
  uint64_t number = UINT64_MAX;
  if (place.size() > 1) std::from_chars(place.data() + 1, place.data() + place.size(), number);
  return number;
}

// Those of a redriven Map Run that wait for it. False when the page ends with them.
base::Result<bool> add_waiting(const Call& call, const records::MapRunRecord& run, size_t limit,
                               std::string_view place, Page& page) {
  const auto running = call.host.running_children(run.arn);
  auto waiting = call.query.children_to_redrive(
      run, limit - page.rows.size(),
      place.starts_with(kWaitingPlace) ? number_of(place) : UINT64_MAX);
  if (!waiting) return std::unexpected(waiting.error());
  for (reading::ExecutionItem& child : waiting->rows) {
    if (std::ranges::find(running, child.key, &reading::ExecutionItem::key) == running.end())
      page.rows.push_back(std::move(child));
  }
  if (waiting->next_token.empty()) return true;
  page.next_token = std::string(kWaitingPlace) + waiting->next_token;
  return false;
}

// Children of an open Map Run stand in three places: those that run are known to the host only,
// finished ones are rows, and what waits to be redriven is set aside. A page shows them in this
// order: the running ones (newest first), those that wait, the rows.
base::Result<Page> children_from(const Call& call, const records::MapRunRecord& run,
                                 std::optional<ExecutionStatus> status, size_t limit,
                                 std::string_view place) {
  const auto wanted = [&](ExecutionStatus one) { return !status || *status == one; };
  Page page;
  const bool in_rows = place.starts_with(kFinishedPlace);
  const bool in_waiting = place.starts_with(kWaitingPlace);
  if (!in_rows && !in_waiting && wanted(ExecutionStatus::kRunning)) {
    const uint64_t below = number_of(place);
    for (reading::ExecutionItem& child : call.host.running_children(run.arn)) {
      if (child.key.index >= below) continue;
      if (page.rows.size() == limit) {
        page.next_token = std::string(kRunningPlace) + std::to_string(page.rows.back().key.index);
        return page;
      }
      page.rows.push_back(std::move(child));
    }
  }
  if (status == ExecutionStatus::kRunning) return page;
  const bool redriving = run.redrive_count > 0 && run.status == records::MapRunStatus::kRunning;
  if (redriving && !in_rows && wanted(ExecutionStatus::kPendingRedrive)) {
    if (page.rows.size() == limit) {
      page.next_token = kWaitingPlace;
      return page;
    }
    auto all = add_waiting(call, run, limit, place, page);
    if (!all) return std::unexpected(all.error());
    if (!*all) return page;
  }
  if (status == ExecutionStatus::kPendingRedrive) return page;
  if (page.rows.size() == limit) {
    page.next_token = kFinishedPlace;
    return page;
  }
  auto rows = call.query.children(run.arn, status, limit - page.rows.size(),
                                  in_rows ? place.substr(1) : "");
  if (!rows) return std::unexpected(rows.error());
  for (reading::ExecutionItem& child : rows->rows) page.rows.push_back(std::move(child));
  if (!rows->next_token.empty()) page.next_token = std::string(kFinishedPlace) + rows->next_token;
  return page;
}

base::Result<Page> list_children(const Call& call, std::string_view arn,
                                 std::optional<ExecutionStatus> status, size_t limit,
                                 std::string_view place) {
  auto run = call.query.map_run(arn);
  if (!run) return std::unexpected(run.error());
  return children_from(call, *run, status, limit, place);
}

base::Result<Page> list_top_level(const Call& call, std::string_view arn,
                                  std::optional<ExecutionStatus> status, size_t limit,
                                  std::string_view place) {
  auto machine = call.query.machine(arn);
  if (!machine) return std::unexpected(machine.error());
  if (machine->express) {
    return base::fail(base::ErrorCode::kStateMachineTypeNotSupported,
                      "This operation is not supported by this type of state machine");
  }
  return call.query.executions(arn, status, limit, place);
}

json::Value item(const reading::ExecutionItem& row, json::Arena& arena) {
  aws::Answer answer(arena);
  answer.text("executionArn", row.arn)
      .text("stateMachineArn", row.machine_arn)
      .text("name", row.name)
      .text("status", history::to_string(row.status))
      .time("startDate", row.start_ms)
      .time("stopDate", row.stop_ms);
  if (!row.map_run_arn.empty())
    answer.text("mapRunArn", row.map_run_arn).number("itemCount", row.item_count);
  return answer.number("redriveCount", static_cast<int64_t>(row.redrive_count))
      .time("redriveDate", row.redrive_ms)
      .finish();
}

}  // namespace

aws::Reply list_executions(Call& call) {
  const auto machine_arn = call.in.optional("stateMachineArn", kArnCharsMax);
  const auto map_run_arn = call.in.optional("mapRunArn", kMapRunArnCharsMax);
  const auto filter = call.in.one_of("statusFilter", {"SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE",
                                                      "ABORTED", "FAILED", "RUNNING"});
  const auto redrive_filter = call.in.one_of("redriveFilter", {"REDRIVEN", "NOT_REDRIVEN"});
  const int64_t max = call.in.whole("maxResults", kPageRowsMax);
  const auto token = call.in.optional("nextToken", kChildTokenCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  if (machine_arn.has_value() == map_run_arn.has_value()) {
    return std::unexpected(
        aws::Fault(base::ErrorCode::kInvalidArgument,
                   "Exactly one of stateMachineArn and mapRunArn must be specified"));
  }
  if (filter == "PENDING_REDRIVE" && machine_arn) {
    return std::unexpected(
        aws::Fault(base::ErrorCode::kInvalidArgument,
                   "The statusFilter PENDING_REDRIVE can only be used with a mapRunArn"));
  }
  const std::string_view arn = map_run_arn.value_or(machine_arn.value_or(""));
  const PageToken tokens("ListExecutions", {arn, filter.value_or(""), redrive_filter.value_or("")});
  auto place = tokens.decode(token.value_or(""));
  if (!place) return std::unexpected(place.error());
  std::optional<ExecutionStatus> status;
  if (filter) history::parse_status(*filter, status.emplace());
  const size_t limit = max == 0 ? kPageRowsDefault : static_cast<size_t>(max);

  Filters filters{.status = status};
  if (redrive_filter) filters.redriven = redrive_filter == "REDRIVEN";
  Page page;
  page.next_token = std::move(*place);
  do {  // whatever the filter leaves of a page
    auto more = map_run_arn ? list_children(call, arn, status, limit, page.next_token)
                            : list_top_level(call, arn, status, limit, page.next_token);
    if (!more) return std::unexpected(more.error());
    page.next_token = std::move(more->next_token);
    std::ranges::copy_if(more->rows, std::back_inserter(page.rows),
                         [&](const auto& row) { return filters.takes(row); });
  } while (filters.redriven && page.rows.empty() && !page.next_token.empty());
  json::ArrayBuilder rows(call.arena);
  for (const reading::ExecutionItem& row : page.rows) rows.push(item(row, call.arena));
  aws::Answer answer(call.arena);
  answer.value("executions", rows.finish());
  if (!page.next_token.empty()) answer.text("nextToken", tokens.encode(page.next_token));
  return answer.to_text();
}

}  // namespace weft::api
