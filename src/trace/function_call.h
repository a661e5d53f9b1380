#pragma once

#include <string>

#include "history/event.h"

namespace weft::trace {

// The function that a call which was scheduled with this event calls: named by the resource, or by
// FunctionName of lambda:invoke; "" of any other event. Alias and version are not part of it.
std::string function_called(const history::Event& scheduled);

}  // namespace weft::trace
