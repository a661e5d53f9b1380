#include "reading/trace_source.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "arn/arn.h"
#include "base/time.h"
#include "history/outcome.h"
#include "maprun/slice.h"
#include "reading/properties.h"
#include "records/kept_detail.h"
#include "records/records.h"
#include "store/store.h"
#include "trace/nested.h"
#include "trace/project.h"

namespace weft::reading {
namespace {

using history::ExecutionStatus;

ExecutionStatus status_of(records::MapRunStatus status) {
  switch (status) {
    case records::MapRunStatus::kSucceeded:
      return ExecutionStatus::kSucceeded;
    case records::MapRunStatus::kFailed:
      return ExecutionStatus::kFailed;
    case records::MapRunStatus::kAborted:
      return ExecutionStatus::kAborted;
    default:
      return ExecutionStatus::kRunning;
  }
}

// Children of a Map Run that are known by now, finished or not: its last page of items says it.
base::Result<uint64_t> children_known(const Query& query, uint64_t run) {
  uint64_t known = 0;
  auto read =
      store::scan_checked(query.store(), store::Family::kSlice, records::map_run_key(run),
                          records::map_run_key(run + 1), true,
                          [&](std::string_view, std::string_view value) -> base::Result<bool> {
                            const auto last = maprun::decode_slice(value);
                            if (!last) return std::unexpected(last.error());
                            known = last->first_index + last->children.size();
                            return false;
                          });
  if (!read) return std::unexpected(read.error());
  return known;
}

base::Result<trace::MapRunTrace> read_map_run(const Query& query, const records::MapRunRecord& run,
                                              KeptRows& kept) {
  trace::MapRunTrace trace{.arn = run.arn,
                           .execution_arn = run.execution_arn,
                           .number = run.number,
                           .label = run.label,
                           .state_name = run.state_name,
                           .status = status_of(run.status),
                           .start_ms = run.start_ms,
                           .stop_ms = run.stop_ms,
                           .pending = run.executions.pending,
                           .marks = marks_of(run)};
  if (auto read = kept.read(query, run, trace.rows); !read) return std::unexpected(read.error());
  auto detail = kept.detail(query, run);
  if (!detail) return std::unexpected(detail.error());
  trace.detail = std::move(*detail);
  if (trace.status != ExecutionStatus::kRunning) return trace;
  if (run.imported) {
    trace.unfinished = run.executions.running;
    return trace;
  }
  const auto known = children_known(query, run.number);
  if (!known) return std::unexpected(known.error());
  trace.unfinished = *known - std::min<uint64_t>(*known, trace.rows.size());
  return trace;
}

// The executions that tasks started by these events and that are here, but for those of `arns`, to
// which they are added.
std::vector<NestedExecution> started_by(const Query& query,
                                        const std::vector<history::Event>& events,
                                        std::set<std::string>& arns) {
  std::vector<NestedExecution> started;
  for (const history::Event& event : events) {
    std::string arn = trace::nested_execution_of(event);
    if (arn.empty() || arns.contains(arn)) continue;
    const auto key = query.find_execution(arn);
    if (!key) continue;  // of another store
    const auto detail = query.detail_key_of(*key);
    if (!detail) continue;
    arns.insert(arn);
    started.push_back({*key, std::move(arn), *detail});
  }
  return started;
}

// Reads the executions that tasks of `execution` started, and what is nested in those. `left` is
// how many more may be read; `arns` names all that were.
base::Result<void> add_nested(const Query& query, size_t& left, std::set<std::string>& arns,
                              trace::ExecutionTrace& execution) {
  std::vector<trace::ExecutionTrace*> open = {&execution};
  while (!open.empty()) {
    trace::ExecutionTrace& outer = *open.back();
    open.pop_back();
    for (const NestedExecution& one : started_by(query, outer.events, arns)) {
      if (left == 0) return {};
      --left;
      auto inner = read_execution_trace(query, one.arn);
      if (!inner) return std::unexpected(inner.error());
      outer.nested.push_back(std::move(*inner));
    }
    for (trace::ExecutionTrace& inner : outer.nested) open.push_back(&inner);
  }
  return {};
}

// Records of Map Runs whose children are asked for, by number.
using Records = std::map<uint64_t, records::MapRunRecord>;

// Adds the Map Runs of an execution that has been read, and of all that is nested in it; `only`
// narrows to one number.
base::Result<void> add_map_runs(const Query& query, const trace::ExecutionTrace& execution,
                                uint64_t only, KeptRows& kept,
                                std::vector<trace::MapRunTrace>& runs, Records& records) {
  if (const auto key = query.find_execution(execution.arn)) {
    auto found = query.map_runs(*key);
    if (!found) return std::unexpected(found.error());
    for (records::MapRunRecord& run : *found) {
      if (only != 0 && run.number != only) continue;
      auto trace = read_map_run(query, run, kept);
      if (!trace) return std::unexpected(trace.error());
      runs.push_back(std::move(*trace));
      run.configuration = {};  // the items a Map state was given: large, and not asked for
      records.insert_or_assign(run.number, std::move(run));
    }
  }
  for (const trace::ExecutionTrace& nested : execution.nested) {
    auto added = add_map_runs(query, nested, only, kept, runs, records);
    if (!added) return added;
  }
  return {};
}

// Executions around an imported one that are looked at, so that logs that contradict themselves
// come to an end.
constexpr int kOuterExecutionsMax = 100;

base::Result<trace::Context> context_within(const Query& query, history::ExecutionKey key,
                                            int most) {
  if (key.run != 0) {
    auto run = query.map_run(key.run);
    if (!run) return std::unexpected(run.error());
    if (!run->imported || most == 0 || run->parent == history::ExecutionKey{}) return run->trace;
    auto parent = context_within(query, run->parent, most - 1);
    if (!parent) return parent;
    parent->span = run->trace.span;
    return parent;
  }
  auto record = query.execution_record(key);
  if (!record) return std::unexpected(record.error());
  if (!record->imported || most == 0) return record->trace;
  const auto outer = query.imported_outer(record->arn);
  if (!outer) return std::unexpected(outer.error());
  if (!*outer) return record->trace;
  auto around = context_within(query, **outer, most - 1);
  if (!around) return around;
  auto arn = query.execution_arn(**outer);
  if (!arn) return std::unexpected(arn.error());
  auto events = query.events(**outer);
  if (!events) return std::unexpected(events.error());
  const auto spans =
      trace::project_execution({.arn = *arn, .events = std::move(*events)},
                               {.trace = around->trace, .parent_span = around->span});
  const auto attempt = std::ranges::find_if(spans, [&](const trace::Span& span) {
    return span.attribute("nested_execution_arn") == record->arn;
  });
  if (attempt == spans.end()) return record->trace;
  around->span = attempt->span_id;
  return around;
}

// ARN of the execution that started one; "" where there is none or it is not known.
base::Result<std::string> outer_arn(const Query& query, history::ExecutionKey key) {
  if (key.run != 0) {
    auto run = query.map_run(key.run);
    if (!run) return std::unexpected(run.error());
    return std::move(run->execution_arn);
  }
  auto record = query.execution_record(key);
  if (!record) return std::unexpected(record.error());
  if (!record->imported) return std::move(record->parent_arn);
  const auto outer = query.imported_outer(record->arn);
  if (!outer) return std::unexpected(outer.error());
  return *outer ? query.execution_arn(**outer) : std::string();
}

}  // namespace

std::vector<trace::SpanEvent> marks_of(const records::MapRunRecord& run) {
  std::vector<trace::SpanEvent> marks;
  for (const records::LimitChange& change : run.changes) {
    marks.push_back({.time_ns = change.at_ms * 1'000'000,
                     .name = "weft.limit_changed",
                     .attributes = {{"limit", std::string(records::to_string(change.setting))},
                                    {"from", fmt::format("{}", change.from)},
                                    {"to", fmt::format("{}", change.to)}}});
  }
  return marks;
}

KeptRows::KeptRows() = default;
KeptRows::~KeptRows() = default;

base::Result<std::optional<trace::DetailChoice>> KeptRows::detail(
    const Query& query, const records::MapRunRecord& run) {
  return query.detail(run.number, &runs_[run.number].choice);
}

base::Result<void> KeptRows::read(const Query& query, const records::MapRunRecord& run,
                                  std::vector<history::ChildRow>& out) {
  Run& known = runs_[run.number];
  if (known.revision != run.revision) known = {.revision = run.revision};
  auto read = query.row_chunks(run.number, known.next_chunk,
                               [&](uint64_t chunk, std::span<const history::ChildRow> rows) {
                                 known.rows.insert(known.rows.end(), rows.begin(), rows.end());
                                 known.next_chunk = chunk + 1;
                                 return true;
                               });
  if (!read) return read;
  out.insert(out.end(), known.rows.begin(), known.rows.end());
  return {};
}

base::Result<trace::Lineage> read_lineage(const Query& query, history::ExecutionKey key) {
  trace::Lineage lineage;
  for (size_t levels = 0; levels < kNestedExecutionsShownMax; ++levels) {
    auto outer = outer_arn(query, key);
    if (!outer) return std::unexpected(outer.error());
    if (outer->empty()) break;
    if (lineage.parent.empty()) lineage.parent = *outer;
    lineage.root = std::move(*outer);
    const auto above = query.find_execution(lineage.root);
    if (!above) break;  // it is not here
    key = *above;
  }
  return lineage;
}

base::Result<trace::Context> trace_context(const Query& query, history::ExecutionKey key) {
  return context_within(query, key, kOuterExecutionsMax);
}

base::Result<trace::ExecutionTrace> read_execution_trace(const Query& query,
                                                         const std::string& arn) {
  auto view = query.execution(arn);
  if (!view) return std::unexpected(view.error());
  auto events = query.events(view->key);
  if (!events) return std::unexpected(events.error());
  auto inner = query.inner_spans(view->key);
  if (!inner) return std::unexpected(inner.error());
  return trace::ExecutionTrace{.arn = view->arn,
                               // As in logs that are imported: two Express executions may have
                               // one name.
                               .name = std::string(arn::execution_name_of(view->arn)),
                               .machine = std::string(arn::arn_parts(view->machine_arn).machine),
                               .status = view->status,
                               .start_ms = view->start_ms,
                               .stop_ms = view->stop_ms,
                               .events = std::move(*events),
                               .inner = std::move(*inner)};
}

base::Result<trace::ExecutionTrace> read_child_trace(const Query& query,
                                                     const records::MapRunRecord& run,
                                                     uint64_t index) {
  const history::ExecutionKey key{run.number, index};
  auto events = query.events(key);
  if (!events) return std::unexpected(events.error());
  auto inner = query.inner_spans(key);
  if (!inner) return std::unexpected(inner.error());
  trace::ExecutionTrace child{.arn = query.child_arn(run, index),
                              .machine = fmt::format("{}/{}", run.machine_name, run.label),
                              .events = std::move(*events),
                              .inner = std::move(*inner)};
  if (auto parts = arn::parse_states_arn(child.arn)) child.name = std::move(parts->name);
  for (const history::Event& event : child.events) {
    if (event.type == history::EventType::kExecutionStarted) child.start_ms = event.time_ms;
    if (!history::is_terminal(event.type)) continue;
    child.status = history::status_of(event.type);
    child.stop_ms = event.time_ms;
  }
  return child;
}

base::Result<std::vector<NestedExecution>> nested_executions(const Query& query,
                                                             history::ExecutionKey key) {
  std::vector<NestedExecution> found;
  std::set<std::string> arns;
  for (size_t next = 0;; ++next) {
    auto events = query.events(key);
    if (!events) return std::unexpected(events.error());
    for (NestedExecution& one : started_by(query, *events, arns)) found.push_back(std::move(one));
    if (next >= found.size() || next >= kNestedExecutionsShownMax) break;
    key = found[next].key;
  }
  std::ranges::sort(found, {}, &NestedExecution::key);
  if (found.size() > kNestedExecutionsShownMax) found.resize(kNestedExecutionsShownMax);
  return found;
}

base::Result<std::string> note_about_detail(const Query& query, history::ExecutionKey key) {
  const auto at = query.detail_key_of(key);
  if (!at) return std::unexpected(at.error());
  if (at->run == 0) return std::string();
  auto detail = query.detail(at->run);
  if (!detail) return std::unexpected(detail.error());
  if (!*detail || !(*detail)->dropped(at->index)) return std::string();
  return fmt::format(
      "The spans and log lines of this {}'s functions were not kept{}: {}. Its history is "
      "complete.",
      at->nested == 0 ? "child" : "execution",
      at->nested == 0 ? "" : ", nor those of the child that started it",
      trace::sentence_of(**detail));
}

namespace {

// The keys of the items of children, whose places in the inputs are learned once a Map Run.
class ItemKeys {
 public:
  explicit ItemKeys(const Query& query) : query_(query) {}
  std::string of(uint64_t run, const trace::ExecutionTrace& child) {
    auto path = paths_.find(run);
    if (path == paths_.end()) {
      const auto shape = learn_shape(query_, run);
      path = paths_.emplace(run, shape ? shape->key_path : "").first;
    }
    const bool told =
        !child.events.empty() && child.events.front().type == history::EventType::kExecutionStarted;
    return told ? item_text(child.events.front().text.view(), path->second) : std::string();
  }

 private:
  const Query& query_;
  std::map<uint64_t, std::string> paths_;
};

// The last moment that is known of an execution, what is nested in it, and their Map Runs.
base::UnixMs last_moment(const trace::TraceSource& source) {
  base::UnixMs last = source.parent.start_ms;
  std::vector<const trace::ExecutionTrace*> open = {&source.parent};
  while (!open.empty()) {
    const trace::ExecutionTrace& one = *open.back();
    open.pop_back();
    for (const history::Event& event : one.events) last = std::max(last, event.time_ms);
    for (const trace::ExecutionTrace& inner : one.nested) open.push_back(&inner);
  }
  for (const trace::MapRunTrace& run : source.map_runs) {
    last = std::max(last, run.start_ms);
    for (const history::ChildRow& row : run.rows)
      last = std::max(last, row.start_ms + row.duration_us / 1'000);
  }
  return last;
}

// Nobody knows how what was imported without its end went on.
void cut_at_end_of_log(trace::TraceSource& source) {
  source.now_ms = last_moment(source);
  const std::string sentence =
      fmt::format("The log ends here, {} after the start: no end is known.",
                  base::format_duration_us((source.now_ms - source.parent.start_ms) * 1'000));
  source.note += (source.note.empty() ? "" : " ") + sentence;
}

}  // namespace

base::Result<trace::TraceSource> read_trace_source(const Query& query, const std::string& arn,
                                                   base::UnixMs now_ms, KeptRows* kept) {
  auto parts = arn::parse_states_arn(arn);
  if (!parts) return std::unexpected(parts.error());
  std::string execution_arn = arn;
  uint64_t only_run = 0;
  if (parts->kind == "mapRun") {
    auto run = query.map_run(arn);
    if (!run) return std::unexpected(run.error());
    execution_arn = run->execution_arn;
    only_run = run->number;
  }
  auto parent = read_execution_trace(query, execution_arn);
  if (!parent) return std::unexpected(parent.error());
  trace::TraceSource source{.parent = std::move(*parent), .now_ms = now_ms};
  auto key = query.find_execution(execution_arn);
  if (!key) return std::unexpected(key.error());
  const auto items = std::make_shared<ItemKeys>(query);
  if (key->run != 0) source.parent.item = items->of(key->run, source.parent);
  auto context = trace_context(query, *key);
  if (!context) return std::unexpected(context.error());
  source.context = *context;
  auto lineage = read_lineage(query, *key);
  if (!lineage) return std::unexpected(lineage.error());
  source.lineage = std::move(*lineage);
  auto note = note_about_detail(query, *key);
  if (!note) return std::unexpected(note.error());
  source.note = std::move(*note);
  std::set<std::string> arns = {execution_arn};
  size_t left = kNestedExecutionsShownMax;
  if (auto nested = add_nested(query, left, arns, source.parent); !nested)
    return std::unexpected(nested.error());
  if (left == 0) {
    source.note =
        fmt::format("Of the nested executions the first {} are shown.", kNestedExecutionsShownMax);
  }
  const auto records = std::make_shared<Records>();
  KeptRows fresh;
  auto added = add_map_runs(query, source.parent, only_run, kept != nullptr ? *kept : fresh,
                            source.map_runs, *records);
  if (!added) return std::unexpected(added.error());
  const auto imported = query.is_imported(*key);
  if (!imported) return std::unexpected(imported.error());
  if (*imported && source.parent.status == ExecutionStatus::kRunning) cut_at_end_of_log(source);
  source.child_arn = [&query, records](const trace::MapRunTrace& run, uint64_t index) {
    return query.child_arn(records->at(run.number), index);
  };
  source.child = [&query, records, items](const trace::MapRunTrace& run,
                                          uint64_t index) -> base::Result<trace::ExecutionTrace> {
    auto child = read_child_trace(query, records->at(run.number), index);
    if (!child) return child;
    child->item = items->of(run.number, *child);
    std::set<std::string> nested;
    size_t most = kNestedExecutionsShownMax;
    if (auto added = add_nested(query, most, nested, *child); !added)
      return std::unexpected(added.error());
    return child;
  };
  source.map_runs_of =
      [&query, records](
          const trace::ExecutionTrace& child) -> base::Result<std::vector<trace::MapRunTrace>> {
    std::vector<trace::MapRunTrace> runs;
    KeptRows of_child;  // it has ended mostly, and another one is looked at the next time
    auto added = add_map_runs(query, child, 0, of_child, runs, *records);
    if (!added) return std::unexpected(added.error());
    return runs;
  };
  return source;
}

}  // namespace weft::reading
