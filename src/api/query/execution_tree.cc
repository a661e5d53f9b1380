#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "api/query/execution_spans.h"
#include "metrics/percentile.h"

namespace weft::api {
namespace {

using trace::Span;
using trace::SpanKind;

// Siblings that are alike are one row beyond so many.
constexpr int64_t kGroupMin = 20;
// Rows of one answer, and children that a row brings along without being asked.
constexpr int64_t kRows = 200;
constexpr size_t kKidsInlined = 24;
// Stretches that the bar of a row shows.
constexpr size_t kStretchesMax = 64;
constexpr size_t kSlowest = 5;

// What makes siblings alike: iterations and attempts have a number in their name.
std::string group_key(const Span& span) {
  const bool numbered = span.kind == SpanKind::kIteration || span.kind == SpanKind::kAttempt ||
                        span.kind == SpanKind::kBranch;
  return fmt::format("{}:{}", trace::to_string(span.kind), numbered ? "" : span.name);
}

bool is_running(const Span& span) { return span.status == history::ExecutionStatus::kRunning; }

bool is_stretch(SpanKind kind) {
  return kind == SpanKind::kQueue || kind == SpanKind::kColdStart || kind == SpanKind::kLambda ||
         kind == SpanKind::kWait || kind == SpanKind::kTokenWait;
}

class Tree {
 public:
  Tree(const Question& question, const SpansOfExecution& found, size_t group_min, size_t rows)
      : arena_(question.arena),
        spans_(found.spans),
        below_(children_of_spans(found.spans)),
        rows_(question.arena),
        group_min_(group_min),
        rows_max_(rows) {}

  // The rows below spans_[parent], or of the first level. `group` narrows to the members of one
  // group; `after` skips rows.
  void add(size_t parent, std::string_view group, size_t after) {
    std::vector<Line> lines = group.empty() ? lines_of(below_[parent]) : members(parent, group);
    total_ = lines.size();
    const size_t end = std::min(lines.size(), after + rows_max_);
    for (size_t i = after; i < end; ++i) emit(lines[i], 0);
    if (end < lines.size()) next_ = end;
  }
  size_t roots() const { return spans_.size(); }
  json::Value rows() { return rows_.finish(); }
  size_t total() const { return total_; }
  size_t next() const { return next_; }

 private:
  // A span, or several as one.
  struct Line {
    std::vector<size_t> spans;
    bool group = false;
  };

  std::vector<Line> lines_of(const std::vector<size_t>& children) const {
    std::map<std::string, size_t> counts;
    for (const size_t child : children) ++counts[group_key(spans_[child])];
    std::map<std::string, size_t> groups;
    std::vector<Line> lines;
    for (const size_t child : children) {
      std::string key = group_key(spans_[child]);
      if (counts[key] <= group_min_) {
        lines.push_back({{child}, false});
      } else if (const auto known = groups.find(key); known != groups.end()) {
        lines[known->second].spans.push_back(child);
      } else {
        groups.emplace(std::move(key), lines.size());
        lines.push_back({{child}, true});
      }
    }
    return lines;
  }

  std::vector<Line> members(size_t parent, std::string_view group) const {
    std::vector<Line> lines;
    for (const size_t child : below_[parent]) {
      if (group_key(spans_[child]) == group) lines.push_back({{child}, false});
    }
    return lines;
  }

  void emit(const Line& line, int64_t level) {
    if (line.group) return rows_.push(group_value(line, level));
    const size_t at = line.spans.front();
    const std::vector<Line> kids = lines_of(below_[at]);
    const bool open =
        !kids.empty() && kids.size() <= kKidsInlined && rows_.size() + kids.size() < rows_max_;
    rows_.push(span_value(at, level, kids.size(), open));
    if (!open) return;
    for (const Line& kid : kids) emit(kid, level + 1);
  }

  int64_t origin() const { return spans_.front().start_us; }

  json::Value span_value(size_t at, int64_t level, size_t kids, bool open) {
    const Span& span = spans_[at];
    aws::Answer answer(arena_);
    answer.text("row", "span")
        .number("level", level)
        .text("id", span_text(span.span_id))
        .text("kind", trace::to_string(span.kind))
        .text("name", span.name)
        .text_if("resource", span.resource)
        .number("s", span.start_us - origin())
        .number("d", span.duration_us)
        .text("status", history::to_string(span.status))
        .text_if("error", span.error)
        .text_if("type", span.attribute("state_type"))
        .text_if("function", span.attribute("function"))
        .text_if("service", span.attribute("service.name"))
        .text_if("spanType", span.attribute("span.type"))
        .text_if("nested", span.attribute("nested_execution_arn"))
        .text_if("retries", span.attribute("retry_count"));
    if (const std::string_view redrive = span.attribute("redrive_count"); redrive != "0")
      answer.text_if("redrive", redrive);
    if (!span.attribute("error.caught").empty()) answer.flag("caught", true);
    if (span.kind == SpanKind::kMapRun) add_part(span, answer);
    answer.number("kids", static_cast<int64_t>(kids)).flag("open", open);
    if (const json::Value parts = stretches(at); !parts.is_null()) answer.value("parts", parts);
    return answer.finish();
  }

  // Where a Map Run began that this is a part of, and where the next redrive of it begins.
  void add_part(const Span& part, aws::Answer& answer) const {
    int64_t first = part.start_us;
    int64_t next = INT64_MAX;
    for (const Span& span : spans_) {
      if (span.kind != SpanKind::kMapRun || span.resource != part.resource) continue;
      first = std::min(first, span.start_us);
      if (span.start_us > part.start_us) next = std::min(next, span.start_us);
    }
    answer.number("first", first - origin());
    if (next != INT64_MAX) answer.number("until", next - origin());
  }

  // What stands in the row's bar: waiting, starting, working, in order of time. Null when that is
  // the span itself.
  json::Value stretches(size_t at) const {
    json::ArrayBuilder parts(arena_);
    for (size_t i = at + 1; i < spans_.size() && spans_[i].depth > spans_[at].depth; ++i) {
      const Span& part = spans_[i];
      if (!is_stretch(part.kind)) continue;
      if (parts.size() == kStretchesMax) return json::Value::null();
      json::ArrayBuilder one(arena_);
      one.push(json::Value::string(trace::to_string(part.kind), arena_));
      one.push(json::Value::integer(part.start_us - origin()));
      one.push(json::Value::integer(part.duration_us));
      one.push(json::Value::integer(part.failed() ? 1 : 0));
      parts.push(one.finish());
    }
    return parts.size() == 0 ? json::Value::null() : parts.finish();
  }

  json::Value group_value(const Line& line, int64_t level) {
    std::vector<int64_t> durations;
    int64_t from = INT64_MAX;
    int64_t to = INT64_MIN;
    size_t running = 0;
    size_t failed = 0;
    size_t aborted = 0;
    for (const size_t at : line.spans) {
      const Span& span = spans_[at];
      durations.push_back(span.duration_us);
      from = std::min(from, span.start_us);
      to = std::max(to, span.end_us());
      running += is_running(span) ? 1 : 0;
      failed += span.failed() ? 1 : 0;
      aborted += span.status == history::ExecutionStatus::kAborted ? 1 : 0;
    }
    const metrics::Percentiles values = metrics::percentiles(std::move(durations));
    const Span& first = spans_[line.spans.front()];
    return aws::Answer(arena_)
        .text("row", "group")
        .number("level", level)
        .text("id", fmt::format("{}|{}", span_text(first.parent_id), group_key(first)))
        .text("parent", span_text(first.parent_id))
        .text("group", group_key(first))
        .text("kind", trace::to_string(first.kind))
        .text("name", first.kind == SpanKind::kIteration ? "iterations" : first.name)
        .number("n", static_cast<int64_t>(line.spans.size()))
        .number("running", static_cast<int64_t>(running))
        .number("failed", static_cast<int64_t>(failed))
        .number("aborted", static_cast<int64_t>(aborted))
        .number("s", from - origin())
        .number("d", to - from)
        .number("p50", values.p50)
        .number("p95", values.p95)
        .number("max", values.max)
        .value("slow", slowest(line))
        .value("bad", first_failures(line))
        .finish();
  }

  json::Value slowest(const Line& line) const {
    std::vector<size_t> order = line.spans;
    const size_t count = std::min(order.size(), kSlowest);
    std::ranges::partial_sort(
        order, order.begin() + static_cast<std::ptrdiff_t>(count), std::greater(),
        [&](size_t at) { return std::pair(spans_[at].duration_us, -static_cast<int64_t>(at)); });
    return ids(std::span(order).first(count));
  }

  json::Value first_failures(const Line& line) const {
    std::vector<size_t> bad;
    for (const size_t at : line.spans) {
      if (spans_[at].failed() && bad.size() < kSlowest) bad.push_back(at);
    }
    return ids(bad);
  }

  json::Value ids(std::span<const size_t> places) const {
    json::ArrayBuilder out(arena_);
    for (const size_t at : places) {
      out.push(json::Value::string(span_text(spans_[at].span_id), arena_));
    }
    return out.finish();
  }

  json::Arena& arena_;
  const std::vector<Span>& spans_;
  const std::vector<std::vector<size_t>> below_;
  json::ArrayBuilder rows_;
  const size_t group_min_;
  const size_t rows_max_;
  size_t total_ = 0;
  size_t next_ = 0;
};

}  // namespace

FoundResult execution_tree(const Question& question) {
  const auto group_min = whole_parameter(question.parameters, "groupMin", kGroupMin, 1, 1'000);
  if (!group_min) return std::unexpected(group_min.error());
  const auto limit = whole_parameter(question.parameters, "limit", kRows, 1, 1'000);
  if (!limit) return std::unexpected(limit.error());
  const auto after = whole_parameter(question.parameters, "after", 0, 0, INT32_MAX);
  if (!after) return std::unexpected(after.error());
  const auto found = spans_of_execution(question, false);
  if (!found) return std::unexpected(found.error());
  Tree tree(question, *found, static_cast<size_t>(*group_min), static_cast<size_t>(*limit));
  size_t parent = tree.roots();
  if (const auto text = question.parameters.find("parent")) {
    const auto id = parse_span("parent", *text);
    if (!id) return std::unexpected(id.error());
    const auto at = std::ranges::find(found->spans, *id, &Span::span_id);
    if (at == found->spans.end()) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        fmt::format("parent={}: {} has no such span", *text, found->arn));
    }
    parent = static_cast<size_t>(at - found->spans.begin());
  }
  tree.add(parent, question.parameters.find("group").value_or(""), static_cast<size_t>(*after));
  const auto last = std::ranges::max_element(found->spans, {}, &Span::end_us);
  aws::Answer answer(question.arena);
  answer.flag("final", found->final)
      .text("arn", found->arn)
      .number("start", found->spans.front().start_us)
      .number("end", last->end_us() - found->spans.front().start_us)
      .text_if("note", found->note)
      .number("total", static_cast<int64_t>(tree.total()))
      .value("rows", tree.rows());
  if (tree.next() > 0) answer.number("next", static_cast<int64_t>(tree.next()));
  return Found{answer.to_text(), found->final};
}

}  // namespace weft::api
