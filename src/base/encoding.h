#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weft::base {

// Bytes as text and back (RFC 4648). What takes such text from outside and wants one form of it
// alone (lower case, with padding, no stray bits) writes the bytes again and compares.

// Two lower-case digits a byte.
std::string to_hex(std::string_view bytes);
// nullopt: an odd number of digits, or something that is none. Either case is read.
std::optional<std::string> from_hex(std::string_view text);

// With padding.
std::string to_base64(std::string_view bytes);
// nullopt: it is no Base64. Padding may be absent as a whole.
std::optional<std::string> from_base64(std::string_view text);

// Section 5: '-' and '_', without padding.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace weft::base
