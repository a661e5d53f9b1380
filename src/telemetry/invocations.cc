#include "telemetry/invocations.h"

namespace weft::telemetry {
namespace {

template <typename Map, typename Key>
Invocations::Entry find(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

void Invocations::add(Invocation invocation) {
  auto entry = std::make_shared<const Invocation>(std::move(invocation));
  const std::lock_guard lock(mutex_);
  if (order_.size() >= invocations_max_) forget_oldest();
  order_.push_back(entry);
  by_request_.erase(entry->request_id);  // delivered again: the key must be the new entry's text
  by_request_.emplace(entry->request_id, entry);
  by_span_[entry->attempt] = entry;
  latest_of_trace_[entry->trace.low] = entry;
}

void Invocations::forget_oldest() {
  const Entry oldest = std::move(order_.front());
  order_.pop_front();
  const auto forget = [&oldest](auto& map, const auto& key) {
    const auto found = map.find(key);
    if (found != map.end() && found->second == oldest) map.erase(found);
  };
  forget(by_request_, std::string_view(oldest->request_id));
  forget(by_span_, oldest->attempt);
  forget(latest_of_trace_, oldest->trace.low);
}

Invocations::Entry Invocations::by_request(std::string_view request_id) const {
  const std::lock_guard lock(mutex_);
  return find(by_request_, request_id);
}

Invocations::Entry Invocations::by_span(uint64_t span_id, uint64_t trace_low) const {
  const std::lock_guard lock(mutex_);
  Entry entry = find(by_span_, span_id);
  if (!entry || entry->trace.low == trace_low) return entry;
  return find(by_foreign_trace_, trace_low) == entry ? entry : nullptr;
}

Invocations::Entry Invocations::by_foreign_trace(uint64_t trace_low) const {
  const std::lock_guard lock(mutex_);
  return find(by_foreign_trace_, trace_low);
}

Invocations::Entry Invocations::any_of_trace(uint64_t trace_low) const {
  const std::lock_guard lock(mutex_);
  return find(latest_of_trace_, trace_low);
}

void Invocations::learn_span(uint64_t span_id, const Entry& entry) {
  const std::lock_guard lock(mutex_);
  if (!by_span_.emplace(span_id, entry).second) return;
  span_order_.push_back(span_id);
  if (span_order_.size() <= spans_max_) return;
  by_span_.erase(span_order_.front());
  span_order_.pop_front();
}

void Invocations::learn_trace(uint64_t trace_low, const Entry& entry) {
  const std::lock_guard lock(mutex_);
  if (!by_foreign_trace_.emplace(trace_low, entry).second) return;
  foreign_order_.push_back(trace_low);
  if (foreign_order_.size() <= invocations_max_) return;
  by_foreign_trace_.erase(foreign_order_.front());
  foreign_order_.pop_front();
}

}  // namespace weft::telemetry
