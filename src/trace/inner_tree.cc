#include "trace/inner_tree.h"

#include <algorithm>
#include <unordered_map>

namespace weft::trace {
namespace {

using history::ExecutionStatus;

Span span_of(const InnerSpan& inner) {
  Span span;
  span.kind = SpanKind::kInner;
  span.span_id = inner.span_id;
  span.name = inner.name;
  span.resource = inner.resource;
  span.start_us = inner.start_ns / 1'000;
  span.duration_us = (std::max<int64_t>(0, inner.duration_ns) + 999) / 1'000;
  span.status = inner.error ? ExecutionStatus::kFailed : ExecutionStatus::kSucceeded;
  if (inner.error) span.error = inner.error_type.empty() ? "Error" : inner.error_type;
  span.cause = inner.error_message;
  const auto add = [&span](const char* key, const std::string& value) {
    if (!value.empty()) span.attributes.emplace_back(key, value);
  };
  add("service.name", inner.service);
  add("span.type", inner.type);
  add("request_id", inner.request_id);
  add("error.stack", inner.error_stack);
  span.attributes.insert(span.attributes.end(), inner.attributes.begin(), inner.attributes.end());
  span.events = inner.events;
  span.links = inner.links;
  return span;
}

class Tree {
 public:
  Tree(const std::vector<InnerSpan>& inner, std::vector<Span>& spans)
      : spans_(spans), below_host_(spans.size()) {
    for (size_t i = 0; i < spans.size(); ++i) host_of_.emplace(spans[i].span_id, i);
    for (const InnerSpan& one : inner) {
      if (host_of_.contains(one.span_id)) continue;
      if (index_of_.emplace(one.span_id, inner_.size()).second) inner_.push_back(&one);
    }
    below_inner_.resize(inner_.size());
    emitted_.resize(inner_.size());
  }

  void attach() {
    for (size_t i = 0; i < inner_.size(); ++i) place(i);
    std::vector<Span> out;
    out.reserve(spans_.size() + inner_.size());
    for (size_t host = 0; host < spans_.size(); ++host) {
      const Span head = id_and_place(spans_[host]);
      out.push_back(std::move(spans_[host]));
      if (host != 0) emit(below_host_[host], head, out);
    }
    const Span root = id_and_place(out.front());
    emit(below_host_[0], root, out);
    // Parents that go round in a circle hang nowhere.
    for (size_t i = 0; i < inner_.size(); ++i) emit({i}, root, out);
    spans_ = std::move(out);
  }

 private:
  static Span id_and_place(const Span& span) {
    Span head;
    head.trace = span.trace;
    head.span_id = span.span_id;
    head.depth = span.depth;
    return head;
  }

  // The call within a task that has one, else the span itself.
  size_t call_of(size_t host) {
    const auto [known, fresh] = call_of_.emplace(host, host);
    if (fresh) known->second = find_call(host);
    return known->second;
  }
  size_t find_call(size_t host) const {
    for (size_t i = host + 1; i < spans_.size() && spans_[i].depth > spans_[host].depth; ++i) {
      const bool own = spans_[i].depth == spans_[host].depth + 1;
      if (own && spans_[i].kind == SpanKind::kLambda) return i;
    }
    return host;
  }

  void place(size_t i) {
    const InnerSpan& one = *inner_[i];
    if (const auto parent = index_of_.find(one.parent_id);
        parent != index_of_.end() && parent->second != i) {
      below_inner_[parent->second].push_back(i);
      return;
    }
    auto host = host_of_.find(one.parent_id);
    if (host == host_of_.end() || host->second == 0) host = host_of_.find(one.attempt);
    below_host_[host == host_of_.end() ? 0 : call_of(host->second)].push_back(i);
  }

  void emit(std::vector<size_t> list, const Span& parent, std::vector<Span>& out) {
    std::ranges::sort(
        list, {}, [this](size_t i) { return std::pair(inner_[i]->start_ns, inner_[i]->span_id); });
    for (size_t i : list) {
      if (emitted_[i]) continue;
      emitted_[i] = true;
      Span span = span_of(*inner_[i]);
      span.trace = parent.trace;
      span.parent_id = parent.span_id;
      span.depth = static_cast<uint16_t>(std::min<size_t>(parent.depth + size_t{1}, kDepthMax));
      // What is of this execution goes by its trace here, whatever it was called there.
      for (SpanLink& link : span.links) {
        if (index_of_.contains(link.span_id) || host_of_.contains(link.span_id))
          link.trace = parent.trace;
      }
      if (inner_[i]->attempt == 0) span.attributes.emplace_back("weft.orphan", "true");
      const Span head = id_and_place(span);
      out.push_back(std::move(span));
      // Chains longer than any real one continue beside each other.
      if (head.depth < kDepthMax) emit(below_inner_[i], head, out);
    }
  }

  static constexpr size_t kDepthMax = 200;

  std::vector<Span>& spans_;
  std::vector<const InnerSpan*> inner_;
  std::unordered_map<uint64_t, size_t> host_of_;   // spans of the execution, by id
  std::unordered_map<uint64_t, size_t> index_of_;  // inner spans, by id
  std::unordered_map<size_t, size_t> call_of_;     // spans, once asked for
  std::vector<std::vector<size_t>> below_host_;
  std::vector<std::vector<size_t>> below_inner_;
  std::vector<bool> emitted_;
};

}  // namespace

void attach_inner_spans(const std::vector<InnerSpan>& inner, std::vector<Span>& spans) {
  if (!spans.empty()) Tree(inner, spans).attach();
}

}  // namespace weft::trace
