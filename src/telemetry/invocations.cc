#include "telemetry/invocations.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

#include "base/check.h"
#include "sync/mutex.h"

namespace weft::telemetry {
namespace {

uint64_t hash_of(std::string_view request_id) { return std::hash<std::string_view>()(request_id); }

}  // namespace

Invocations::Invocations(uint32_t invocations_max, size_t spans_max)
    : spans_max_(spans_max),
      slots_(invocations_max),
      of_request_(std::bit_ceil(invocations_max)),
      of_attempt_(std::bit_ceil(invocations_max)) {}

Invocations::Entry Invocations::Slot::entry() const {
  return std::make_shared<const Invocation>(Invocation{.request_id = std::string(id()),
                                                       .key = key,
                                                       .trace = trace,
                                                       .attempt = attempt,
                                                       .labels = labels});
}

const Invocations::Slot* Invocations::alive(Number number) const {
  const Slot& slot = slots_[number % slots_.size()];
  return number != 0 && slot.number == number ? &slot : nullptr;
}

template <typename IsIt>
const Invocations::Slot* Invocations::find(const Heads& heads, uint64_t hash, Number Slot::* next,
                                           const IsIt& is_it) const {
  const Slot* slot = alive(heads[hash & (heads.size() - 1)]);
  while (slot != nullptr && !is_it(*slot)) slot = alive(slot->*next);
  return slot;
}

void Invocations::add(std::string_view request_id, const history::DetailKey& key,
                      const trace::TraceId& trace, uint64_t attempt,
                      std::shared_ptr<const metrics::Labels> labels) {
  WEFT_CHECK(request_id.size() <= Invocation::kRequestIdMax);
  const sync::MutexLock lock(mutex_);
  if (++last_ == 0) ++last_;
  Slot& taken = slot(last_);
  if (taken.trace.low != trace.low) {
    const auto latest = latest_of_trace_.find(taken.trace.low);
    if (latest != latest_of_trace_.end() && latest->second == taken.number)
      latest_of_trace_.erase(latest);
  }
  Number& of_request = of_request_[hash_of(request_id) & (of_request_.size() - 1)];
  Number& of_attempt = of_attempt_[attempt & (of_attempt_.size() - 1)];
  taken.number = last_;
  taken.key = key;
  taken.trace = trace;
  taken.attempt = attempt;
  taken.labels = std::move(labels);
  taken.log_bytes = 0;
  std::ranges::copy(request_id, taken.request_id.begin());
  taken.request_id_size = static_cast<uint8_t>(request_id.size());
  taken.next_of_request = std::exchange(of_request, last_);
  taken.next_of_attempt = std::exchange(of_attempt, last_);
  latest_of_trace_[trace.low] = last_;
}

Invocations::Entry Invocations::by_request(std::string_view request_id) const {
  const sync::MutexLock lock(mutex_);
  const Slot* slot = find(of_request_, hash_of(request_id), &Slot::next_of_request,
                          [&](const Slot& each) { return each.id() == request_id; });
  return slot == nullptr ? nullptr : slot->entry();
}

uint64_t Invocations::add_log_bytes(std::string_view request_id, uint64_t bytes) {
  const sync::MutexLock lock(mutex_);
  const Slot* found = find(of_request_, hash_of(request_id), &Slot::next_of_request,
                           [&](const Slot& each) { return each.id() == request_id; });
  if (found == nullptr) return UINT64_MAX;
  return std::exchange(slot(found->number).log_bytes, found->log_bytes + bytes);
}

Invocations::Entry Invocations::by_span(uint64_t span_id, uint64_t trace_low) const {
  const sync::MutexLock lock(mutex_);
  const Slot* slot = find(of_attempt_, span_id, &Slot::next_of_attempt,
                          [&](const Slot& each) { return each.attempt == span_id; });
  Entry entry;
  if (slot != nullptr) {
    entry = slot->entry();
  } else if (const auto found = by_span_.find(span_id); found != by_span_.end()) {
    entry = found->second;
  }
  if (!entry || entry->trace.low == trace_low) return entry;
  const auto foreign = by_foreign_trace_.find(trace_low);
  const bool same =
      foreign != by_foreign_trace_.end() && foreign->second->request_id == entry->request_id;
  return same ? entry : nullptr;
}

Invocations::Entry Invocations::by_foreign_trace(uint64_t trace_low) const {
  const sync::MutexLock lock(mutex_);
  const auto found = by_foreign_trace_.find(trace_low);
  return found == by_foreign_trace_.end() ? nullptr : found->second;
}

Invocations::Entry Invocations::any_of_trace(uint64_t trace_low) const {
  const sync::MutexLock lock(mutex_);
  const auto found = latest_of_trace_.find(trace_low);
  if (found == latest_of_trace_.end()) return nullptr;
  const Slot* slot = alive(found->second);
  return slot == nullptr ? nullptr : slot->entry();
}

void Invocations::learn_span(uint64_t span_id, const Entry& entry) {
  const sync::MutexLock lock(mutex_);
  if (!by_span_.emplace(span_id, entry).second) return;
  span_order_.push_back(span_id);
  if (span_order_.size() <= spans_max_) return;
  by_span_.erase(span_order_.front());
  span_order_.pop_front();
}

void Invocations::learn_trace(uint64_t trace_low, const Entry& entry) {
  const sync::MutexLock lock(mutex_);
  if (!by_foreign_trace_.emplace(trace_low, entry).second) return;
  foreign_order_.push_back(trace_low);
  if (foreign_order_.size() <= slots_.size()) return;
  by_foreign_trace_.erase(foreign_order_.front());
  foreign_order_.pop_front();
}

}  // namespace weft::telemetry
