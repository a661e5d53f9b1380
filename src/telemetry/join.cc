#include "telemetry/join.h"

#include <algorithm>
#include <deque>
#include <map>
#include <numeric>
#include <unordered_set>
#include <utility>

namespace weft::telemetry {
namespace {

using Entry = Invocations::Entry;

// The middle of the time that a chunk's spans cover: within their call even when the clock of the
// function is a little off. Who counts whole milliseconds leaves off what is beyond: such a start
// may seem to lie before its call, and is taken for the end of its millisecond.
int64_t middle_of(const Chunk& chunk) {
  constexpr int64_t kMs = 1'000'000;
  int64_t start = chunk.front().start_ns;
  int64_t end = start;
  for (const InnerSpan& span : chunk) {
    start = std::min(start, span.start_ns);
    int64_t span_end = 0;
    if (!__builtin_add_overflow(span.start_ns, span.duration_ns, &span_end))
      end = std::max(end, span_end);
  }
  if (start > 0 && start % kMs == 0 && end % kMs == 0 && start <= INT64_MAX - kMs) start += kMs - 1;
  return std::midpoint(start, std::max(start, end));
}

Entry invocation_of(const Chunk& chunk, const CallAt& call_at, const Invocations& invocations) {
  for (const InnerSpan& span : chunk) {
    if (span.request_id.empty()) continue;
    if (Entry entry = invocations.by_request(span.request_id)) return entry;
  }
  for (const InnerSpan& span : chunk) {
    if (span.parent_id == 0) continue;
    if (Entry entry = invocations.by_span(span.parent_id, span.trace.low)) return entry;
  }
  const uint64_t trace_low = chunk.front().trace.low;
  if (Entry entry = invocations.by_foreign_trace(trace_low)) return entry;
  return worked_on(call_at, middle_of(chunk), trace_low, invocations);
}

// The bootstrap's calls of the Runtime API, which tracers of HTTP see: waiting for work is no work.
bool is_runtime_call(const InnerSpan& span) {
  for (const auto& [key, value] : span.attributes) {
    const bool url = key == "http.url" || key == "url.full" || key == "http.target";
    if (url && value.find("/2018-06-01/runtime/") != std::string::npos) return true;
  }
  return false;
}

// Whether the chunk came from the process that worked on that call then.
bool is_from(const CallAt& call_at, const Chunk& chunk, const Invocation& call,
             const Invocations& invocations) {
  if (!call_at) return false;
  const Entry own = invocations.by_request(call_at(middle_of(chunk)));
  return own && own->key == call.key && own->attempt == call.attempt;
}

// So that nobody who adds them up comes beyond 64 bits.
void bound_times(InnerSpan& span) {
  constexpr int64_t kMax = INT64_MAX / 2;  // until 2116
  span.start_ns = std::clamp<int64_t>(span.start_ns, 0, kMax);
  span.duration_ns = std::clamp<int64_t>(span.duration_ns, 0, kMax);
}

// The parents of a chunk's spans that are not in it.
std::vector<uint64_t> missing_parents(const Chunk& chunk) {
  std::unordered_set<uint64_t> here;
  for (const InnerSpan& span : chunk) here.insert(span.span_id);
  std::unordered_set<uint64_t> missing;
  for (const InnerSpan& span : chunk) {
    if (span.parent_id != 0 && !here.contains(span.parent_id)) missing.insert(span.parent_id);
  }
  return {missing.begin(), missing.end()};
}

class Joining {
 public:
  Joining(const CallAt& call_at, Invocations& invocations, Waiting* waiting)
      : call_at_(call_at), invocations_(invocations), waiting_(waiting) {}
  Joined run(std::vector<Chunk> chunks);

 private:
  // What may still happen to a chunk whose call is not found.
  enum class Patience : uint8_t { kMayWait, kHasWaited, kGaveWay };
  void place(Chunk chunk, Patience patience);
  bool hold(Chunk& chunk);
  void release(uint64_t span_id);

  const CallAt& call_at_;
  Invocations& invocations_;
  Waiting* waiting_;
  std::deque<std::pair<Chunk, Patience>> chunks_;
  std::map<history::DetailKey, std::vector<InnerSpan>> blocks_;
  Joined result_;
};

Joined Joining::run(std::vector<Chunk> chunks) {
  const Patience patience = waiting_ == nullptr ? Patience::kHasWaited : Patience::kMayWait;
  for (Chunk& chunk : chunks) chunks_.emplace_back(std::move(chunk), patience);
  while (!chunks_.empty()) {
    auto [chunk, left] = std::move(chunks_.front());
    chunks_.pop_front();
    std::erase_if(chunk, is_runtime_call);
    if (!chunk.empty()) place(std::move(chunk), left);
  }
  for (auto& [key, spans] : blocks_) result_.blocks.push_back({key, std::move(spans)});
  return std::move(result_);
}

void Joining::place(Chunk chunk, Patience patience) {
  const uint64_t sent_trace = chunk.front().trace.low;
  Entry entry = invocation_of(chunk, call_at_, invocations_);
  const bool orphan = !entry;
  if (orphan) entry = invocations_.any_of_trace(sent_trace);
  if (!entry) {
    result_.unknown += chunk.size();
    return;
  }
  if (orphan && patience == Patience::kMayWait && hold(chunk)) return;
  (orphan ? result_.orphaned : result_.joined) += chunk.size();
  if (orphan && patience == Patience::kGaveWay) result_.gave_way += chunk.size();
  if (!orphan && sent_trace != entry->trace.low) invocations_.learn_trace(sent_trace, entry);
  const bool claimed = !is_from(call_at_, chunk, *entry, invocations_);
  std::vector<InnerSpan>& block = blocks_[entry->key];
  for (InnerSpan& span : chunk) {
    if (!orphan) {
      invocations_.learn_span(span.span_id, entry);
      release(span.span_id);
    }
    bound_times(span);
    if (claimed) span.attributes.emplace_back(trace::kClaimed, "true");
    span.trace = entry->trace;
    span.attempt = orphan ? 0 : entry->attempt;
    block.push_back(std::move(span));
  }
}

// Takes `chunk` when it has a parent to wait for.
bool Joining::hold(Chunk& chunk) {
  const std::vector<uint64_t> parents = missing_parents(chunk);
  if (parents.empty()) return false;
  const uint64_t trace_low = chunk.front().trace.low;
  const auto now = HeldFor<Chunk>::Clock::now();
  for (Chunk& each : waiting_->chunks.hold(std::move(chunk), parents, now))
    chunks_.emplace_back(std::move(each), Patience::kGaveWay);
  // It may have come on another thread meanwhile.
  for (uint64_t parent : parents) {
    if (invocations_.by_span(parent, trace_low)) release(parent);
  }
  return true;
}

void Joining::release(uint64_t span_id) {
  if (waiting_ == nullptr) return;
  for (Chunk& each : waiting_->chunks.release(span_id))
    chunks_.emplace_back(std::move(each), Patience::kMayWait);
  for (LogRecord& each : waiting_->records.release(span_id))
    result_.records.push_back(std::move(each));
}

}  // namespace

Invocations::Entry worked_on(const CallAt& call_at, int64_t time_ns, uint64_t trace_low,
                             const Invocations& invocations) {
  if (!call_at) return nullptr;
  Entry entry = invocations.by_request(call_at(time_ns));
  // A process may still send what belongs to another execution's trace: that is no proof.
  const bool plausible = entry && (trace_low == 0 || entry->trace.low == trace_low ||
                                   !invocations.any_of_trace(trace_low));
  return plausible ? entry : nullptr;
}

Joined join(std::vector<Chunk> chunks, const CallAt& call_at, Invocations& invocations,
            Waiting* waiting) {
  return Joining(call_at, invocations, waiting).run(std::move(chunks));
}

}  // namespace weft::telemetry
