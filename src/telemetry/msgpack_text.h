#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Writes MessagePack for tests: `map({{"a", number(1)}})`.

namespace weft::telemetry {

inline std::string big_endian_bytes(uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}
inline std::string number(uint64_t value) { return "\xCF" + big_endian_bytes(value, 8); }
inline std::string text(std::string_view value) {
  return "\xDB" + big_endian_bytes(value.size(), 4) + std::string(value);
}
inline std::string array(const std::vector<std::string>& items) {
  std::string out = "\xDD" + big_endian_bytes(items.size(), 4);
  for (const std::string& item : items) out += item;
  return out;
}
inline std::string map(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out = "\xDF" + big_endian_bytes(members.size(), 4);
  for (const auto& [key, value] : members) out += text(key) + value;
  return out;
}

}  // namespace weft::telemetry
