#pragma once

#include <string_view>

#include "engine/state.h"
#include "history/event.h"

namespace weft::engine {

// Why a stored event cannot come next in the history of this execution, in words that follow "it";
// "" when it can. Whoever applies events that were stored asks first: what a disk damaged, or what
// another program wrote, is an error of the store, while apply() aborts on what cannot be
// (docs/internals/invariants.md, E1 to E14). Pure; costs a few compares.
std::string_view misfit(const ExecutionState& state, const history::Event& event);

}  // namespace weft::engine
