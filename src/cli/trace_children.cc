#include "cli/trace_children.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/query/question.h"
#include "arn/arn.h"
#include "base/time.h"
#include "cli/summary.h"
#include "columns/filter.h"
#include "columns/group_by.h"
#include "columns/order.h"
#include "columns/summary.h"
#include "reading/error_kinds.h"
#include "reading/properties.h"
#include "reading/run_columns.h"
#include "reading/state_groups.h"
#include "trace/identity.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;
using base::format_duration_us;
using columns::Columns;
using columns::GroupBy;
using columns::RowGroup;
using columns::Rows;
using records::MapRunRecord;

constexpr size_t kLimit = 20;
constexpr size_t kFailureColumnsMin = 20;
constexpr size_t kFailureIndent = 9;
constexpr size_t kGroupNameMax = 60;
constexpr size_t kRowColumns = 75;  // of a child's numbers
constexpr size_t kKeyColumnsMin = 30;
constexpr std::string_view kByState = "state";

std::string name_of(const std::string& arn) { return std::string(arn::execution_name_of(arn)); }

std::string duration_or_dash(int64_t us) { return us == 0 ? "-" : format_duration_us(us); }

// States are timed in milliseconds.
std::string time_text(int64_t us) { return us == 0 ? "< 1 ms" : format_duration_us(us); }

// How a child failed; "" when it did not.
std::string failure_of(const reading::Query& query, const trace::Redactor& payloads,
                       history::ExecutionKey key) {
  const auto events = query.events(key);
  if (!events) return {};
  for (const history::Event& event : *events) {
    if (!history::is_terminal(event.type) || !(event.error || event.cause)) continue;
    const std::string cause =
        terminal::single_line(readable_cause(payloads.clean(event.cause.value_or(""))));
    const std::string error = terminal::single_line(payloads.clean(event.error.value_or("")));
    return error.empty() || cause.empty() ? error + cause : error + ": " + cause;
  }
  return {};
}

// What the lines of a table of groups are called, and what may stand below each.
struct GroupNames {
  std::vector<std::string> names;
  std::function<std::string(size_t group)> detail;  // may be empty
};

// One run of `weft trace` with a table.
class Tables {
 public:
  Tables(const reading::Query& query, const ChildrenFlags& flags, const trace::Redactor& payloads,
         const terminal::Terminal& terminal)
      : query_(query), flags_(flags), payloads_(payloads), terminal_(terminal) {}

  base::Result<std::string> render(const std::string& arn);

 private:
  base::Result<void> parse();
  base::Result<void> run_table(const MapRunRecord& run);
  base::Result<void> list(const MapRunRecord& run, const Columns& columns, const Rows& rows);
  void groups(const MapRunRecord& run, const Columns& columns, const Rows& rows);
  base::Result<void> states(const MapRunRecord& run, const Columns& columns, const Rows& rows);
  base::Result<void> own_states(const std::string& arn);
  void group_table(const std::vector<RowGroup>& groups, const GroupNames& names);
  void failure_line(const std::string& failure, size_t indent);
  std::string run_title(const MapRunRecord& run, const Columns& columns, const Rows& rows) const;
  void line(std::string_view text) { (out_ += text) += '\n'; }
  size_t limit() const { return flags_.limit > 0 ? flags_.limit : kLimit; }

  const reading::Query& query_;
  const ChildrenFlags& flags_;
  const trace::Redactor& payloads_;
  const terminal::Terminal& terminal_;
  reading::RunColumns run_columns_;
  columns::Filter filter_;
  std::optional<columns::Grouping> by_;  // not for states
  columns::Order order_;
  columns::GroupOrder group_order_;
  std::string out_;
  std::string example_;  // name of a child to look at
};

base::Result<void> Tables::parse() {
  auto filter = parse_filters(flags_.filters);
  if (!filter) return std::unexpected(filter.error());
  filter_ = std::move(*filter);
  if (flags_.group_by == kByState) group_order_ = {columns::GroupSort::kTotal, true};
  if (!flags_.group_by.empty() && flags_.group_by != kByState) {
    auto by = columns::parse_group_by(flags_.group_by);
    if (!by) {
      return fail(by.error().code,
                  fmt::format("--group-by {}: expected state, error, status, cold, key, key/2 to "
                              "key/9, lane, retry, batch, minute, input.PATH, span.ATTRIBUTE or "
                              "function",
                              flags_.group_by));
    }
    by_ = *by;
    if (by->by == GroupBy::kLane || by->by == GroupBy::kMinute) {
      group_order_ = {columns::GroupSort::kValue, false};  // a course, no ranking
    }
  }
  if (flags_.sort.empty()) return {};
  if (flags_.group_by.empty()) {
    auto order = columns::parse_order(flags_.sort);
    if (!order) return fail(order.error().code, "--" + order.error().message);
    order_ = *order;
    if (flags_.sort.find(':') == std::string::npos) {
      order_.descending = order_.by != columns::SortBy::kIndex &&
                          order_.by != columns::SortBy::kStart &&
                          order_.by != columns::SortBy::kEnd;
    }
    return {};
  }
  auto order = columns::parse_group_order(flags_.sort);
  if (!order) return fail(order.error().code, "--" + order.error().message);
  group_order_ = *order;
  return {};
}

std::string Tables::run_title(const MapRunRecord& run, const Columns& columns,
                              const Rows& rows) const {
  std::string title = terminal_.bold(terminal::single_line(run.state_name));
  if (filter_.empty()) {
    title += fmt::format("  {} finished {}", terminal::grouped(columns.size()),
                         columns.size() == 1 ? "child" : "children");
  } else {
    title += fmt::format("  {} of {} finished children: {}", terminal::grouped(rows.size()),
                         terminal::grouped(columns.size()),
                         terminal::single_line(fmt::format("{}", fmt::join(flags_.filters, " "))));
  }
  if (run.status == records::MapRunStatus::kRunning) title += ", still running";
  return title;
}

base::Result<void> Tables::run_table(const MapRunRecord& run) {
  reading::WantedColumns wanted(by_ && by_->by == GroupBy::kKey);
  reading::add_wanted(filter_, wanted);
  if (by_ && by_->by == GroupBy::kProperty) wanted.properties.push_back(by_->property);
  auto columns = run_columns_.get(query_, run, wanted);
  if (!columns) return std::unexpected(columns.error());
  columns::Filter filter = filter_;
  if (auto named = reading::resolve_errors(query_, run, **columns, filter); !named) return named;
  const Rows rows = columns::select(**columns, filter);
  if (!out_.empty()) line("");
  line(run_title(run, **columns, rows));
  if (rows.empty()) return {};
  const columns::Summary summary = columns::summarize(**columns, rows);
  line(terminal_.dim(fmt::format(
      "{} failed, p50 {}, p95 {}, p99 {}, max {}", terminal::grouped(summary.failed),
      format_duration_us(summary.duration.p50), format_duration_us(summary.duration.p95),
      format_duration_us(summary.duration.p99), format_duration_us(summary.duration.max))));
  line("");
  if (flags_.group_by == kByState) return states(run, **columns, rows);
  if (!by_) return list(run, **columns, rows);
  groups(run, **columns, rows);
  return {};
}

// A child a line, with its item's key (else its name) behind it, or below where the line is full.
base::Result<void> Tables::list(const MapRunRecord& run, const Columns& columns, const Rows& rows) {
  const Rows page = columns::sorted_page(columns, rows, order_, limit(), std::nullopt);
  const auto key_path = reading::key_path(query_, run.number);
  if (!key_path) return std::unexpected(key_path.error());
  const bool beside = static_cast<size_t>(terminal_.width) >= kRowColumns + kKeyColumnsMin;
  line(terminal_.dim(fmt::format("{:>7} {:<9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7}{}", "index",
                                 "status", "start", "duration", "queued", "cold", "function",
                                 "retries",
                                 beside ? (key_path->empty() ? "  name" : "  item") : "")));
  for (const uint32_t row : page) {
    const std::string status(history::to_string(columns.status[row]));
    const std::string arn = query_.child_arn(run, columns.index[row]);
    if (example_.empty()) example_ = name_of(arn);
    std::string shown = name_of(arn);
    if (!key_path->empty()) {
      const auto child = query_.execution(arn);
      if (!child) return std::unexpected(child.error());
      shown = reading::item_key(child->input.view(), *key_path) + (beside ? "" : "  " + shown);
    }
    const std::string facts = fmt::format(
        "{:>7} {}{} {:>9} {:>9} {:>9} {:>9} {:>9} {:>7}", columns.index[row],
        terminal_.status(status), std::string(9 - std::min<size_t>(status.size(), 9), ' '),
        "+" + format_duration_us(columns.start[row]), format_duration_us(columns.duration[row]),
        duration_or_dash(columns.queue[row]), duration_or_dash(columns.cold[row]),
        duration_or_dash(columns.run[row]), columns.retries[row]);
    const size_t room = static_cast<size_t>(terminal_.width);
    if (beside) {
      line(facts + "  " + terminal::cut(terminal::single_line(shown), room - kRowColumns - 2));
    } else {
      line(facts);
      line("        " + terminal_.dim(terminal::cut(terminal::single_line(shown), room - 8)));
    }
    if (!columns.failed(row)) continue;
    failure_line(failure_of(query_, payloads_, {run.number, columns.index[row]}), kFailureIndent);
  }
  if (page.size() < rows.size()) {
    line(terminal_.dim(
        fmt::format("... {} more: raise --limit", terminal::grouped(rows.size() - page.size()))));
  }
  return {};
}

void Tables::groups(const MapRunRecord& run, const Columns& columns, const Rows& rows) {
  const std::vector<RowGroup> found = columns::group_rows(columns, rows, *by_);
  GroupNames names;
  for (const RowGroup& group : found) {
    names.names.push_back(terminal::single_line(columns::value_text(columns, *by_, group.value)));
  }
  if (by_->by == GroupBy::kError) {
    names.detail = [&](size_t at) {
      return failure_of(query_, payloads_, {run.number, columns.index[found[at].slowest]});
    };
  }
  group_table(found, names);
  if (found.empty()) return line("none of them failed");
  const RowGroup& first = found[columns::ordered(found, group_order_).front()];
  example_ = name_of(query_.child_arn(run, columns.index[first.slowest]));
}

void Tables::group_table(const std::vector<RowGroup>& groups, const GroupNames& names) {
  const std::vector<size_t> order = columns::ordered(groups, group_order_);
  const size_t shown = std::min(order.size(), limit());
  const bool of_time = flags_.group_by == kByState;  // else of the children
  const auto part = [&](const RowGroup& group) {
    return static_cast<double>(of_time ? group.total : static_cast<int64_t>(group.count));
  };
  double whole = 0;
  for (const RowGroup& group : groups) whole += part(group);
  size_t width = flags_.group_by.size();
  for (size_t i = 0; i < shown; ++i)
    width = std::max(width, terminal::display_width(names.names[order[i]]));
  width = std::min(width, kGroupNameMax);
  line(terminal_.dim(fmt::format("{}  {:>7}  {:>6}  {:>7}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}",
                                 terminal::fit(flags_.group_by, width), "count",
                                 of_time ? "time" : "share", "failed", "p50", "p95", "p99", "max",
                                 "total")));
  for (size_t i = 0; i < shown; ++i) {
    const RowGroup& group = groups[order[i]];
    const std::string failed = fmt::format("{:>7}", terminal::grouped(group.failed));
    line(fmt::format(
        "{}  {:>7}  {:>6}  {}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}",
        terminal_.bold(terminal::fit(names.names[order[i]], width)), terminal::grouped(group.count),
        fmt::format("{:.1f}%", whole > 0 ? 100 * part(group) / whole : 0),
        group.failed > 0 ? terminal_.red(failed) : failed, time_text(group.duration.p50),
        time_text(group.duration.p95), time_text(group.duration.p99), time_text(group.duration.max),
        time_text(group.total)));
    if (names.detail) failure_line(names.detail(order[i]), 2);
  }
  if (shown < order.size()) {
    line(terminal_.dim(
        fmt::format("... {} more: raise --limit", terminal::grouped(order.size() - shown))));
  }
}

void Tables::failure_line(const std::string& failure, size_t indent) {
  if (failure.empty()) return;
  const size_t width = std::max(static_cast<size_t>(terminal_.width), kFailureColumnsMin + indent);
  line(std::string(indent, ' ') + terminal_.red(terminal::cut(failure, width - indent)));
}

base::Result<void> Tables::states(const MapRunRecord& run, const Columns& columns,
                                  const Rows& rows) {
  std::set<uint64_t> chosen;
  for (const uint32_t row : rows) chosen.insert(columns.index[row]);
  reading::StateGroups groups;
  auto read = groups.add_children(query_, run, chosen);
  if (!read) return read;
  group_table(groups.finish(), {.names = groups.names()});
  return {};
}

base::Result<void> Tables::own_states(const std::string& arn) {
  reading::StateGroups groups;
  auto read = groups.add_execution(query_, arn);
  if (!read) return read;
  line(terminal_.bold("The execution's own states"));
  group_table(groups.finish(), {.names = groups.names()});
  return {};
}

base::Result<std::string> Tables::render(const std::string& arn) {
  if (auto parsed = parse(); !parsed) return std::unexpected(parsed.error());
  std::vector<MapRunRecord> runs;
  const bool map_run = arn.find(":mapRun:") != std::string::npos;
  if (map_run) {
    auto run = query_.map_run(arn);
    if (!run) return std::unexpected(run.error());
    runs.push_back(std::move(*run));
  } else {
    auto key = query_.find_execution(arn);
    if (!key) return std::unexpected(key.error());
    auto found = query_.map_runs(*key);
    if (!found) return std::unexpected(found.error());
    runs = std::move(*found);
  }
  if (flags_.group_by == kByState && filter_.empty() && !map_run) {
    if (auto done = own_states(arn); !done) return std::unexpected(done.error());
  } else if (runs.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} has no Distributed Map: --filter, --group-by, --sort and --limit "
                            "are about the children of one (--group-by state works without)",
                            arn));
  }
  for (const MapRunRecord& run : runs) {
    if (auto done = run_table(run); !done) return std::unexpected(done.error());
  }
  if (!example_.empty()) {
    line("");
    line(terminal_.dim("one of them: weft trace " + example_ + flags_.where));
  }
  return std::move(out_);
}

}  // namespace

base::Result<columns::Filter> parse_filters(const std::vector<std::string>& texts) {
  columns::Filter filter;
  for (const std::string& text : texts) {
    auto conditions = columns::parse_filter(text);
    if (!conditions) {
      return fail(conditions.error().code, "--filter " + conditions.error().message);
    }
    std::ranges::move(*conditions, std::back_inserter(filter));
  }
  return filter;
}

base::Result<std::string> children_tables(const reading::Query& query, const std::string& arn,
                                          const ChildrenFlags& flags,
                                          const trace::Redactor& payloads,
                                          const terminal::Terminal& terminal) {
  return Tables(query, flags, payloads, terminal).render(arn);
}

base::Result<void> keep_chosen(const reading::Query& query, const std::vector<std::string>& filters,
                               trace::TraceSource& source) {
  const auto filter = parse_filters(filters);
  if (!filter) return std::unexpected(filter.error());
  if (filter->empty()) return {};
  reading::RunColumns run_columns;
  for (trace::MapRunTrace& run : source.map_runs) {
    auto record = query.map_run(run.number);
    if (!record) return std::unexpected(record.error());
    reading::WantedColumns wanted;
    reading::add_wanted(*filter, wanted);
    auto columns = run_columns.get(query, *record, wanted);
    if (!columns) return std::unexpected(columns.error());
    columns::Filter named = *filter;
    if (auto resolved = reading::resolve_errors(query, *record, **columns, named); !resolved)
      return resolved;
    std::set<uint64_t> chosen;
    for (const uint32_t row : columns::select(**columns, named)) {
      chosen.insert((*columns)->index[row]);
    }
    std::erase_if(run.rows,
                  [&](const history::ChildRow& row) { return !chosen.contains(row.index); });
  }
  return {};
}

}  // namespace weft::cli
