#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "history/detail_key.h"

// The keys under which things lie in the store (docs/internals/store-format.md), built and taken
// apart.

namespace weft::records {

std::string execution_key(history::ExecutionKey key);            // Family::kExecution
std::string turn_key(history::ExecutionKey key, uint32_t turn);  // Family::kTurn
std::string name_key(std::string_view machine_name, std::string_view execution_name);
std::string map_run_key(uint64_t number);
std::string slice_key(uint64_t run, uint32_t slice);
std::string row_key(uint64_t run, uint64_t chunk);
// Under which number, instead of their run's, rows of children lie that are to run again, while
// their Map Run is being redriven; in the chunks where they were, of which the others remain.
uint64_t set_aside_rows(uint64_t run);
// Family::kSpan, kLog: detail of nested executions stands behind that of the child they belong to.
std::string detail_place_key(history::DetailKey key, uint64_t sequence);

// Keys taken apart again, and values that hold one. kStorage when they have another length: damaged
// or not ours.
base::Result<history::ExecutionKey> parse_execution_key(std::string_view bytes);
struct TurnPlace {
  history::ExecutionKey key;
  uint32_t turn = 0;
};
base::Result<TurnPlace> parse_turn_key(std::string_view bytes);
base::Result<uint64_t> parse_map_run_key(std::string_view bytes);
struct RowPlace {
  uint64_t run = 0;
  uint64_t chunk = 0;
};
base::Result<RowPlace> parse_row_key(std::string_view bytes);
struct DetailPlace {
  history::DetailKey key;
  uint64_t sequence = 0;
};
base::Result<DetailPlace> parse_detail_place(std::string_view bytes);
base::Result<history::ExecutionKey> parse_imported_child_key(std::string_view bytes);

// The first key of an execution's detail, and the first behind it. Of a child without that of the
// executions nested in it.
std::string first_detail_key(history::DetailKey key);
std::string end_of_detail(history::DetailKey key);
// Of a function call that logged, under Family::kName -> execution key.
std::string request_key(std::string_view request_id);
// Of a nested execution that a child started both its own key and that of its detail.
std::string execution_map_run_key(history::DetailKey key, uint64_t run);
// Of what was imported, under Family::kName: the ARN itself -> execution key or Map Run number; and
// back from the key of a child to its ARN. No name of our own begins like these.
std::string imported_arn_key(std::string_view arn);
std::string imported_child_key(history::ExecutionKey key);
// From the ARN of an execution that a task of an imported one started -> when, Unix ms u64, and the
// key of that one.
std::string imported_nested_key(std::string_view arn);

}  // namespace weft::records
