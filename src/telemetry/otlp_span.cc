#include "telemetry/otlp_span.h"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace weft::telemetry {

std::string_view otlp_kind(uint64_t kind) {
  constexpr std::string_view kNames[] = {"",       "internal", "server",
                                         "client", "producer", "consumer"};
  return kind < std::size(kNames) ? kNames[kind] : "";
}

void finish_otlp_span(uint64_t kind, uint64_t end_ns, std::string_view service, InnerSpan& span) {
  int64_t duration = 0;
  const bool fits = !__builtin_sub_overflow(static_cast<int64_t>(end_ns), span.start_ns, &duration);
  span.duration_ns = fits ? std::max<int64_t>(0, duration) : 0;
  span.service = cut_text(service, kNameBytesMax);
  if (std::string_view name = otlp_kind(kind); !name.empty())
    span.attributes.emplace_back("span.kind", name);
}

std::vector<Chunk> split_by_root(std::vector<InnerSpan> spans) {
  std::unordered_map<uint64_t, size_t> by_id;
  for (size_t i = 0; i < spans.size(); ++i) by_id.emplace(spans[i].span_id, i);
  // Each span points at its parent, or at itself; chains are shortened on the way, which also ends
  // the walk in lists whose parents go round in a circle.
  std::vector<size_t> up(spans.size());
  for (size_t i = 0; i < spans.size(); ++i) {
    const auto parent = by_id.find(spans[i].parent_id);
    const bool known =
        parent != by_id.end() && spans[parent->second].trace.low == spans[i].trace.low;
    up[i] = known ? parent->second : i;
  }
  std::map<size_t, Chunk> chunks;
  std::vector<uint32_t> seen(spans.size(), UINT32_MAX);
  for (size_t i = 0; i < spans.size(); ++i) {
    size_t at = i;
    while (up[at] != at && seen[at] != i) {
      seen[at] = static_cast<uint32_t>(i);
      at = up[at];
    }
    for (size_t each = i; each != at && up[each] != at;) {
      const size_t next = up[each];
      up[each] = at;
      each = next;
    }
    if (up[at] != at) up[at] = at;
    chunks[at].push_back(std::move(spans[i]));
  }
  std::vector<Chunk> result;
  result.reserve(chunks.size());
  for (auto& [root, chunk] : chunks) result.push_back(std::move(chunk));
  return result;
}

}  // namespace weft::telemetry
