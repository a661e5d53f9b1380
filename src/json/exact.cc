#include "json/exact.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "json/writer.h"

namespace weft::json {

namespace {

// The bytes of a value. A double uses the first byte (its kind) and the last eight; the address of
// its digits takes the six of `address`, which are zero else. No address of x86-64 or AArch64 that
// a program can have is longer.
struct Bytes {
  uint8_t kind[2];
  uint8_t address[6];
  double number;
};
static_assert(sizeof(Bytes) == sizeof(Value) && std::is_trivially_copyable_v<Value>);
static_assert(std::endian::native == std::endian::little);

struct ExactNumbers {
  static void write(const Value& value, std::string& out) {
    if (value.is_exact_int()) {
      char buffer[24];
      const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value.as_int());
      out.append(buffer, end);
    } else if (const std::string_view digits = long_integer_digits(value); !digits.empty()) {
      out += digits;
    } else {
      write_java_number(value.as_double(), out);
    }
  }
};

}  // namespace

Value long_integer(std::string_view digits, Arena& arena) {
  double number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  auto* memory = static_cast<char*>(arena.allocate(sizeof(uint32_t) + digits.size()));
  const auto size = static_cast<uint32_t>(digits.size());
  std::memcpy(memory, &size, sizeof(size));
  std::memcpy(memory + sizeof(size), digits.data(), digits.size());
  auto bytes = std::bit_cast<Bytes>(Value::number(number));
  std::memcpy(bytes.address, &memory, sizeof(bytes.address));
  return std::bit_cast<Value>(bytes);
}

std::string_view long_integer_digits(const Value& value) {
  if (!value.is_number() || value.is_exact_int()) return {};
  const auto bytes = std::bit_cast<Bytes>(value);
  const char* memory = nullptr;
  std::memcpy(&memory, bytes.address, sizeof(bytes.address));
  if (memory == nullptr) return {};
  uint32_t size = 0;
  std::memcpy(&size, memory, sizeof(size));
  return {memory + sizeof(size), size};
}

void write_java_number(double number, std::string& out) {
  if (std::isnan(number) || std::isinf(number)) {
    out += "null";
    return;
  }
  if (number == 0) {
    out += std::signbit(number) ? "-0.0" : "0.0";
    return;
  }
  char buffer[40];
  const double size = std::fabs(number);
  const bool plain = size >= 1e-3 && size < 1e7;
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof(buffer), number,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  const size_t e = std::min(text.find('e'), text.size());
  const std::string_view digits = text.substr(0, e);
  out += digits;
  if (digits.find('.') == std::string_view::npos) out += ".0";
  if (e == text.size()) return;
  int exponent = 0;
  const char* exponent_start = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent_start, text.data() + text.size(), exponent);
  out += 'E';
  out += std::to_string(exponent);
}

void write_exact(const Value& value, std::string& out, const WriteBounds& bounds) {
  Writer<ExactNumbers>(out, false, bounds).value(value);
}

std::string to_exact_text(const Value& value, const WriteBounds& bounds) {
  std::string out;
  write_exact(value, out, bounds);
  return out;
}

void write_exact_pretty(const Value& value, std::string& out) {
  Writer<ExactNumbers>(out, true).value(value);
}

}  // namespace weft::json
