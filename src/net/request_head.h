#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// The rules of RFC 9112 and RFC 9110 that a lenient reader of requests breaks. Two parties that
// read the same bytes as different messages are how requests are smuggled past one of them, so what
// is not exact is refused.

namespace weft::net {

// Where the head of a request ends in the bytes read so far.
struct HeadEnd {
  enum class State { kIncomplete, kComplete, kMalformed } state = State::kIncomplete;
  size_t size = 0;  // kComplete: bytes of the head with its empty line
};

// Looks from `searched` on, bytes that were looked at before without finding an end. A line that
// ends with LF alone makes it malformed.
HeadEnd find_head_end(std::string_view bytes, size_t searched = 0);

struct HeadFault {
  int status = 400;
  std::string text;  // a sentence without the full stop, for the client
};

// Checks a complete head, "GET / HTTP/1.1\r\n...\r\n\r\n". Nothing when it may be served.
std::optional<HeadFault> check_head(std::string_view head);

}  // namespace weft::net
