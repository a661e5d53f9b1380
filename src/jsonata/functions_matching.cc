// $match $contains $replace $split
#include <cmath>

#include "json/build.h"
#include "json/utf8.h"
#include "jsonata/library.h"
#include "jsonata/matcher.h"
#include "jsonata/semantics.h"
#include "jsonata/text.h"

namespace weft::jsonata {

namespace {

// A UTF-16 offset beyond every text.
constexpr double kEnd = 4e18;

// Text between two UTF-16 offsets.
std::string_view between(const Value& text, double from, double to) {
  const std::string_view chars = text.as_string();
  const bool ascii = text.has_flag(Value::kAscii);
  const size_t start = ascii ? std::min(static_cast<size_t>(from), chars.size())
                             : byte_of_unit(chars, static_cast<size_t>(from));
  const size_t end = ascii ? std::min(static_cast<size_t>(to), chars.size())
                           : byte_of_unit(chars, static_cast<size_t>(to));
  return end <= start ? std::string_view() : chars.substr(start, end - start);
}

double limit_of(const Value& limit) { return limit.is_undefined() ? INFINITY : limit.as_double(); }

Value match(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  const double limit = limit_of(a[2]);
  if (limit < 0) {
    context.fail_value("D3040", a[2]);
    context.failure.index = 3;
    return {};
  }
  json::ArrayBuilder out(context.arena);
  if (!(limit > 0)) return out.finish(Value::kSequence);
  double count = 0;
  for (MatcherMatch m = first_match(context, a[1], a[0]); m.found && count < limit;
       m = next_match(context, m), ++count) {
    json::ObjectBuilder object(context.arena);
    object.add_ref("match", m.match);
    object.add_ref("index", Value::number(m.start));
    object.add_ref("groups", m.groups);
    out.push(object.finish());
  }
  return context.failed ? Value() : out.finish(Value::kSequence);
}

Value contains(Context& context, const Arguments& a) {
  if (a[0].is_undefined() || a[1].is_undefined()) return {};
  if (a[1].is_string())
    return Value::boolean(a[0].as_string().find(a[1].as_string()) != std::string_view::npos);
  const bool found = first_match(context, a[1], a[0]).found;
  return context.failed ? Value() : Value::boolean(found);
}

// A replacement text with $$, $0 and $n filled in.
void expand_replacement(std::string_view replacement, const MatcherMatch& match, std::string& out) {
  const auto groups = static_cast<size_t>(match.groups.size());
  size_t position = 0;
  size_t dollar = replacement.find('$', position);
  while (dollar != std::string_view::npos) {
    out += replacement.substr(position, dollar - position);
    position = dollar + 1;
    const char c = position < replacement.size() ? replacement[position] : '\0';
    if (c == '$') {
      out += '$';
      ++position;
    } else if (c == '0') {
      out += match.match.as_string();
      ++position;
    } else {
      // As many digits as the number of groups has; one fewer when that names no group.
      const size_t most =
          groups == 0
              ? 1
              : static_cast<size_t>(std::floor(std::log10(static_cast<double>(groups)))) + 1;
      size_t taken = 0;
      size_t index = 0;
      while (taken < most && position + taken < replacement.size() &&
             replacement[position + taken] >= '0' && replacement[position + taken] <= '9') {
        index = index * 10 + static_cast<size_t>(replacement[position + taken++] - '0');
      }
      if (most > 1 && taken > 1 && index > groups) {
        index /= 10;
        --taken;
      }
      if (taken == 0) {
        out += '$';
      } else {
        if (groups > 0 && index >= 1 && index <= groups)
          out += match.groups.items()[index - 1].as_string();
        position += taken;
      }
    }
    dollar = replacement.find('$', position);
  }
  out += replacement.substr(position);
}

bool append_replacement(Context& context, const Value& replacement, const MatcherMatch& m,
                        std::string& out) {
  if (replacement.is_string()) {
    expand_replacement(replacement.as_string(), m, out);
    return true;
  }
  json::ObjectBuilder object(context.arena);
  object.add_ref("match", m.match);
  object.add_ref("start", Value::number(m.start));
  object.add_ref("end", Value::number(m.end));
  object.add_ref("groups", m.groups);
  object.add_ref("next", m.next);
  const Value argument = object.finish();
  const Value text = apply(context, replacement, &argument, 1, Value::null());
  if (context.failed) return false;
  if (!text.is_string()) {
    context.fail_value("D3012", text);
    return false;
  }
  out += text.as_string();
  return true;
}

Value replace_plain(Context& context, const Arguments& a, double limit) {
  const std::string_view text = a[0].as_string();
  const std::string_view pattern = a[1].as_string();
  // Of nothing the reference makes JavaScript's name for it.
  const std::string_view replacement = a[2].is_undefined() ? "undefined" : a[2].as_string();
  std::string out;
  size_t position = 0;
  double count = 0;
  for (size_t at = text.find(pattern); at != std::string_view::npos && count < limit;
       at = text.find(pattern, position), ++count) {
    out += text.substr(position, at - position);
    out += replacement;
    position = at + pattern.size();
    if (!context.spend() || !context.may_make(out.size())) return {};
  }
  out += text.substr(position);
  return make_string(context, out);
}

Value replace(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  if (a[1].is_string() && a[1].as_string().empty()) {
    context.fail_value("D3010", a[1]);
    context.failure.index = 2;
    return {};
  }
  const double limit = limit_of(a[3]);
  if (limit < 0) {
    context.fail_value("D3011", a[3]);
    context.failure.index = 4;
    return {};
  }
  if (!(limit > 0)) return a[0];
  if (a[1].is_string()) return replace_plain(context, a, limit);
  std::string out;
  double position = 0;
  double count = 0;
  for (MatcherMatch m = first_match(context, a[1], a[0]); m.found && count < limit;
       m = next_match(context, m), ++count) {
    out += between(a[0], position, m.start);
    if (!append_replacement(context, a[2], m, out) || !context.may_make(out.size())) return {};
    position = m.start +
               static_cast<double>(units_before(m.match.as_string(), m.match.as_string().size()));
  }
  if (context.failed) return {};
  out += between(a[0], position, kEnd);
  join_surrogates(out);
  return make_string(context, out);
}

Value split_plain(Context& context, const Value& value, std::string_view separator, double limit) {
  const std::string_view text = value.as_string();
  json::ArrayBuilder out(context.arena);
  // JavaScript counts the pieces in 32 bits.
  const auto most =
      std::isinf(limit) ? UINT32_MAX : static_cast<uint32_t>(std::fmod(std::trunc(limit), 0x1p32));
  if (separator.empty()) {
    // Every UTF-16 unit on its own.
    for (size_t at = 0; at < text.size() && out.size() < most;) {
      if (!context.spend()) return {};
      const size_t length = json::utf8_length(text[at]);
      if (length < 4) {
        out.push(Value::string_ref(text.substr(at, length)));
      } else {
        for (const char16_t unit : to_utf16(text.substr(at, length))) {
          if (out.size() < most) out.push(make_string(context, from_utf16({&unit, 1})));
        }
      }
      at += length;
    }
    return out.finish();
  }
  size_t position = 0;
  while (out.size() < most) {
    if (!context.spend()) return {};
    const size_t at = text.find(separator, position);
    out.push(Value::string_ref(
        text.substr(position, at == std::string_view::npos ? at : at - position)));
    if (at == std::string_view::npos) break;
    position = at + separator.size();
  }
  return out.finish();
}

Value split(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  const double limit = limit_of(a[2]);
  if (limit < 0) {
    context.fail_value("D3020", a[2]);
    context.failure.index = 3;
    return {};
  }
  if (!(limit > 0)) return Value::array(nullptr, 0);
  if (a[1].is_undefined()) return make_array(context, &a[0], 1);
  if (a[1].is_string()) return split_plain(context, a[0], a[1].as_string(), limit);
  json::ArrayBuilder out(context.arena);
  double position = 0;
  double count = 0;
  MatcherMatch m = first_match(context, a[1], a[0]);
  for (; m.found && count < limit; m = next_match(context, m), ++count) {
    out.push(Value::string_ref(between(a[0], position, m.start)));
    position = m.end;
  }
  if (context.failed) return {};
  if (count < limit) out.push(Value::string_ref(between(a[0], position, kEnd)));
  return out.finish();
}

constexpr LibraryEntry kMatchingEntries[] = {
    {"match", "<s-f<s:o>n?:a<o>>", 3, match},
    {"contains", "<s-(sf):b>", 2, contains},
    {"replace", "<s-(sf)(sf)n?:s>", 4, replace},
    {"split", "<s-(sf)n?:a<s>>", 3, split},
};

}  // namespace

std::span<const LibraryEntry> matching_functions() { return kMatchingEntries; }

}  // namespace weft::jsonata
