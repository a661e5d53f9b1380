#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/answer.h"
#include "base/error.h"
#include "columns/columns.h"
#include "columns/filter.h"
#include "json/arena.h"
#include "json/build.h"
#include "net/url.h"
#include "reading/measured_history.h"
#include "reading/run_columns.h"
#include "running/host.h"
#include "trace/redact.h"

namespace weft::api {

// One GET of the query API on its way through an endpoint. Lives on one worker thread.
struct Question {
  running::Host& host;
  const reading::Query& query;
  reading::RunColumns& columns;
  reading::MeasuredRuns& measured;
  const trace::Redactor& payloads;
  const net::Query& parameters;
  std::string_view body;
  json::Arena& arena;  // answers are built in it
  base::UnixMs now_ms = 0;
};

// What an endpoint found. A final answer never changes.
struct Found {
  std::string body;
  bool final = false;
  std::string_view type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{};  // of its own
};
using FoundResult = base::Result<Found>;

// A parameter as a whole number in [low, high]; `absent` when it is not there. kInvalidArgument
// names the parameter.
base::Result<int64_t> whole_parameter(const net::Query& parameters, std::string_view name,
                                      int64_t absent, int64_t low, int64_t high);
// The conditions of all parameters called `name`.
base::Result<columns::Filter> filter_parameter(const net::Query& parameters, std::string_view name);

// What every question about a Map Run begins with: its record, its children as columns, and those
// that the filter `f` chooses.
struct RunView {
  records::MapRunRecord run;
  std::optional<running::MapRunProgress> live;  // while it runs
  std::shared_ptr<const columns::Columns> columns;
  columns::Filter filter;
  std::optional<columns::Rows> chosen;  // without conditions nothing, and the rows are all

  columns::RowSpan rows() const { return chosen ? *chosen : columns::all_rows(*columns); }
  bool ended() const { return run.status != records::MapRunStatus::kRunning; }
  // No answer about it changes any more: one that did not succeed may be redriven, and of an
  // imported one more may be told at any time.
  bool final() const { return run.status == records::MapRunStatus::kSucceeded && !run.imported; }
  // The whole run: from its start to its end, or to now.
  columns::Range range(base::UnixMs now_ms) const;
};
// `wanted`: beside what the filter asks for.
base::Result<RunView> read_run(const Question& question, reading::WantedColumns wanted = false);
// The parameters t0 and t1, else the whole run.
base::Result<columns::Range> range_parameter(const Question& question, const RunView& view);

// The member `definition` of a body. kInvalidArgument: there is none, with what was `expected`, or
// it is longer than a definition may be.
base::Result<std::string_view> definition_member(const json::Value& body,
                                                 std::string_view expected);

// Calls `each` for the executions of `machine` ("" = of all), newest first, until it answers false;
// after `most` of them no further page is read. Returns whether older ones were left for that.
base::Result<bool> each_execution(const Question& question, std::string_view machine, size_t most,
                                  const std::function<bool(reading::ExecutionItem&)>& each);

// The answer's object with the data version `v` first.
aws::Answer begin_answer(const Question& question, const RunView& view);

// Whether `part` is in `text`, in any case.
bool contains_text(std::string_view text, std::string_view part);

// An array of whole numbers, one for each of `items`.
template <typename Items, typename Number>
json::Value numbers(json::Arena& arena, const Items& items, Number number) {
  json::ArrayBuilder array(arena);
  for (const auto& item : items) {
    array.push(json::Value::integer(static_cast<int64_t>(number(item))));
  }
  return array.finish();
}

// Whether no answer about an execution changes any more that has this status: as RunView::final().
base::Result<bool> is_final(const Question& question, history::ExecutionKey key,
                            history::ExecutionStatus status);

// How far a Map Run is: what the host counts while it runs, else what its record says.
struct Standing {
  records::MapRunRecord run;
  bool reading = false;  // there may be more children
};
// `run` may have been read before the host is asked: of one that ended since it is read again, for
// a record has no counts before the end.
base::Result<Standing> standing_of(const Question& question, records::MapRunRecord run);

// AWS's counts of items or executions.
json::Value counts_value(const history::MapRunCounts& counts, json::Arena& arena);

// What exec/summary tells of an execution or child; `add` may add to it.
FoundResult summary_of(const Question& question, std::string_view arn,
                       const std::function<void(aws::Answer&)>& add = {});

// The endpoints, one file each: docs/reference/query-api.md.
FoundResult child_summary(const Question& question);
FoundResult compare(const Question& question);
FoundResult convert(const Question& question);
FoundResult replay(const Question& question);
FoundResult execution_critical(const Question& question);
FoundResult machine(const Question& question);
FoundResult machines(const Question& question);
FoundResult map_run_at(const Question& question);
FoundResult map_run_tile(const Question& question);
FoundResult payload(const Question& question);
FoundResult search(const Question& question);
FoundResult validate(const Question& question);
FoundResult execution_events(const Question& question);
FoundResult execution_flame(const Question& question);
FoundResult execution_graph(const Question& question);
FoundResult execution_logs(const Question& question);
FoundResult execution_redrive(const Question& question);
FoundResult execution_span(const Question& question);
FoundResult execution_summary(const Question& question);
FoundResult execution_tree(const Question& question);
FoundResult executions(const Question& question);
FoundResult map_run_summary(const Question& question);
FoundResult map_run_heatmap(const Question& question);
FoundResult map_run_lanes(const Question& question);
FoundResult map_run_strip(const Question& question);
FoundResult map_run_errors(const Question& question);
FoundResult map_run_tail(const Question& question);
FoundResult map_run_children(const Question& question);
FoundResult map_run_differs(const Question& question);
FoundResult metrics_states(const Question& question);
FoundResult store_page(const Question& question);

}  // namespace weft::api
