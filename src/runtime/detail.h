#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "columns/sampling.h"
#include "trace/detail.h"

// The choice of children with full detail as it is stored: Family::kDetail, two values a Map Run,
// written when it ends; before, only how many spans were discarded. While it goes on the choice
// follows from its rows.

namespace weft::runtime {

// So many children of a Map Run keep full detail unless told otherwise.
inline constexpr uint64_t kDetailBudget = 10'000;

// What the sampler keeps now.
trace::DetailChoice choice_of(const columns::Sampler& sampler);

std::string encode_detail_facts(const trace::DetailChoice& choice);     // all but the children
std::string encode_detail_children(const trace::DetailChoice& choice);  // "" when all were kept
base::Result<trace::DetailChoice> decode_detail(std::string_view facts, std::string_view children);

std::string detail_facts_key(uint64_t run);
std::string detail_children_key(uint64_t run);

}  // namespace weft::runtime
