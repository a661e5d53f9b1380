#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "columns/filter.h"
#include "reading/query.h"
#include "reading/run_columns.h"
#include "terminal/terminal.h"
#include "terminal/text.h"
#include "trace/redact.h"
#include "trace/source.h"

// The part of `weft trace` that chooses, lists and groups the children of Map Runs.

namespace weft::cli {

// As typed. A plain value.
struct ChildrenFlags {
  std::vector<std::string> filters;  // columns/filter.h; all must hold
  std::string group_by;              // "state", or what columns/group_by.h knows; "" = list them
  std::string sort;                  // "" = the longest, or the most frequent, first
  size_t limit = 0;                  // 0 = 20
  std::string where;                 // of the data, behind commands that are named: "--data x"

  // Whether a table was asked for; a filter alone lists.
  bool any() const { return !filters.empty() || !group_by.empty() || !sort.empty() || limit > 0; }
};

// The conditions of all `--filter` flags together. kInvalidArgument names the flag and the fault.
base::Result<columns::Filter> parse_filters(const std::vector<std::string>& texts);

// A table for each Map Run of `arn` (an execution or a Map Run): its chosen children one a line, or
// their groups, with errors as `payloads` shows them. Grouping by state shows the execution's own
// states too. Errors: kInvalidArgument names the flag, or that there is no Map Run.
// `columns` keeps what was read for the next table.
base::Result<std::string> children_tables(const reading::Query& query, reading::RunColumns& columns,
                                          const std::string& arn, const ChildrenFlags& flags,
                                          const trace::Redactor& payloads,
                                          const terminal::Terminal& terminal);

// Leaves only the chosen children in the rows of `source`.
base::Result<void> keep_chosen(const reading::Query& query, const std::vector<std::string>& filters,
                               trace::TraceSource& source);

}  // namespace weft::cli
