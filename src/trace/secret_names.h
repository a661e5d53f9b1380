#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/ascii.h"

namespace weft::trace {

// Members that say what another member is called, and that other member, as of AWS's tags, headers
// and container environments:
// {"name": "password", "value": "..."}. Lower case.
inline constexpr std::array<std::string_view, 5> kNameMembers = {"name", "key", "parametername",
                                                                 "headername", "variable"};
inline constexpr std::array<std::string_view, 5> kValueMembers = {"value", "val", "stringvalue",
                                                                  "parametervalue", "headervalue"};

// How secrets are known by their names. A plain value.
struct SecretNames {
  // Parts of names, normalised(): "password", "token" ...
  std::vector<std::string> parts;
  // Words of names, which are too short to be looked for inside of others: "pass" is a word of
  // "db_pass" and "dbPass", not of "passenger". Lower case.
  std::vector<std::string> words;

  bool empty() const { return parts.empty() && words.empty(); }

  // Case, "_", "-", " " and "." do not count.
  static std::string normalised(std::string_view name) {
    std::string out;
    for (const char c : name) {
      if (c == '_' || c == '-' || c == ' ' || c == '.') continue;
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
  }
  // Whether `name` has one of them in it.
  bool in(std::string_view name) const {
    const std::string key = normalised(name);
    return std::ranges::any_of(parts,
                               [&](const std::string& part) { return key.contains(part); }) ||
           has_word(name);
  }
  // Whether `name` ends with one of them.
  bool at_end_of(std::string_view name) const {
    const std::string key = normalised(name);
    return std::ranges::any_of(parts, [&](const std::string& part) { return key.ends_with(part); });
  }

 private:
  // Words end at what is no letter, and before a capital behind a small letter.
  bool has_word(std::string_view name) const {
    std::string word;
    for (size_t i = 0; i <= name.size(); ++i) {
      const bool ends = i == name.size() || !base::is_letter(name[i]) ||
                        (base::is_upper(name[i]) && i > 0 && base::is_letter(name[i - 1]) &&
                         !base::is_upper(name[i - 1]));
      if (ends && !word.empty()) {
        if (std::ranges::find(words, word) != words.end()) return true;
        word.clear();
      }
      if (i < name.size() && base::is_letter(name[i]))
        word += base::is_upper(name[i]) ? static_cast<char>(name[i] - 'A' + 'a') : name[i];
    }
    return false;
  }
};

}  // namespace weft::trace
