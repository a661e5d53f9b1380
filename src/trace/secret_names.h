#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace weft::trace {

// The parts of names by which secrets are known: "password", "token" ... A plain value.
struct SecretNames {
  std::vector<std::string> parts;  // normalised()

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
    return std::ranges::any_of(parts, [&](const std::string& part) { return key.contains(part); });
  }
  // Whether `name` ends with one of them.
  bool at_end_of(std::string_view name) const {
    const std::string key = normalised(name);
    return std::ranges::any_of(parts, [&](const std::string& part) { return key.ends_with(part); });
  }
};

}  // namespace weft::trace
