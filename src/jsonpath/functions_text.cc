#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/digits.h"
#include "json/build.h"
#include "json/exact.h"
#include "json/utf8.h"
#include "jsonpath/arguments.h"
#include "jsonpath/functions.h"
#include "jsonpath/java_text.h"
#include "jsonpath/limits.h"

// States.Format, StringToJson, JsonToString, StringSplit and UUID.

namespace weft::jsonpath {

namespace {

Refusal too_long() {
  return Refusal(
      fmt::format("The text would have more than {} bytes (limit kTextBytesMax)", kTextBytesMax));
}

bool is_all_blank(std::string_view text) {
  return text.find_first_not_of(" \t\n\r\f\v") == std::string_view::npos;
}

}  // namespace

// A backslash before a brace or a backslash takes its meaning away.
FunctionResult format(CallContext& context, std::string_view pattern,
                      std::span<const json::Value> values) {
  std::string out;
  size_t used = 0;
  size_t wanted = 0;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const bool escape = pattern[i] == '\\' && i + 1 < pattern.size() &&
                        std::string_view("'{}\\").find(pattern[i + 1]) != std::string_view::npos;
    if (escape) {
      out += pattern[++i];
    } else if (pattern.substr(i, 2) == "{}") {
      ++i;
      ++wanted;
      if (used == values.size()) continue;
      const json::Value& value = values[used++];
      if (!fits_text(value, kTextBytesMax - std::min(out.size(), kTextBytesMax))) return too_long();
      write_java_text(value, out);
    } else {
      out += pattern[i];
    }
  }
  if (wanted != values.size()) {
    return Refusal(
        fmt::format("The template has {} times {{}}, but there are {} arguments for them", wanted,
                    values.size()));
  }
  return json::Value::string(out, context.arena);
}

FunctionResult run_format(CallContext& context, std::span<const json::Value> arguments) {
  const auto pattern = string_argument(arguments, 0);
  if (!pattern) return Refusal(pattern.error());
  return format(context, *pattern, arguments.subspan(1));
}

FunctionResult run_string_to_json(CallContext& context, std::span<const json::Value> arguments) {
  const auto text = string_argument(arguments, 0);
  if (!text) return Refusal(text.error());
  if (is_all_blank(*text)) return json::Value::null();
  auto value = json::parse_exact(*text, context.arena);
  if (!value) return Refusal(fmt::format("Argument 1 is no JSON: {}", value.error().message));
  return *value;
}

FunctionResult run_json_to_string(CallContext& context, std::span<const json::Value> arguments) {
  if (!fits_text(arguments[0], kTextBytesMax)) return too_long();
  return json::Value::string(json::to_exact_text(arguments[0]), context.arena);
}

// Every character of the second argument separates; pieces without characters are left out.
FunctionResult run_string_split(CallContext& context, std::span<const json::Value> arguments) {
  const auto text = string_argument(arguments, 0);
  if (!text) return Refusal(text.error());
  const auto separators = string_argument(arguments, 1);
  if (!separators) return Refusal(separators.error());
  std::vector<char32_t> separating;
  for (size_t at = 0; at < separators->size();)
    separating.push_back(json::decode_utf8(*separators, at));
  std::ranges::sort(separating);
  json::ArrayBuilder pieces(context.arena);
  size_t from = 0;
  for (size_t at = 0; at < text->size();) {
    const size_t here = at;
    if (!std::ranges::binary_search(separating, json::decode_utf8(*text, at))) continue;
    if (here > from) pieces.push(json::Value::string_ref(text->substr(from, here - from)));
    from = at;
  }
  if (from < text->size()) pieces.push(json::Value::string_ref(text->substr(from)));
  return pieces.finish();
}

FunctionResult run_uuid(CallContext& context, std::span<const json::Value>) {
  const uint64_t high = (context.scope.random_bits() & ~uint64_t{0xF000}) | 0x4000;
  const uint64_t low = (context.scope.random_bits() >> 2) | (uint64_t{1} << 63);
  char text[36];
  char* at = base::put_hex(text, high >> 32, 8);
  *at++ = '-';
  at = base::put_hex(at, high >> 16, 4);
  *at++ = '-';
  at = base::put_hex(at, high, 4);
  *at++ = '-';
  at = base::put_hex(at, low >> 48, 4);
  *at++ = '-';
  base::put_hex(at, low, 12);
  return json::Value::string({text, sizeof(text)}, context.arena);
}

}  // namespace weft::jsonpath
