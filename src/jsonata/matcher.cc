#include "jsonata/matcher.h"

#include "json/build.h"
#include "jsonata/callables.h"
#include "jsonata/errors.h"
#include "jsonata/regex.h"
#include "jsonata/semantics.h"
#include "jsonata/text.h"

namespace weft::jsonata {

namespace {

size_t to_units(const Value& text, size_t byte) {
  return text.has_flag(Value::kAscii) ? byte : units_before(text.as_string(), byte);
}

// The match object for the first match at or after UTF-16 unit `from`, or undefined.
Value find_match(Context& context, const Regex& regex, const Value& text, size_t from,
                 bool refuse_empty) {
  const std::string_view chars = text.as_string();
  const size_t start = text.has_flag(Value::kAscii) ? from : byte_of_unit(chars, from);
  if (start > chars.size()) return {};
  Regex::Match match;
  switch (regex.find(chars, start, match)) {
    case Regex::Outcome::kNoMatch:
      return {};
    case Regex::Outcome::kLimit:
      return context.fail_bound(kTimeoutMessage);
    case Regex::Outcome::kMatch:
      break;
  }
  const auto [begin, end] = match.groups[0];
  if (refuse_empty && begin == end) return context.fail("D1004");
  json::ArrayBuilder groups(context.arena);
  for (size_t i = 1; i < match.groups.size(); ++i) {
    const auto [group_begin, group_end] = match.groups[i];
    groups.push(group_begin == std::string_view::npos
                    ? Value()
                    : Value::string_ref(chars.substr(group_begin, group_end - group_begin)));
  }
  auto* next = new (context.arena.allocate(sizeof(RegexNextFunction))) RegexNextFunction;
  next->kind = Function::Kind::kRegexNext;
  next->arity = 0;
  next->regex = &regex;
  next->text = text;
  next->from = to_units(text, end);
  json::ObjectBuilder out(context.arena);
  out.add_ref("match", Value::string_ref(chars.substr(begin, end - begin)));
  out.add_ref("start", Value::number(static_cast<double>(to_units(text, begin))));
  out.add_ref("end", Value::number(static_cast<double>(next->from)));
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
  return find_match(context, *function.regex, arguments[0],
                    from > 0 ? static_cast<size_t>(from) : 0, false);
}

Value call_regex_next(Context& context, const RegexNextFunction& function) {
  const size_t length = to_units(function.text, function.text.as_string().size());
  if (function.from >= length) return {};
  return find_match(context, *function.regex, function.text, function.from, true);
}

MatcherMatch first_match(Context& context, const Value& matcher, const Value& text) {
  return read_match(context, apply(context, matcher, &text, 1, Value()));
}

MatcherMatch next_match(Context& context, const MatcherMatch& previous) {
  if (!context.spend(8)) return {};
  return read_match(context, apply(context, previous.next, nullptr, 0, Value()));
}

}  // namespace weft::jsonata
