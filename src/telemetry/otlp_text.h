#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "history/wire.h"

// Writes messages of OTLP for tests, field by field: `bytes(1, number(3, 5))`.

namespace weft::telemetry::otlp {

inline std::string bytes(uint32_t field, std::string_view value) {
  std::string out;
  history::put_bytes_present(out, field, value);
  return out;
}
inline std::string number(uint32_t field, uint64_t value) {
  std::string out;
  history::put_uint_present(out, field, value);
  return out;
}
// `sint32` of the schema.
inline std::string zigzag(uint32_t field, int32_t value) {
  return number(field, (static_cast<uint32_t>(value) << 1) ^ static_cast<uint32_t>(value >> 31));
}
inline std::string little_endian(uint64_t value) {
  std::string out;
  for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i));
  return out;
}
inline std::string fixed64(uint32_t field, uint64_t value) {
  return static_cast<char>(field << 3 | 1) + little_endian(value);
}
inline std::string real(uint32_t field, double value) {
  return fixed64(field, std::bit_cast<uint64_t>(value));
}
// Packed lists.
inline std::string fixed64_list(uint32_t field, const std::vector<uint64_t>& values) {
  std::string out;
  for (const uint64_t value : values) out += little_endian(value);
  return bytes(field, out);
}
inline std::string real_list(uint32_t field, const std::vector<double>& values) {
  std::string out;
  for (const double value : values) out += little_endian(std::bit_cast<uint64_t>(value));
  return bytes(field, out);
}
inline std::string number_list(uint32_t field, const std::vector<uint64_t>& values) {
  std::string out;
  for (const uint64_t value : values) history::put_varint(out, value);
  return bytes(field, out);
}
// A KeyValue; `value` is a field of AnyValue.
inline std::string attribute(uint32_t field, std::string_view key, std::string_view value) {
  return bytes(field, bytes(1, key) + bytes(2, value));
}

}  // namespace weft::telemetry::otlp
