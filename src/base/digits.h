#pragma once

#include <cstdint>
#include <string>

namespace weft::base {

// Ids and times are printed for every call of a function, where a formatting library takes ten
// times as long. `at` has room for the digits; both return what follows them.

// The lowest `digits` hexadecimal digits of `value`, lower case, with leading zeros.
inline char* put_hex(char* at, uint64_t value, int digits = 16) {
  for (char* digit = at + digits; digit != at; value >>= 4)
    *--digit = "0123456789abcdef"[value & 0xF];
  return at + digits;
}

// The lowest `digits` decimal digits of `value`, with leading zeros.
inline char* put_digits(char* at, uint64_t value, int digits) {
  for (char* digit = at + digits; digit != at; value /= 10)
    *--digit = static_cast<char>('0' + value % 10);
  return at + digits;
}

// 1234567 as "1,234,567".
inline std::string grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  return digits;
}

}  // namespace weft::base
