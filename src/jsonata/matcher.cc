#include "jsonata/matcher.h"

#include "json/build.h"
#include "jsonata/callables.h"
#include "jsonata/errors.h"
#include "jsonata/regex.h"
#include "jsonata/semantics.h"
#include "jsonata/text.h"

namespace weft::jsonata {

namespace {

// Milliseconds one search may take.
constexpr int64_t kSearchMs = 100;
// Steps a search costs at least: the clock is read every few of them.
constexpr uint64_t kSearchSteps = 256;

// A place in a text, counted in bytes and in UTF-16 units.
struct Place {
  size_t byte = 0;
  size_t unit = 0;
};

// The place of `byte`, which is not before `start`.
Place place_of(const Value& text, const Place& start, size_t byte) {
  if (text.has_flag(Value::kAscii)) return {byte, byte};
  const std::string_view between = text.as_string().substr(start.byte, byte - start.byte);
  return {byte, start.unit + units_before(between, between.size())};
}

// The match object for the first match at or after `from`, or undefined.
Value find_match(Context& context, const Regex& regex, const Value& text, const Place& from,
                 bool is_valid, bool refuse_empty) {
  const std::string_view chars = text.as_string();
  if (from.byte > chars.size() || !context.spend(kSearchSteps)) return {};
  Regex::Search search;
  search.is_valid_utf8 = is_valid || text.has_flag(Value::kAscii);
  if (chars.size() > kSearchSteps && context.environment.clock != nullptr) {
    search.clock = context.environment.clock;
    search.deadline_ms = search.clock() + kSearchMs;
  }
  Regex::Match match;
  switch (regex.find(chars, from.byte, search, match)) {
    case Regex::MatchResult::kNoMatch:
      return {};
    case Regex::MatchResult::kLimit:
      return context.fail_bound(kTimeoutMessage);
    case Regex::MatchResult::kMatch:
      break;
  }
  const auto [begin, end] = match.group(0);
  if (refuse_empty && begin == end) return context.fail("D1004");
  json::ArrayBuilder groups(context.arena);
  for (size_t i = 1; i <= regex.group_count(); ++i) {
    const auto [group_begin, group_end] = match.group(i);
    groups.push(group_begin == std::string_view::npos
                    ? Value()
                    : Value::string_ref(chars.substr(group_begin, group_end - group_begin)));
  }
  const Place start = place_of(text, from, begin);
  const Place stop = place_of(text, start, end);
  auto* next = new (context.arena.allocate(sizeof(RegexNextFunction))) RegexNextFunction;
  next->kind = Function::Kind::kRegexNext;
  next->arity = 0;
  next->regex = &regex;
  next->text = text;
  next->from = stop.byte;
  next->from_unit = stop.unit;
  json::ObjectBuilder out(context.arena);
  out.add_ref("match", Value::string_ref(chars.substr(begin, end - begin)));
  out.add_ref("start", Value::number(static_cast<double>(start.unit)));
  out.add_ref("end", Value::number(static_cast<double>(stop.unit)));
  out.add_ref("groups", groups.finish());
  out.add_ref("next", Value::function(static_cast<Function*>(next)));
  return out.finish();
}

MatcherMatch read_match(Context& context, const Value& result) {
  MatcherMatch match;
  if (context.failed || result.is_undefined()) return match;
  const Value start = result.find("start");
  const Value end = result.find("end");
  match.groups = result.find("groups");
  match.next = result.find("next");
  if (!start.is_number() || !end.is_number() || !match.groups.is_array() ||
      !match.next.is_function()) {
    context.fail("T1010");
    return match;
  }
  match.found = true;
  match.match = result.find("match");
  match.start = start.as_double();
  match.end = end.as_double();
  return match;
}

}  // namespace

Value call_regex(Context& context, const RegexFunction& function, const Value* arguments,
                 size_t count) {
  if (count == 0 || !arguments[0].is_string()) return {};
  const double from = count > 1 && arguments[1].is_number() ? arguments[1].as_double() : 0;
  const Value& text = arguments[0];
  Place place;
  if (from > 0) {
    place.unit = from < 4e18 ? static_cast<size_t>(from) : SIZE_MAX / 2;
    place.byte =
        text.has_flag(Value::kAscii) ? place.unit : byte_of_unit(text.as_string(), place.unit);
  }
  return find_match(context, *function.regex, text, place, false, false);
}

Value call_regex_next(Context& context, const RegexNextFunction& function) {
  if (function.from >= function.text.as_string().size()) return {};
  return find_match(context, *function.regex, function.text, {function.from, function.from_unit},
                    true, true);
}

MatcherMatch first_match(Context& context, const Value& matcher, const Value& text) {
  return read_match(context, apply(context, matcher, &text, 1, Value::null()));
}

MatcherMatch next_match(Context& context, const MatcherMatch& previous) {
  if (!context.spend(8)) return {};
  return read_match(context, apply(context, previous.next, nullptr, 0, Value::null()));
}

}  // namespace weft::jsonata
