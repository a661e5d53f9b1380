#include "trace/critical.h"

#include <algorithm>

namespace weft::trace {
namespace {

class Walk {
 public:
  explicit Walk(const std::vector<Span>& spans) : spans_(spans), children_(spans.size()) {
    std::vector<size_t> open;  // the span above, by depth
    for (size_t i = 0; i < spans.size(); ++i) {
      open.resize(std::min<size_t>(open.size(), spans[i].depth));
      if (!open.empty()) children_[open.back()].push_back(i);
      open.push_back(i);
    }
    // Those that ended last come last; of equal ends the one that began first.
    for (std::vector<size_t>& below : children_) {
      std::ranges::sort(below, [&](size_t a, size_t b) {
        if (spans_[a].end_us() != spans_[b].end_us())
          return spans_[a].end_us() < spans_[b].end_us();
        if (spans_[a].start_us != spans_[b].start_us)
          return spans_[a].start_us > spans_[b].start_us;
        return a > b;
      });
    }
  }

  std::vector<CriticalPart> run() {
    if (spans_.empty()) return {};
    explore(0, spans_[0].start_us, spans_[0].end_us());
    std::ranges::reverse(parts_);
    return std::move(parts_);
  }

 private:
  // Covers [from, to) of `span`, from its end backwards; calls itself to a depth that is bounded.
  void explore(size_t span, int64_t from, int64_t to) {  // NOLINT(misc-no-recursion)
    static const std::vector<size_t> kNobody;
    const bool deep = spans_[span].depth >= kCriticalDepthMax;
    const std::vector<size_t>& below = deep ? kNobody : children_[span];
    for (auto child = below.rbegin(); child != below.rend() && to > from; ++child) {
      const Span& one = spans_[*child];
      const int64_t end = std::min(one.end_us(), to);
      const int64_t start = std::max(one.start_us, from);
      if (start >= end) continue;  // of a moment that is explained already
      add(span, end, to);
      explore(*child, start, end);
      to = start;
    }
    add(span, from, to);
  }
  void add(size_t span, int64_t from, int64_t to) {
    if (from < to) parts_.push_back({span, from, to});
  }

  const std::vector<Span>& spans_;
  std::vector<std::vector<size_t>> children_;
  std::vector<CriticalPart> parts_;  // last first
};

}  // namespace

std::vector<CriticalPart> critical_path(const std::vector<Span>& spans) {
  return Walk(spans).run();
}

}  // namespace weft::trace
