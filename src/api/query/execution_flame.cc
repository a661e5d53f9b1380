#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "api/query/execution_spans.h"
#include "arn/arn.h"
#include "metrics/percentile.h"
#include "reading/trace_source.h"
#include "trace/project.h"

namespace weft::api {
namespace {

using trace::Span;
using trace::SpanKind;

// Children of a Map Run whose events and spans are read; of more it is every n-th.
constexpr size_t kChildrenSampled = 1'000;
constexpr size_t kNodesMax = 500;
constexpr size_t kNone = SIZE_MAX;
constexpr size_t kLongestMax = 5;    // calls of a frame that are named
constexpr double kBinsAnOctave = 4;  // of durations, from 1 us

// Attempts, iterations and branches have a number in their name: here they are the same.
std::string_view shown_name(const Span& span) {
  switch (span.kind) {
    case SpanKind::kAttempt:
      return "attempts";
    case SpanKind::kIteration:
      return "iterations";
    case SpanKind::kBranch:
      return "branches";
    case SpanKind::kExecution:
    case SpanKind::kChild:
      return "execution";
    default:
      return span.name;
  }
}

// Spans put together by the way of names that leads to them.
class Flame {
 public:
  // `child`: the index of the one whose spans these are.
  void add(const std::vector<Span>& spans, int64_t child = -1) {
    std::vector<size_t> open;  // nodes above, by depth
    for (const Span& span : spans) {
      open.resize(std::min<size_t>(open.size(), span.depth));
      const size_t node = find(open.empty() ? kNone : open.back(), span);
      nodes_[node].sum += span.duration_us;
      nodes_[node].failed += span.failed() ? 1 : 0;
      nodes_[node].durations.push_back(span.duration_us);
      if (child >= 0) nodes_[node].keep_if_long({span.duration_us, child});
      open.push_back(node);
    }
  }

  // At most kNodesMax, those that took longest together; parents before children.
  json::Value nodes(json::Arena& arena) const {
    const int64_t least = least_sum();
    std::vector<int64_t> place(nodes_.size(), -1);
    json::ArrayBuilder out(arena);
    for (size_t i = 0; i < nodes_.size() && out.size() < kNodesMax; ++i) {
      const Node& node = nodes_[i];
      const bool hangs = node.parent != kNone && place[node.parent] < 0;
      if (node.sum < least || hangs) continue;
      place[i] = static_cast<int64_t>(out.size());
      out.push(value_of(node, node.parent == kNone ? -1 : place[node.parent], arena));
    }
    return out.finish();
  }
  size_t size() const { return nodes_.size(); }

 private:
  struct Call {
    int64_t duration_us = 0;
    int64_t child = 0;
  };
  struct Node {
    size_t parent = kNone;
    SpanKind kind = SpanKind::kState;
    std::string name;
    int64_t sum = 0;
    uint64_t failed = 0;
    std::vector<int64_t> durations;
    std::vector<Call> longest;  // the longest first

    void keep_if_long(Call call) {
      if (longest.size() == kLongestMax && longest.back().duration_us >= call.duration_us) return;
      const auto shorter = [&](const Call& other) { return other.duration_us < call.duration_us; };
      longest.insert(std::ranges::find_if(longest, shorter), call);
      if (longest.size() > kLongestMax) longest.pop_back();
    }
  };
  struct Key {
    size_t parent = kNone;
    SpanKind kind = SpanKind::kState;
    std::string name;
    auto operator<=>(const Key&) const = default;
  };

  size_t find(size_t parent, const Span& span) {
    const auto [found, added] =
        places_.try_emplace(Key{parent, span.kind, std::string(shown_name(span))}, nodes_.size());
    if (added) nodes_.push_back({parent, span.kind, found->first.name, 0, 0, {}, {}});
    return found->second;
  }

  int64_t least_sum() const {
    if (nodes_.size() <= kNodesMax) return 0;
    std::vector<int64_t> sums;
    for (const Node& node : nodes_) sums.push_back(node.sum);
    std::ranges::nth_element(sums, sums.begin() + kNodesMax - 1, std::greater());
    return sums[kNodesMax - 1];
  }

  // The first bin that has any, and how many are in each from there on to the last.
  static json::Value bins_of(const std::vector<int64_t>& durations, json::Arena& arena) {
    std::map<int64_t, int64_t> counts;
    for (const int64_t us : durations) {
      const double octaves = std::log2(static_cast<double>(std::max<int64_t>(1, us)));
      ++counts[static_cast<int64_t>(octaves * kBinsAnOctave)];
    }
    json::ArrayBuilder out(arena);
    if (counts.empty()) return out.finish();
    const int64_t first = counts.begin()->first;
    out.push(json::Value::integer(first));
    for (int64_t bin = first; bin <= counts.rbegin()->first; ++bin) {
      const auto found = counts.find(bin);
      out.push(json::Value::integer(found == counts.end() ? 0 : found->second));
    }
    return out.finish();
  }

  static json::Value longest_of(const Node& node, json::Arena& arena) {
    json::ArrayBuilder out(arena);
    for (const Call& call : node.longest) {
      out.push(aws::Answer(arena).number("idx", call.child).number("d", call.duration_us).finish());
    }
    return out.finish();
  }

  static json::Value value_of(const Node& node, int64_t parent, json::Arena& arena) {
    const metrics::Percentiles values = metrics::percentiles(node.durations);
    return aws::Answer(arena)
        .number("parent", parent)
        .text("kind", trace::to_string(node.kind))
        .text("name", node.name)
        .number("sum", node.sum)
        .number("n", static_cast<int64_t>(node.durations.size()))
        .number("failed", static_cast<int64_t>(node.failed))
        .number("p50", values.p50)
        .number("p95", values.p95)
        .number("p99", values.p99)
        .number("max", values.max)
        .value("bins", bins_of(node.durations, arena))
        .value("longest", longest_of(node, arena))
        .finish();
  }

  std::vector<Node> nodes_;
  std::map<Key, size_t> places_;
};

// Of an execution or a child alone.
FoundResult of_execution(const Question& question) {
  const auto found = spans_of_execution(question, false);
  if (!found) return std::unexpected(found.error());
  Flame flame;
  flame.add(found->spans);
  return Found{aws::Answer(question.arena)
                   .flag("final", found->final)
                   .number("read", 1)
                   .number("of", 1)
                   .number("all", static_cast<int64_t>(flame.size()))
                   .value("nodes", flame.nodes(question.arena))
                   .to_text(),
               found->final};
}

// Of the finished children of a Map Run that the filter chooses.
FoundResult of_children(const Question& question) {
  const auto view = read_run(question);
  if (!view) return std::unexpected(view.error());
  const size_t step =
      std::max<size_t>(1, (view->rows().size() + kChildrenSampled - 1) / kChildrenSampled);
  Flame flame;
  int64_t read = 0;
  for (size_t i = 0; i < view->rows().size(); i += step) {
    const uint64_t index = view->columns->index[view->rows()[i]];
    auto child = reading::read_child_trace(question.query, view->run, index);
    if (!child) return std::unexpected(child.error());
    flame.add(trace::project_execution(*child, {.map_child = true, .now_ms = question.now_ms}),
              static_cast<int64_t>(index));
    ++read;
  }
  aws::Answer answer = begin_answer(question, *view);
  answer.number("read", read)
      .number("of", static_cast<int64_t>(view->rows().size()))
      .number("all", static_cast<int64_t>(flame.size()))
      .value("nodes", flame.nodes(question.arena));
  return Found{answer.to_text(), view->final()};
}

}  // namespace

FoundResult execution_flame(const Question& question) {
  const auto arn = question.parameters.find("arn");
  const bool run = arn && arn::arn_parts(*arn).kind == "mapRun";
  return run ? of_children(question) : of_execution(question);
}

}  // namespace weft::api
