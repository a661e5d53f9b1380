#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "columns/group_by.h"
#include "reading/query.h"
#include "trace/source.h"

namespace weft::reading {

// Visits of states, put together by the name of the state; out of the events of executions, of
// which one at a time is held.
class StateGroups {
 public:
  // The children of `run` with these indexes. Reads the run's events once.
  base::Result<void> add_children(const Query& query, const records::MapRunRecord& run,
                                  const std::set<uint64_t>& chosen);
  base::Result<void> add_execution(const Query& query, const std::string& arn);

  // In order of names(); `value` is the order in which states were first entered.
  std::vector<columns::RowGroup> finish() const;
  std::vector<std::string> names() const;

 private:
  struct State {
    uint64_t first = 0;  // order of appearance
    uint64_t failed = 0;
    std::vector<int64_t> durations;
  };
  void add(const trace::ExecutionTrace& execution);

  std::map<std::string, State> states_;
};

}  // namespace weft::reading
