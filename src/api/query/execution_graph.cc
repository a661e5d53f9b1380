#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "api/query/execution_spans.h"
#include "metrics/percentile.h"
#include "reading/trace_source.h"
#include "trace/project.h"
#include "trace/visits.h"

namespace weft::api {
namespace {

using trace::Span;
using trace::SpanKind;

// Children of a Map Run whose events are read, those at work too; of more it is every n-th, and the
// answer says so.
constexpr uint64_t kChildrenOfGraph = 1'000;

// Of the time from the first visit of a state to the end of its last: how many were at work in
// each.
constexpr size_t kParts = 60;

// All visits of one state. One that a redrive goes on with is the same visit, and how it ended last
// is how it ended.
struct Visits {
  uint64_t order = 0;  // of first appearance
  std::string type;
  std::string resource;
  std::string function;
  uint64_t entered = 0;
  uint64_t running = 0;
  uint64_t failed = 0;
  uint64_t caught = 0;
  uint64_t aborted = 0;
  uint64_t retries = 0;
  int64_t from = INT64_MAX;
  int64_t to = INT64_MIN;
  std::vector<int64_t> durations;  // of those that ended
  std::vector<std::pair<int64_t, int64_t>> times;
};

// How often one state followed another.
using Edges = std::map<std::pair<std::string, std::string>, std::pair<uint64_t, uint64_t>>;

class Graph {
 public:
  explicit Graph(int64_t origin) : origin_(origin) {}

  void add(const std::vector<Span>& spans) {
    for (const trace::Visit& visit : trace::state_visits(spans)) add_visit(visit);
    Visits* state = nullptr;
    for (const Span& span : spans) {
      if (span.kind == SpanKind::kState) state = &states_[span.name];
      const bool works = span.kind == SpanKind::kState || span.kind == SpanKind::kAttempt;
      if (!works || state == nullptr) continue;
      if (!span.resource.empty()) state->resource = span.resource;
      if (const auto function = span.attribute("function"); !function.empty())
        state->function = function;
    }
  }

  json::Value nodes(json::Arena& arena) const {
    std::vector<std::pair<uint64_t, const std::string*>> order;
    for (const auto& [name, visits] : states_) order.emplace_back(visits.order, &name);
    std::ranges::sort(order);
    json::ArrayBuilder out(arena);
    for (const auto& [place, name] : order) {
      out.push(node_value(*name, states_.at(*name), arena));
    }
    return out.finish();
  }

  json::Value edges(json::Arena& arena) const {
    json::ArrayBuilder out(arena);
    for (const auto& [ends, counts] : edges_) {
      out.push(aws::Answer(arena)
                   .text("from", ends.first)
                   .text("to", ends.second)
                   .number("n", static_cast<int64_t>(counts.first))
                   .number("caught", static_cast<int64_t>(counts.second))
                   .finish());
    }
    return out.finish();
  }

 private:
  void add_visit(const trace::Visit& visit) {
    using enum trace::VisitOutcome;
    const Span& last = visit.last();
    Visits& state = states_[last.name];
    if (state.entered++ == 0) {
      state.order = states_.size();
      state.type = last.attribute("state_type");
    }
    const trace::VisitOutcome outcome = visit.outcome();
    state.running += outcome == kRunning ? 1 : 0;
    state.failed += outcome == kFailed ? 1 : 0;
    state.caught += outcome == kCaught ? 1 : 0;
    state.aborted += outcome == kAborted ? 1 : 0;
    state.retries += visit.retries();
    state.from = std::min(state.from, visit.first().start_us);
    state.to = std::max(state.to, last.end_us());
    if (outcome != kRunning) state.durations.push_back(visit.duration_us());
    for (const Span* span : visit.spans) state.times.emplace_back(span->start_us, span->end_us());
    if (const auto next = visit.attribute("next_state"); !next.empty()) {
      auto& [n, of_them_caught] = edges_[{last.name, std::string(next)}];
      ++n;
      of_them_caught += outcome == kCaught ? 1 : 0;
    }
  }

  // How many visits were at work in each part of the time, on average.
  static json::Value at_work(const Visits& visits, json::Arena& arena) {
    const double part = static_cast<double>(std::max<int64_t>(1, visits.to - visits.from)) / kParts;
    std::vector<double> sums(kParts, 0.0);
    for (const auto& [start, end] : visits.times) {
      const double from = static_cast<double>(start - visits.from) / part;
      const double to = static_cast<double>(end - visits.from) / part;
      for (auto i = static_cast<size_t>(from); i < kParts && static_cast<double>(i) < to; ++i) {
        const auto left = static_cast<double>(i);
        sums[i] += std::min(to, left + 1) - std::max(from, left);
      }
    }
    json::ArrayBuilder out(arena);
    for (const double sum : sums) out.push(json::Value::number(std::round(sum * 100) / 100));
    return out.finish();
  }

  json::Value node_value(const std::string& name, const Visits& visits, json::Arena& arena) const {
    const auto number = [](uint64_t count) { return static_cast<int64_t>(count); };
    const metrics::Percentiles values = metrics::percentiles(visits.durations);
    int64_t sum = 0;
    for (const int64_t duration : visits.durations) sum += duration;
    const uint64_t others = visits.running + visits.failed + visits.caught + visits.aborted;
    return aws::Answer(arena)
        .text("name", name)
        .text("type", visits.type)
        .text_if("resource", visits.resource)
        .text_if("function", visits.function)
        .number("entered", number(visits.entered))
        .number("running", number(visits.running))
        .number("ok", number(visits.entered - others))
        .number("failed", number(visits.failed))
        .number("caught", number(visits.caught))
        .number("aborted", number(visits.aborted))
        .number("retries", number(visits.retries))
        .number("p50", values.p50)
        .number("p95", values.p95)
        .number("p99", values.p99)
        .number("max", values.max)
        .number("sum", sum)
        .number("s", visits.from - origin_)
        .number("e", visits.to - origin_)
        .value("conc", visits.entered > 1 ? at_work(visits, arena) : json::Value::null())
        .finish();
  }

  const int64_t origin_;
  std::map<std::string, Visits> states_;
  Edges edges_;
};

// The children that have been started, by index; how many of them have ended.
struct Started {
  std::set<uint64_t> indexes;
  size_t finished = 0;
};

// Those at work are asked for first: one that ends between the two is told by its row.
base::Result<Started> started_children(const Question& question, const records::MapRunRecord& run) {
  Started started;
  if (run.status == records::MapRunStatus::kRunning) {
    for (const reading::ExecutionItem& child : question.host.running_children(run.arn)) {
      started.indexes.insert(child.key.index);
    }
  }
  const auto columns = question.columns.get(question.query, run, {});
  if (!columns) return std::unexpected(columns.error());
  started.finished = (*columns)->index.size();
  for (const uint64_t index : (*columns)->index) started.indexes.insert(index);
  return started;
}

// The states of a Map Run's children.
base::Result<json::Value> children_value(const Question& question,
                                         const records::MapRunRecord& run) {
  const auto started = started_children(question, run);
  if (!started) return std::unexpected(started.error());
  const size_t step =
      std::max<size_t>(1, (started->indexes.size() + kChildrenOfGraph - 1) / kChildrenOfGraph);
  Graph graph(run.start_ms * 1'000);
  int64_t read = 0;
  size_t place = 0;
  for (const uint64_t index : started->indexes) {
    if (place++ % step != 0) continue;
    auto child = reading::read_child_trace(question.query, run, index);
    if (!child) return std::unexpected(child.error());
    graph.add(trace::project_execution(*child, {.map_child = true, .now_ms = question.now_ms}));
    ++read;
  }
  return aws::Answer(question.arena)
      .text("arn", run.arn)
      .text("state", run.state_name)
      .number("started", static_cast<int64_t>(started->indexes.size()))
      .number("finished", static_cast<int64_t>(started->finished))
      .number("read", read)
      .value("nodes", graph.nodes(question.arena))
      .value("edges", graph.edges(question.arena))
      .finish();
}

}  // namespace

FoundResult execution_graph(const Question& question) {
  const auto found = spans_of_execution(question, false);
  if (!found) return std::unexpected(found.error());
  Graph graph(found->spans.front().start_us);
  graph.add(found->spans);
  const auto key = question.query.find_execution(found->arn);
  if (!key) return std::unexpected(key.error());
  const auto runs = question.query.map_runs(*key);
  if (!runs) return std::unexpected(runs.error());
  json::ArrayBuilder children(question.arena);
  for (const records::MapRunRecord& run : *runs) {
    auto value = children_value(question, run);
    if (!value) return std::unexpected(value.error());
    children.push(*value);
  }
  return Found{aws::Answer(question.arena)
                   .flag("final", found->final)
                   .value("nodes", graph.nodes(question.arena))
                   .value("edges", graph.edges(question.arena))
                   .value("mapRuns", children.finish())
                   .to_text(),
               found->final};
}

}  // namespace weft::api
