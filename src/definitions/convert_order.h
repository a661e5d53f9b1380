#pragma once

#include "definitions/node.h"

namespace weft::definitions {

// The fields of `converted`, a state in JSONata, in the order in which those of `state` stand that
// they are made of: a diff of the two shows what has changed. What is made of none comes last.
Node in_order_of(const Node& state, Node converted);

}  // namespace weft::definitions
