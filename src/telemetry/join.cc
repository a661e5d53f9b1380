#include "telemetry/join.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

namespace weft::telemetry {
namespace {

using Entry = Invocations::Entry;

// The middle of the time that a chunk's spans cover: within their call even when the clock of the
// function is a little off.
int64_t middle_of(const Chunk& chunk) {
  int64_t start = chunk.front().start_ns;
  int64_t end = start;
  for (const InnerSpan& span : chunk) {
    start = std::min(start, span.start_ns);
    int64_t span_end = 0;
    if (!__builtin_add_overflow(span.start_ns, span.duration_ns, &span_end))
      end = std::max(end, span_end);
  }
  return std::midpoint(start, end);
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

Joined join(std::vector<Chunk> chunks, const CallAt& call_at, Invocations& invocations) {
  Joined result;
  std::map<history::ExecutionKey, std::vector<InnerSpan>> blocks;
  for (Chunk& chunk : chunks) {
    std::erase_if(chunk, is_runtime_call);
    if (chunk.empty()) continue;
    const uint64_t sent_trace = chunk.front().trace.low;
    Entry entry = invocation_of(chunk, call_at, invocations);
    const bool orphan = !entry;
    if (orphan) entry = invocations.any_of_trace(sent_trace);
    if (!entry) {
      result.unknown += chunk.size();
      continue;
    }
    (orphan ? result.orphaned : result.joined) += chunk.size();
    if (!orphan && sent_trace != entry->trace.low) invocations.learn_trace(sent_trace, entry);
    std::vector<InnerSpan>& block = blocks[entry->key];
    for (InnerSpan& span : chunk) {
      if (!orphan) invocations.learn_span(span.span_id, entry);
      span.trace = entry->trace;
      span.attempt = orphan ? 0 : entry->attempt;
      block.push_back(std::move(span));
    }
  }
  for (auto& [key, spans] : blocks) result.blocks.push_back({key, std::move(spans)});
  return result;
}

}  // namespace weft::telemetry
