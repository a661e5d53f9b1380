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
#include "reading/nothing_chosen.h"
#include "reading/properties.h"
#include "reading/run_columns.h"
#include "reading/state_groups.h"
#include "terminal/shell_word.h"
#include "terminal/table.h"
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
using terminal::Align;
using terminal::Cut;
using terminal::Style;

constexpr size_t kLimit = 20;
constexpr size_t kFailureIndent = 9;
constexpr size_t kItemIndent = 8;
constexpr size_t kItemMin = 12;
constexpr size_t kGroupNameMin = 14;
constexpr size_t kRowColumns = 75;  // of a child's numbers
constexpr size_t kKeyColumnsMin = 30;
constexpr std::string_view kByState = "state";

std::string child_name(const std::string& arn) { return std::string(arn::execution_name_of(arn)); }

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

// The numbers of a child's line.
std::vector<terminal::Cell> facts_of(const Columns& columns, uint32_t row) {
  const std::string status(history::to_string(columns.status[row]));
  return {{fmt::to_string(columns.index[row])},
          {status, terminal::Terminal::style_of_status(status)},
          {"+" + format_duration_us(columns.start[row])},
          {format_duration_us(columns.duration[row])},
          {duration_or_dash(columns.queue[row])},
          {duration_or_dash(columns.cold[row])},
          {duration_or_dash(columns.run[row])},
          {fmt::to_string(columns.retries[row])}};
}

// What the lines of a table of groups are called, and what may stand below each.
struct GroupNames {
  std::vector<std::string> names;
  std::function<std::string(size_t group)> detail;  // may be empty
};

// One run of `weft trace` with a table.
class Tables {
 public:
  Tables(const reading::Query& query, reading::RunColumns& run_columns, const ChildrenFlags& flags,
         const trace::Redactor& payloads, const terminal::Terminal& terminal)
      : query_(query),
        run_columns_(run_columns),
        flags_(flags),
        payloads_(payloads),
        terminal_(terminal) {}

  base::Result<std::string> render(const std::string& arn);

 private:
  base::Result<void> parse();
  base::Result<void> run_table(const MapRunRecord& run);
  base::Result<void> list(const MapRunRecord& run, const Columns& columns, columns::RowSpan rows,
                          const std::string& key_path);
  void groups(const MapRunRecord& run, const Columns& columns, columns::RowSpan rows);
  base::Result<void> states(const MapRunRecord& run, const Columns& columns, columns::RowSpan rows);
  base::Result<void> own_states(const std::string& arn);
  // `children`: of which the groups are made; a child may be in several.
  void group_table(const std::vector<RowGroup>& groups, const GroupNames& names, size_t children);
  std::string run_title(const MapRunRecord& run, const Columns& columns,
                        columns::RowSpan rows) const;
  void line(std::string_view text) { (out_ += text) += '\n'; }
  // Of anybody's words; nothing of "".
  void sentence(std::string_view text) {
    if (!text.empty())
      line(terminal::wrapped(terminal::single_line(text), terminal_.prose_room(), 0, 2));
  }
  size_t limit() const { return flags_.limit > 0 ? flags_.limit : kLimit; }

  const reading::Query& query_;
  reading::RunColumns& run_columns_;
  const ChildrenFlags& flags_;
  const trace::Redactor& payloads_;
  const terminal::Terminal& terminal_;
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
    if (!order && columns::parse_group_order(flags_.sort)) {
      return fail(order.error().code,
                  fmt::format("--sort {} orders groups: add --group-by", flags_.sort));
    }
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
                              columns::RowSpan rows) const {
  const std::string name =
      terminal::cut_middle(terminal::single_line(run.state_name), terminal_.room() / 2);
  std::string facts = "  ";
  if (filter_.empty()) {
    facts += terminal::counted(columns.size(), "finished child", "finished children");
  } else {
    facts += fmt::format("{} of {}: {}", terminal::grouped(rows.size()),
                         terminal::counted(columns.size(), "finished child", "finished children"),
                         terminal::single_line(fmt::format("{}", fmt::join(flags_.filters, " "))));
  }
  if (run.status == records::MapRunStatus::kRunning) facts += ", still running";
  return terminal_.bold(name) +
         terminal::wrapped(facts, terminal_.room(), terminal::display_width(name), 2);
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
  const auto shape = run_columns_.shape(query_, run);
  if (!shape) return std::unexpected(shape.error());
  if (!out_.empty()) line("");
  line(run_title(run, **columns, rows));
  if (rows.empty()) {
    for (const std::string& why : reading::why_nothing(**columns, filter, filter_, *shape))
      sentence(why);
    return {};
  }
  const columns::Summary summary = columns::summarize(**columns, rows);
  line(terminal_.dim(fmt::format(
      "{} failed, p50 {}, p95 {}, p99 {}, max {}", terminal::grouped(summary.failed),
      format_duration_us(summary.duration.p50), format_duration_us(summary.duration.p95),
      format_duration_us(summary.duration.p99), format_duration_us(summary.duration.max))));
  line("");
  if (flags_.group_by == kByState) return states(run, **columns, rows);
  if (!by_) return list(run, **columns, rows, shape->key_path);
  groups(run, **columns, rows);
  if (by_->by == GroupBy::kProperty)
    sentence(reading::why_no_value(**columns, by_->property, *shape));
  return {};
}

// A child a line, with its item's key (else its name) behind it, or below where the line is full.
base::Result<void> Tables::list(const MapRunRecord& run, const Columns& columns,
                                columns::RowSpan rows, const std::string& key_path) {
  const Rows page = columns::sorted_page(columns, rows, order_, limit(), std::nullopt);
  const bool keyed = !key_path.empty();
  const bool beside = terminal_.room() >= kRowColumns + kKeyColumnsMin;
  std::vector<terminal::Column> titles = {{.title = "index", .align = Align::kRight},
                                          {.title = "status"}};
  for (const char* title : {"start", "duration", "queued", "cold", "function", "retries"})
    titles.push_back({.title = title, .align = Align::kRight});
  if (beside && keyed) titles.push_back({.title = "item", .cut = Cut::kMiddle, .spare = 1});
  // A key is enough on a terminal; where nobody looks there is room for both.
  if (beside && (!keyed || !terminal_.cuts)) titles.push_back({.title = "name", .spare = 2});
  terminal::Table table(std::move(titles));
  for (const uint32_t row : page) {
    const std::string arn = query_.child_arn(run, columns.index[row]);
    const std::string name = child_name(arn);
    if (example_.empty()) example_ = name;
    std::string item;
    if (keyed) {
      const auto child = query_.execution(arn);
      if (!child) return std::unexpected(child.error());
      item = reading::item_text(child->input.view(), key_path, filter_);
    }
    std::vector<terminal::Cell> cells = facts_of(columns, row);
    if (beside && keyed) cells.push_back({item});
    if (beside) cells.push_back({name});
    cells.resize(table.columns());
    table.row(std::move(cells));
    if (!beside) {
      const size_t used = kItemIndent + (keyed ? name.size() + 2 : 0);
      const size_t room = terminal_.room() - std::min(terminal_.room() - kItemMin, used);
      const std::string key = terminal::cut_middle(terminal::single_line(item), room);
      table.note(kItemIndent, Style::kDim, keyed ? key + "  " + name : name, Cut::kMiddle);
    }
    if (!columns.failed(row)) continue;
    table.note(kFailureIndent, Style::kBad,
               failure_of(query_, payloads_, {run.number, columns.index[row]}));
  }
  out_ += table.draw(terminal_);
  if (page.size() < rows.size()) {
    line(terminal_.dim(
        fmt::format("... {} more: raise --limit", terminal::grouped(rows.size() - page.size()))));
  }
  return {};
}

void Tables::groups(const MapRunRecord& run, const Columns& columns, columns::RowSpan rows) {
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
  group_table(found, names, rows.size());
  if (found.empty()) return line("none of them failed");
  const RowGroup& first = found[columns::ordered(found, group_order_).front()];
  example_ = child_name(query_.child_arn(run, columns.index[first.slowest]));
}

void Tables::group_table(const std::vector<RowGroup>& groups, const GroupNames& names,
                         size_t children) {
  const std::vector<size_t> order = columns::ordered(groups, group_order_);
  const size_t shown = std::min(order.size(), limit());
  const bool of_time = flags_.group_by == kByState;  // else of the children
  const auto part = [&](const RowGroup& group) {
    return static_cast<double>(of_time ? group.total : static_cast<int64_t>(group.count));
  };
  double whole = 0;
  uint64_t counted = 0;
  for (const RowGroup& group : groups) {
    whole += part(group);
    counted += group.count;
  }
  const bool several = !of_time && counted > children;
  if (several) whole = static_cast<double>(children);
  const auto number = [&](const char* title, columns::GroupSort sort, int spare = 0) {
    return terminal::Column{
        .title = title, .align = Align::kRight, .spare = group_order_.by == sort ? 0 : spare};
  };
  terminal::Table table({{.title = flags_.group_by, .cut = Cut::kMiddle, .least = kGroupNameMin},
                         number("count", columns::GroupSort::kCount),
                         number(of_time ? "time" : "share", columns::GroupSort::kCount),
                         number("failed", columns::GroupSort::kFailed),
                         number("p50", columns::GroupSort::kP50),
                         number("p95", columns::GroupSort::kP95),
                         number("p99", columns::GroupSort::kP99, 2),
                         number("max", columns::GroupSort::kMax),
                         number("total", columns::GroupSort::kTotal, 1)});
  for (size_t i = 0; i < shown; ++i) {
    const RowGroup& group = groups[order[i]];
    table.row({{names.names[order[i]], Style::kBold},
               {terminal::grouped(group.count)},
               {terminal::percent(whole > 0 ? part(group) / whole : 0)},
               {terminal::grouped(group.failed), group.failed > 0 ? Style::kBad : Style::kPlain},
               {time_text(group.duration.p50)},
               {time_text(group.duration.p95)},
               {time_text(group.duration.p99)},
               {time_text(group.duration.max)},
               {time_text(group.total)}});
    if (names.detail) table.note(2, Style::kBad, names.detail(order[i]));
  }
  out_ += table.draw(terminal_);
  if (several) line(terminal_.dim("a child that has several of these is counted with each"));
  if (shown < order.size()) {
    line(terminal_.dim(
        fmt::format("... {} more: raise --limit", terminal::grouped(order.size() - shown))));
  }
}

base::Result<void> Tables::states(const MapRunRecord& run, const Columns& columns,
                                  columns::RowSpan rows) {
  std::set<uint64_t> chosen;
  for (const uint32_t row : rows) chosen.insert(columns.index[row]);
  reading::StateGroups groups;
  auto read = groups.add_children(query_, run, chosen);
  if (!read) return read;
  group_table(groups.finish(), {.names = groups.names()}, rows.size());
  return {};
}

base::Result<void> Tables::own_states(const std::string& arn) {
  reading::StateGroups groups;
  auto read = groups.add_execution(query_, arn);
  if (!read) return read;
  line(terminal_.bold("The execution's own states"));
  group_table(groups.finish(), {.names = groups.names()}, 0);
  return {};
}

base::Result<std::string> Tables::render(const std::string& arn) {
  if (auto parsed = parse(); !parsed) return std::unexpected(parsed.error());
  std::vector<MapRunRecord> runs;
  const bool map_run = arn::arn_parts(arn).kind == "mapRun";
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
    constexpr std::string_view kOne = "one of them: ";
    line(terminal_.dim(kOne) + terminal_.dim(terminal::command_lines(
                                   "weft trace " + terminal::shell_word(example_) + flags_.where,
                                   terminal_.room(), kOne.size())));
  }
  return std::move(out_);
}

}  // namespace

base::Result<columns::Filter> parse_filters(const std::vector<std::string>& texts) {
  columns::Filter filter;
  for (const std::string& text : texts) {
    auto conditions = columns::parse_filter(text);
    if (!conditions) {
      return fail(conditions.error().code, "--" + conditions.error().message);
    }
    std::ranges::move(*conditions, std::back_inserter(filter));
  }
  return filter;
}

base::Result<std::string> children_tables(const reading::Query& query, reading::RunColumns& columns,
                                          const std::string& arn, const ChildrenFlags& flags,
                                          const trace::Redactor& payloads,
                                          const terminal::Terminal& terminal) {
  return Tables(query, columns, flags, payloads, terminal).render(arn);
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
