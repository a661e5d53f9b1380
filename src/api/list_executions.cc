#include <charconv>

#include "api/operations.h"
#include "api/page_token.h"
#include "aws/answer.h"

namespace weft::api {
namespace {

using history::ExecutionStatus;
using Page = reading::Page<reading::ExecutionItem>;

constexpr std::string_view kRunningPlace = "r";   // then the ordinal of the last child shown
constexpr std::string_view kFinishedPlace = "f";  // then a token of Query::children

// Children of an open Map Run stand in two places: those that run are known to the host only,
// finished ones are rows. A page shows the running ones first (newest first), then the rows.
base::Result<Page> list_children(const Call& call, std::string_view arn,
                                 std::optional<ExecutionStatus> status, size_t limit,
                                 std::string_view place) {
  auto run = call.query.map_run(arn);
  if (!run) return std::unexpected(run.error());
  Page page;
  const bool in_rows = place.starts_with(kFinishedPlace);
  if (!in_rows && status.value_or(ExecutionStatus::kRunning) == ExecutionStatus::kRunning) {
    uint64_t below = UINT64_MAX;
    if (place.starts_with(kRunningPlace))
      std::from_chars(place.data() + 1, place.data() + place.size(), below);
    for (reading::ExecutionItem& child : call.host.running_children(arn)) {
      if (child.key.index >= below) continue;
      if (page.rows.size() == limit) {
        page.next_token = std::string(kRunningPlace) + std::to_string(page.rows.back().key.index);
        return page;
      }
      page.rows.push_back(std::move(child));
    }
  }
  if (status == ExecutionStatus::kRunning) return page;
  if (page.rows.size() == limit) {
    page.next_token = kFinishedPlace;
    return page;
  }
  auto rows =
      call.query.children(arn, status, limit - page.rows.size(), in_rows ? place.substr(1) : "");
  if (!rows) return std::unexpected(rows.error());
  for (reading::ExecutionItem& child : rows->rows) page.rows.push_back(std::move(child));
  if (!rows->next_token.empty()) page.next_token = std::string(kFinishedPlace) + rows->next_token;
  return page;
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
  return answer.number("redriveCount", 0).finish();
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

  auto page = map_run_arn ? list_children(call, arn, status, limit, *place)
                          : list_top_level(call, arn, status, limit, *place);
  if (!page) return std::unexpected(page.error());
  // Nothing is ever redriven yet.
  if (redrive_filter == "REDRIVEN") *page = {};
  json::ArrayBuilder rows(call.arena);
  for (const reading::ExecutionItem& row : page->rows) rows.push(item(row, call.arena));
  aws::Answer answer(call.arena);
  answer.value("executions", rows.finish());
  if (!page->next_token.empty()) answer.text("nextToken", tokens.encode(page->next_token));
  return answer.to_text();
}

}  // namespace weft::api
