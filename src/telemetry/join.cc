#include "telemetry/join.h"

#include <map>
#include <utility>

namespace weft::telemetry {
namespace {

using Entry = Invocations::Entry;

Entry invocation_of(const Chunk& chunk, std::string_view sandbox_request,
                    const Invocations& invocations) {
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
  if (sandbox_request.empty()) return nullptr;
  Entry entry = invocations.by_request(sandbox_request);
  // A process may still send what belongs to another execution's trace: that is no proof.
  const bool plausible =
      entry && (entry->trace.low == trace_low || !invocations.any_of_trace(trace_low));
  return plausible ? entry : nullptr;
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

Joined join(std::vector<Chunk> chunks, std::string_view sandbox_request, Invocations& invocations) {
  Joined result;
  std::map<history::ExecutionKey, std::vector<InnerSpan>> blocks;
  for (Chunk& chunk : chunks) {
    std::erase_if(chunk, is_runtime_call);
    if (chunk.empty()) continue;
    const uint64_t sent_trace = chunk.front().trace.low;
    Entry entry = invocation_of(chunk, sandbox_request, invocations);
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
