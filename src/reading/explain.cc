#include "reading/explain.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <memory>
#include <ranges>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/counted.h"
#include "base/time.h"
#include "columns/attribute_counts.h"
#include "columns/batches.h"
#include "metrics/percentile.h"
#include "reading/nothing_chosen.h"
#include "reading/properties.h"
#include "trace/function_call.h"

namespace weft::reading {
namespace {

using columns::Columns;
using columns::Difference;
using columns::Field;
using columns::Rows;
using columns::RowSpan;

// Durations beyond so many times the median are slow, when they are a small part of all.
constexpr int64_t kSlowMedians = 3;
// What is no longer than this beyond the median is the machine's mood.
constexpr int64_t kSlowLeastUs = 10'000;
constexpr double kSlowShareMax = 0.35;
// A part of the time that is worth a sentence.
constexpr double kAdviceShare = 0.25;
// A span that takes this much longer is worth a line.
constexpr double kSpanTimes = 1.5;
constexpr size_t kSpansMax = 5;
constexpr size_t kDifferencesMax = 40;

double share_of(int64_t part, const columns::TimeSplit& split) {
  return split.total() == 0 ? 0 : static_cast<double>(part) / static_cast<double>(split.total());
}

// The slow: beyond three medians where that is a part of the children that stands apart, else
// beyond the 95th percentile. Where children mostly queue, which hides what they do themselves, by
// their time in functions. Children that did not succeed are explained on their own.
struct Slow {
  Rows rows;
  int64_t from_us = 0;
  bool in_functions = false;
};
// Calls `take` with the rows of the children that succeeded, and what each took.
template <typename Take>
void each_succeeded(const Columns& columns, bool in_functions, const Take& take) {
  columns::Values<history::ExecutionStatus> status;
  columns::Values<int64_t> duration;
  columns::Values<uint32_t> run;
  columns::each_batch(columns::all_rows(columns), [&](const columns::Batch& batch) {
    batch.read(columns.status, status);
    if (in_functions) {
      batch.read(columns.run, run);
    } else {
      batch.read(columns.duration, duration);
    }
    for (size_t i = 0; i < batch.size(); ++i) {
      if (status[i] == history::ExecutionStatus::kSucceeded)
        take(batch.row(i), in_functions ? int64_t{run[i]} : duration[i]);
    }
  });
}
Slow slow_rows(const Columns& columns, const columns::Summary& summary,
               const columns::TimeSplit& time) {
  const auto count = static_cast<double>(
      summary.by_status[static_cast<size_t>(history::ExecutionStatus::kSucceeded)]);
  if (count == 0) return {};
  const bool in_functions = time.run > 0 && share_of(time.queue, time) >= kAdviceShare;
  const metrics::Percentiles all = metrics::percentiles_of([&](const auto& take) {
    each_succeeded(columns, in_functions, [&](uint32_t, int64_t took) { take(took); });
  });
  const auto beyond = [&](int64_t limit) {
    Slow slow{.from_us = limit, .in_functions = in_functions};
    each_succeeded(columns, in_functions, [&](uint32_t row, int64_t took) {
      if (took > limit) slow.rows.push_back(row);
    });
    return slow;
  };
  Slow apart = beyond(std::max(kSlowMedians * all.p50, all.p50 + kSlowLeastUs));
  const double share = static_cast<double>(apart.rows.size()) / count;
  if (apart.rows.size() >= 2 && share <= kSlowShareMax) return apart;
  // Where nearly all take as long as the median there are no slow ones.
  Slow tail = beyond(all.p95);
  const bool close = all.max < std::max(all.p50 * 3 / 2, all.p50 + kSlowLeastUs);
  if (tail.rows.size() < 2 || close) return {};
  return tail;
}

// The children that ended in one of these ways.
Rows with_status(const Columns& columns, const std::vector<history::ExecutionStatus>& any) {
  columns::Condition condition{.field = Field::kStatus};
  for (const history::ExecutionStatus one : any)
    condition.values.push_back(static_cast<uint32_t>(one));
  return columns::select(columns, {condition});
}

// A process of a function: each function numbers its own.
struct Process {
  std::string function;
  uint32_t number = 0;
  auto operator<=>(const Process&) const = default;
};

// What is read of some children of one side.
struct ReadChildren {
  uint64_t children = 0;
  uint64_t with_spans = 0;
  std::map<Process, uint64_t> processes;  // children that a process worked for
  std::map<std::string, int64_t> spans_us;
};

// What one child's events and spans tell.
struct ReadChild {
  std::set<Process> processes;  // that worked for it
  std::map<std::string, int64_t> spans_us;
};

// Children are read of which the index hashes lowest: chosen by nothing that they did, and two
// sides that share rows share most of what is chosen.
class Lottery {
 public:
  explicit Lottery(const Columns& columns)
      : columns_(columns), drawn_(draw(columns::all_rows(columns), kDrawn, {})) {}

  // `most` of the rows, none of those in `left_out`, which may be empty.
  Rows draw(RowSpan rows, size_t most, const std::vector<bool>& left_out) const {
    const auto hash = [&](uint32_t row) { return mixed(columns_.index[row]); };
    Rows lowest;  // a heap, the highest of them on top
    uint64_t highest = UINT64_MAX;
    columns::Values<uint64_t> index;
    columns::each_batch(rows, [&](const columns::Batch& batch) {
      batch.read(columns_.index, index);
      for (size_t i = 0; i < batch.size(); ++i) {
        if (mixed(index[i]) >= highest) continue;
        const uint32_t row = batch.row(i);
        if (!left_out.empty() && left_out[row]) continue;
        if (lowest.size() == most) {
          std::ranges::pop_heap(lowest, {}, hash);
          lowest.pop_back();
        }
        lowest.push_back(row);
        std::ranges::push_heap(lowest, {}, hash);
        if (lowest.size() == most) highest = hash(lowest.front());
      }
    });
    std::ranges::sort(lowest, {}, hash);
    return lowest;
  }
  // The same of all rows: mostly without looking at them once more.
  Rows draw_of_all(size_t most, const std::vector<bool>& left_out) const {
    Rows found;
    for (const uint32_t row : drawn_) {
      if (!left_out.empty() && left_out[row]) continue;
      found.push_back(row);
      if (found.size() == most) return found;
    }
    if (drawn_.size() == columns_.size()) return found;
    return draw(columns::all_rows(columns_), most, left_out);
  }

 private:
  static constexpr size_t kDrawn = 4'096;

  // The finaliser of SplitMix64.
  static uint64_t mixed(uint64_t value) {
    value += 0x9E3779B97F4A7C15u;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
  }

  const Columns& columns_;
  const Rows drawn_;  // of all, the lowest first
};

// Reads children, each once, whatever sides it is on.
class ChildReader {
 public:
  ChildReader(const Query& query, uint64_t run, const Columns& columns, const Lottery& lottery)
      : query_(query), run_(run), columns_(columns), lottery_(lottery) {}

  // At most kChildrenReadMax of the rows, none of those in `left_out`, which may be empty.
  base::Result<ReadChildren> read(RowSpan rows, const std::vector<bool>& left_out = {}) {
    ReadChildren read;
    const Rows chosen = rows.list() == nullptr ? lottery_.draw_of_all(kChildrenReadMax, left_out)
                                               : lottery_.draw(rows, kChildrenReadMax, left_out);
    for (const uint32_t row : chosen) {
      auto child = one(row);
      if (!child) return std::unexpected(child.error());
      ++read.children;
      for (const Process& process : (*child)->processes) ++read.processes[process];
      if (!(*child)->spans_us.empty()) ++read.with_spans;
      for (const auto& [name, us] : (*child)->spans_us) read.spans_us[name] += us;
    }
    return read;
  }

 private:
  base::Result<const ReadChild*> one(uint32_t row) {
    const auto [at, fresh] = children_.try_emplace(row);
    ReadChild& child = at->second;
    if (!fresh) return &child;
    const history::ExecutionKey key{run_, columns_.index[row]};
    const auto events = query_.events(key);
    if (!events) return std::unexpected(events.error());
    std::map<history::ScopeId, std::string> called;
    for (const history::Event& event : *events) {
      if (std::string function = trace::function_called(event); !function.empty())
        called[event.scope] = std::move(function);
      if (event.timing && event.timing->sandbox != 0)
        child.processes.insert({called[event.scope], event.timing->sandbox});
    }
    const auto spans = query_.inner_spans(key);
    if (!spans) return std::unexpected(spans.error());
    for (const trace::InnerSpan& span : *spans) {
      const std::string name =
          span.resource.empty() ? span.name : fmt::format("{} {}", span.name, span.resource);
      child.spans_us[name] += span.duration_ns / 1'000;
    }
    return &child;
  }

  const Query& query_;
  const uint64_t run_;
  const Columns& columns_;
  const Lottery& lottery_;
  std::map<uint32_t, ReadChild> children_;  // by row
};

void add_processes(const ReadChildren& selected, const ReadChildren& others,
                   std::vector<Difference>& found) {
  for (const auto& [process, count] : selected.processes) {
    const auto theirs = others.processes.find(process);
    auto one =
        columns::compare(count, selected.children,
                         theirs == others.processes.end() ? 0 : theirs->second, others.children);
    if (!one) continue;
    one->attribute = "function process";
    one->value = process.function.empty() ? fmt::format("{}", process.number)
                                          : fmt::format("{} {}", process.function, process.number);
    found.push_back(std::move(*one));
  }
}

std::vector<SpanShare> slower_spans(const ReadChildren& selected, const ReadChildren& others) {
  std::vector<SpanShare> found;
  if (selected.with_spans == 0) return found;
  const auto average = [](int64_t total, uint64_t children) {
    return children == 0 ? 0 : total / static_cast<int64_t>(children);
  };
  for (const auto& [name, total] : selected.spans_us) {
    const auto theirs = others.spans_us.find(name);
    const SpanShare share{.name = name,
                          .selected_us = average(total, selected.with_spans),
                          .others_us = theirs == others.spans_us.end()
                                           ? 0
                                           : average(theirs->second, others.with_spans)};
    if (share.selected_us < 1'000 ||
        static_cast<double>(share.selected_us) < kSpanTimes * static_cast<double>(share.others_us))
      continue;
    found.push_back(share);
  }
  std::ranges::sort(found, std::ranges::greater{},
                    [](const SpanShare& one) { return one.selected_us - one.others_us; });
  if (found.size() > kSpansMax) found.resize(kSpansMax);
  return found;
}

enum class What : uint8_t { kFailed, kSlow, kSelected };

// What follows from being slow or failed, and so explains neither.
bool follows(const Difference& one, What what) {
  if (what == What::kSelected) return false;
  if (one.attribute == "run time" || one.attribute == "lane") return true;
  return what == What::kSlow && (one.attribute == "status" || one.attribute == "queue time");
}

// By what they tell; of those that choose as many children on both sides, which are the same
// children by all likelihood, the first.
void keep_the_telling(std::vector<Difference>& shares) {
  // Of what tells as much, an item's key and what its input says are causes sooner than a size.
  const auto rank = [](const Difference& one) {
    if (one.attribute == "key prefix") return 0;
    return one.attribute.contains('.') || one.attribute == "function" ? 1 : 2;
  };
  std::ranges::sort(shares, {}, [&](const Difference& one) {
    return std::tuple(-one.score, rank(one), one.attribute, one.value);
  });
  std::set<std::pair<uint64_t, uint64_t>> told;
  std::erase_if(shares, [&](const Difference& one) {
    return !told.insert({one.selected, one.others}).second;
  });
  if (shares.size() > kSharesMax) shares.resize(kSharesMax);
}

// What all children have, counted once for all that is compared with them.
struct Whole {
  std::shared_ptr<const columns::AttributeCounts> counts;
  uint64_t stopped = 0;
};

// What the rows share, out of the columns and out of what is read of some of them.
base::Result<ExplainedGroup> explain_rows(ChildReader& reader, const Columns& columns,
                                          const Whole& whole, const Rows& rows,
                                          const std::vector<Field>& except,
                                          const std::vector<std::string>& except_properties,
                                          What what) {
  ExplainedGroup group{.count = rows.size()};
  RowSpan base = columns::all_rows(columns);
  // What was stopped before it did anything is no example of what does well.
  Rows not_stopped;
  if (what != What::kSelected && whole.stopped > 0) {
    not_stopped = with_status(
        columns, {history::ExecutionStatus::kSucceeded, history::ExecutionStatus::kFailed,
                  history::ExecutionStatus::kTimedOut});
    base = not_stopped;
  }
  group.shares = columns::differs(columns, rows, base, except, kDifferencesMax, except_properties,
                                  whole.counts.get())
                     .found;
  const auto selected = reader.read(rows);
  if (!selected) return std::unexpected(selected.error());
  std::vector<bool> selection(columns.size());
  for (const uint32_t row : rows) selection[row] = true;
  const auto rest = reader.read(base, selection);
  if (!rest) return std::unexpected(rest.error());
  add_processes(*selected, *rest, group.shares);
  group.spans = slower_spans(*selected, *rest);
  std::erase_if(group.shares, [&](const Difference& one) { return follows(one, what); });
  keep_the_telling(group.shares);
  return group;
}

base::Result<std::vector<std::string>> advice_of(ChildReader& reader, const Explanation& answer,
                                                 const Columns& columns) {
  std::vector<std::string> advice;
  const columns::TimeSplit& time = answer.time;
  const double queue = share_of(time.queue, time);
  if (queue >= kAdviceShare) {
    const auto read = reader.read(columns::all_rows(columns));
    if (!read) return std::unexpected(read.error());
    // Of those that were seen some took the place of others: of what timed out, or was idle.
    const uint64_t at_once = std::min<uint64_t>(
        read->processes.size(), columns::at_work_at_once(columns, columns::all_rows(columns)));
    advice.push_back(fmt::format(
        "The functions ran in {} at most, the Map Run up to {} at once: {:.0f} % of the time is "
        "queue. Raise the function's concurrency, or lower MaxConcurrency.",
        base::counted(at_once, "process", "processes"),
        base::counted(answer.all.lanes, "child", "children"), 100 * queue));
  }
  if (const double cold = share_of(time.cold, time); cold >= kAdviceShare) {
    const Rows failed = with_status(
        columns, {history::ExecutionStatus::kFailed, history::ExecutionStatus::kTimedOut});
    const auto of_failed = static_cast<uint64_t>(
        std::ranges::count_if(failed, [&](uint32_t row) { return columns.cold[row] > 0; }));
    const std::string share =
        fmt::format("{:.0f} % of the time is cold starts: {} waited for one", 100 * cold,
                    base::counted(answer.all.cold_starts, "child", "children"));
    // A process that ends, or is killed at its time-out, is started anew for the next call.
    advice.push_back(2 * of_failed > answer.all.cold_starts
                         ? fmt::format("{}, of which {} failed. Processes that end with a call are "
                                       "started anew for the next: look at what fails first.",
                                       share, of_failed)
                         : share + ". Start fewer processes, or make their start shorter.");
  }
  if (const double retry = share_of(time.retry_wait, time); retry >= kAdviceShare) {
    advice.push_back(
        fmt::format("{:.0f} % of the time children wait between retries ({} of them): look at what "
                    "fails first.",
                    100 * retry, answer.all.retries));
  }
  return advice;
}

// What is explained.
struct Subject {
  const Query& query;
  const Columns& columns;
  const Lottery& lottery;
  const Whole& whole;
  const trace::Redactor& payloads;
};

base::Result<void> explain_failed(const Subject& of, Explanation& answer) {
  const Rows failed = with_status(
      of.columns, {history::ExecutionStatus::kFailed, history::ExecutionStatus::kTimedOut});
  if (failed.empty()) return {};
  auto kinds = error_kinds(of.query, answer.run, of.columns, failed, of.payloads);
  if (!kinds) return std::unexpected(kinds.error());
  answer.errors = std::move(*kinds);
  ChildReader children(of.query, answer.run.number, of.columns, of.lottery);
  auto group = explain_rows(children, of.columns, of.whole, failed, {Field::kStatus, Field::kError},
                            {}, What::kFailed);
  if (!group) return std::unexpected(group.error());
  group->filter = "status:failed,timed_out";
  answer.failed = std::move(*group);
  return {};
}

base::Result<void> explain_slow(const Subject& of, Explanation& answer) {
  const Slow slow = slow_rows(of.columns, answer.all, answer.time);
  if (slow.rows.empty()) return {};
  ChildReader children(of.query, answer.run.number, of.columns, of.lottery);
  auto group =
      explain_rows(children, of.columns, of.whole, slow.rows, {Field::kDuration}, {}, What::kSlow);
  if (!group) return std::unexpected(group.error());
  group->filter =
      fmt::format("status:succeeded {}:>{}us", slow.in_functions ? "run" : "dur", slow.from_us);
  answer.slow_from_us = slow.from_us;
  answer.slow_in_functions = slow.in_functions;
  answer.slow_time = columns::split_time(of.columns, slow.rows);
  answer.slow = std::move(*group);
  return {};
}

}  // namespace

base::Result<Explanation> explain(const Query& query, RunColumns& reader,
                                  const records::MapRunRecord& run, columns::Filter filter,
                                  const trace::Redactor& payloads) {
  WantedColumns wanted(true);
  wanted.discover = true;
  add_wanted(filter, wanted);
  const auto read = reader.get(query, run, wanted);
  if (!read) return std::unexpected(read.error());
  const Columns& columns = **read;
  const columns::Filter typed = filter;
  if (auto named = resolve_errors(query, run, columns, filter); !named)
    return std::unexpected(named.error());
  const auto known = reader.whole(run.number, *read);
  Explanation answer{
      .run = run, .children = columns.size(), .all = known->summary, .time = known->time};
  auto shape = reader.shape(query, run);
  if (!shape) return std::unexpected(shape.error());
  answer.key_path = shape->key_path;
  const Lottery lottery(columns);
  const Whole whole{
      .counts = reader.attributes(run.number, *read),
      .stopped = answer.all.by_status[static_cast<size_t>(history::ExecutionStatus::kAborted)]};
  ChildReader children(query, run.number, columns, lottery);
  if (!filter.empty()) {
    std::vector<Field> except;
    for (const columns::Condition& condition : filter) except.push_back(condition.field);
    // A failure has an error and a bad end: neither explains the other.
    for (const auto& [one, other] :
         {std::pair{Field::kError, Field::kStatus}, std::pair{Field::kStatus, Field::kError}}) {
      if (std::ranges::find(except, one) != except.end()) except.push_back(other);
    }
    const Rows chosen = columns::select(columns, filter);
    if (chosen.empty()) answer.nothing_chosen = why_nothing(columns, filter, typed, *shape);
    auto group = explain_rows(children, columns, whole, chosen, except,
                              columns::properties_of(filter), What::kSelected);
    if (!group) return std::unexpected(group.error());
    answer.selection = std::move(*group);
    return answer;
  }
  const Subject of{
      .query = query, .columns = columns, .lottery = lottery, .whole = whole, .payloads = payloads};
  // The two know nothing of one another.
  std::array<base::Result<void>, 2> done;
  const auto part = [&](size_t i) {
    done[i] = i == 0 ? explain_failed(of, answer) : explain_slow(of, answer);
  };
  reader.together()->run(done.size(), part);
  for (const base::Result<void>& one : done)
    if (!one) return std::unexpected(one.error());
  auto advice = advice_of(children, answer, columns);
  if (!advice) return std::unexpected(advice.error());
  answer.advice = std::move(*advice);
  return answer;
}

}  // namespace weft::reading
