#pragma once

#include "jsonata/context.h"
#include "jsonata/function.h"

namespace weft::jsonata {

// One match as the matcher protocol reports it; offsets are UTF-16 units.
struct MatcherMatch {
  bool found = false;
  Value match;
  double start = 0;
  double end = 0;
  Value groups;
  Value next;
};

// Calls a matcher (a regex or a function of the same shape) at the start of `text`. A result of the
// wrong shape is T1010.
MatcherMatch first_match(Context& context, const Value& matcher, const Value& text);
// The match after `previous`.
MatcherMatch next_match(Context& context, const MatcherMatch& previous);

}  // namespace weft::jsonata
