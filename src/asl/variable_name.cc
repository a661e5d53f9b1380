#include "asl/variable_name.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/limits.h"

namespace weft::asl {
namespace {

bool is_start(char c) {
  // Letters beyond ASCII are taken as identifier letters; telling them from signs would need the
  // Unicode tables.
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

size_t count_characters(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string variable_name_problem(std::string_view name) {
  if (name == "states") {
    return "The variable name 'states' is reserved";
  }
  const bool identifier =
      !name.empty() && is_start(name[0]) &&
      std::ranges::all_of(name, [](char c) { return is_start(c) || base::is_digit(c); });
  if (!identifier) {
    return fmt::format("The variable name '{}' is not a valid identifier", name);
  }
  if (count_characters(name) > base::kNameCharsMax) {
    return fmt::format("The variable name '{}' is longer than {} characters", name,
                       base::kNameCharsMax);
  }
  return {};
}

}  // namespace weft::asl
