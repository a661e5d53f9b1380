#include "engine/turn.h"

namespace weft::engine {

void Turn::start_pass(Scope& current) { leave(current.id, current.input, current.entered_id); }

void Turn::start_succeed(Scope& current) { leave(current.id, current.input, current.entered_id); }

}  // namespace weft::engine
