#include "jsonpath/java_property.h"

#include <algorithm>
#include <array>

namespace weft::jsonpath {

namespace {

struct Property {
  std::string_view name;
  std::string_view members;
};

// The names of forProperty, the categories aside.
constexpr std::array<Property, 25> kNamed{{
    {"Lower", "a-z"},
    {"Upper", "A-Z"},
    {"ASCII", "\\x00-\\x7F"},
    {"Alpha", "a-zA-Z"},
    {"Digit", "0-9"},
    {"Alnum", "a-zA-Z0-9"},
    {"Punct", "!-\\/:-@\\[-`{-~"},
    {"Graph", "!-~"},
    {"Print", "\\x20-~"},
    {"Blank", "\\x20\\x09"},
    {"Cntrl", "\\x00-\\x1F\\x7F"},
    {"XDigit", "0-9a-fA-F"},
    {"Space", "\\s"},
    {"LC", "\\p{L&}"},
    {"LD", "\\p{L}\\p{Nd}"},
    {"L1", "\\x00-\\x{FF}"},
    {"all", "\\x00-\\x{10FFFF}"},
    {"javaLowerCase", "\\p{Lowercase}"},
    {"javaUpperCase", "\\p{Uppercase}"},
    {"javaTitleCase", "\\p{Lt}"},
    {"javaAlphabetic", "\\p{Alphabetic}"},
    {"javaDigit", "\\p{Nd}"},
    {"javaDefined", "\\P{Cn}"},
    {"javaLetter", "\\p{L}"},
    {"javaLetterOrDigit", "\\p{L}\\p{Nd}"},
}};

// Java's names after `Is`, in capitals, scripts and categories aside.
constexpr std::array<Property, 14> kUnicode{{
    {"ALPHABETIC", "\\p{Alphabetic}"},
    {"LETTER", "\\p{L}"},
    {"IDEOGRAPHIC", "\\p{Ideographic}"},
    {"LOWERCASE", "\\p{Lowercase}"},
    {"UPPERCASE", "\\p{Uppercase}"},
    {"TITLECASE", "\\p{Lt}"},
    {"WHITE_SPACE", "\\p{White_Space}"},
    {"WHITESPACE", "\\p{White_Space}"},
    {"CONTROL", "\\p{Cc}"},
    {"PUNCTUATION", "\\p{P}"},
    {"HEX_DIGIT", "\\p{Nd}\\p{Hex_Digit}"},
    {"ASSIGNED", "\\P{Cn}"},
    {"DIGIT", "\\p{Nd}"},
    {"JOIN_CONTROL", "\\p{Join_Control}"},
}};

constexpr std::array<std::string_view, 38> kCategories{
    {"Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Me", "Mc", "Nd", "Nl", "No", "Zs",
     "Zl", "Zp", "Cc", "Cf", "Co", "Cs", "Pd", "Ps", "Pe", "Pc", "Po", "Sm", "Sc",
     "Sk", "So", "Pi", "Pf", "L",  "M",  "N",  "Z",  "C",  "P",  "S",  "LC"}};

// The sets that Java widens where case is ignored, and to what.
constexpr std::array<Property, 7> kOfOneCase{{
    {"a-z", "a-zA-Z"},
    {"A-Z", "a-zA-Z"},
    {"\\p{Lu}", "\\p{L&}"},
    {"\\p{Ll}", "\\p{L&}"},
    {"\\p{Lt}", "\\p{L&}"},
    {"\\p{Lowercase}", "\\p{Lowercase}\\p{Uppercase}\\p{Lt}"},
    {"\\p{Uppercase}", "\\p{Lowercase}\\p{Uppercase}\\p{Lt}"},
}};

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string uppered(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), upper);
  return result;
}

template <size_t kSize>
std::optional<std::string> found(const std::array<Property, kSize>& table, std::string_view name) {
  const auto* const at = std::ranges::find(table, name, &Property::name);
  if (at == table.end() || name.empty()) return std::nullopt;
  return std::string(at->members);
}

std::optional<std::string> category_or_named(std::string_view name) {
  if (auto named = found(kNamed, name)) return named;
  if (std::ranges::find(kCategories, name) == kCategories.end()) return std::nullopt;
  return "\\p{" + std::string(name) + "}";
}

// Whether the script exists PCRE2 says.
std::optional<std::string> script(std::string_view name) {
  const auto fits = [](char c) { return (upper(c) >= 'A' && upper(c) <= 'Z') || c == '_'; };
  if (name.empty() || !std::ranges::all_of(name, fits)) return std::nullopt;
  return "\\p{sc:" + std::string(name) + "}";
}

std::optional<std::string> members(std::string_view name) {
  if (const size_t equals = name.find('='); equals != std::string_view::npos) {
    const std::string key = uppered(name.substr(0, equals));
    const std::string_view value = name.substr(equals + 1);
    if (key == "SC" || key == "SCRIPT") return script(value);
    if (key == "GC" || key == "GENERAL_CATEGORY") return category_or_named(value);
    return std::nullopt;
  }
  if (!name.starts_with("Is")) return category_or_named(name);
  name.remove_prefix(2);
  if (auto unicode = found(kUnicode, uppered(name))) return unicode;
  if (auto category = category_or_named(name)) return category;
  return script(name);
}

}  // namespace

std::optional<std::string> members_of_java_property(std::string_view name, bool ignore_case) {
  auto result = members(name);
  if (!result || !ignore_case) return result;
  auto wider = found(kOfOneCase, *result);
  return wider ? wider : result;
}

}  // namespace weft::jsonpath
