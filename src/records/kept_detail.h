#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "columns/sampling.h"
#include "records/records.h"
#include "store/store.h"
#include "trace/detail.h"

// The choice of children with full detail as it is stored: Family::kDetail, two values a Map Run,
// written when it ends; before, only how many spans were discarded. While it goes on the choice
// follows from its rows.

namespace weft::records {

// So many children of a Map Run keep full detail unless told otherwise.
inline constexpr uint64_t kDetailBudget = 10'000;

// What the sampler keeps now.
trace::DetailChoice choice_of(const columns::Sampler& sampler);

std::string encode_detail_facts(const trace::DetailChoice& choice);     // all but the children
std::string encode_detail_children(const trace::DetailChoice& choice);  // "" when all were kept
base::Result<trace::DetailChoice> decode_detail(std::string_view facts, std::string_view children);

struct Replayed {
  explicit Replayed(const MapRunRecord& run);
  columns::Sampler sampler;
  uint64_t drops = 0;          // children given up for their bytes since the last row
  uint64_t pins = 0;           // that were stored
  uint64_t next_chunk = 0;     // of rows
  std::vector<bool> finished;  // by index
};
// The choice of a Map Run that goes on, as what is stored of it tells: its rows, in their order,
// and between them the children given up for their bytes and those that were pinned. `visit` (may
// be empty) sees each row.
base::Result<Replayed> replay_choice(const store::Store& store, const MapRunRecord& run,
                                     const std::function<void(const history::ChildRow&)>& visit);
// Brings one up to date with what was stored since: only new rows are read.
base::Result<void> replay_further(const store::Store& store, const MapRunRecord& run,
                                  const std::function<void(const history::ChildRow&)>& visit,
                                  Replayed& replayed);
// The keys of what it reads beside the rows: nobody needs them when the choice is stored.
base::Result<std::vector<std::string>> detail_decision_keys(const store::Store& store,
                                                            uint64_t run);

std::string detail_facts_key(uint64_t run);
// How often Sampler::drop_one() was called when the Map Run had `rows` rows: u64.
std::string detail_drops_key(uint64_t run, uint64_t rows);
// The `pin`-th that was pinned, when the Map Run had `rows` rows: its index and how many had been
// given up at that number of rows: u64 each.
std::string detail_pin_key(uint64_t run, uint64_t rows, uint64_t pin);
std::string detail_children_key(uint64_t run);

}  // namespace weft::records
