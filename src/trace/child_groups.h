#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "history/rows.h"
#include "trace/project.h"
#include "trace/source.h"
#include "trace/span.h"

namespace weft::trace {

// Counts the children of a Map Run in groups of those that are alike: the same way through the
// states, the same outcome, the same error. Made into spans, they give whoever is sent only the
// children with full detail the exact totals of all (docs/internals/trace.md).
class ChildGroups {
 public:
  // So many spans; beyond it the groups with the fewest children count as one.
  static constexpr size_t kSpansMax = 1'000;

  // `kept`: whether the child comes with its own spans.
  void add(const history::ChildRow& row, bool kept);

  // A span for each group, most children first, below the Map Run's: as long as its slowest child,
  // from the start of its first. `fetch` reads a child, to learn the name of an error: the first of
  // each group that failed. Errors: from `fetch`.
  base::Result<std::vector<Span>> spans(
      const std::string& run_arn, const std::string& label, const Placement& placement,
      const std::function<base::Result<ExecutionTrace>(uint64_t index)>& fetch) const;

 private:
  struct Key {
    uint32_t path = 0;
    history::ExecutionStatus status = history::ExecutionStatus::kRunning;
    uint32_t error_group = 0;
    auto operator<=>(const Key&) const = default;
  };
  struct Group {
    uint64_t first = 0;  // index of the child that was added first
    uint64_t errors = 0;
    uint64_t kept = 0;
    uint64_t items = 0;
    int64_t start_us = 0;
    std::vector<int64_t> durations;

    void add(const history::ChildRow& row, bool is_kept);
    void add(const Group& other);
  };
  static constexpr size_t kGroupsMax = 100'000;  // that are told apart at all

  static Span span_of(const Group& group, const Placement& placement);

  std::map<Key, Group> groups_;
  Group others_;
};

}  // namespace weft::trace
