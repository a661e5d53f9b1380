#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "telemetry/span_limits.h"

namespace weft::telemetry {

// One item of a MessagePack text. Arrays, maps: what follows are `count` items, or pairs of them.
struct MsgpackItem {
  enum class Type : uint8_t { kNil, kBool, kInteger, kDouble, kString, kBinary, kArray, kMap };
  Type type = Type::kNil;
  uint64_t integer = 0;  // two's complement when negative; of doubles the whole part
  double real = 0;       // of integers and doubles
  bool negative = false;
  std::string_view text{};  // of strings and binaries (and extensions, as binary), into the message
  uint32_t count = 0;
};

// Reads MessagePack item by item (libmpack does the parsing). After the first fault every call
// returns false and error() says what and where. Announced sizes are held against the bytes that
// are left, so a short message never makes large containers.
class MsgpackReader {
 public:
  explicit MsgpackReader(std::string_view message) : message_(message), rest_(message) {}

  bool next(MsgpackItem& item);
  // The next value with everything inside it. Deeper than kDepthMax is a fault.
  bool skip();
  // The next value, which must be an array or a map (`what` is it, for the error); nil is an empty
  // one.
  bool open(MsgpackItem::Type type, std::string_view what, uint32_t& count);
  // The next value, which must be a string (`binary` too); nil is "".
  bool text(std::string_view what, std::string_view& value);
  // The next value, which must be an integer of any width, or a double without a fraction; nil
  // is 0.
  bool integer(std::string_view what, uint64_t& value);

  // To be called with the bytes that are kept of what was read; false beyond kDecodedBytesMax.
  bool keep(size_t bytes);

  bool fail(std::string_view reason);
  bool failed() const { return !error_.empty(); }
  // "" or "byte 17: ...".
  const std::string& error() const { return error_; }
  bool at_end() const { return rest_.empty(); }

  static constexpr int kDepthMax = 32;

 private:
  std::string_view message_;
  std::string_view rest_;
  std::string error_;
  DecodedSize kept_;
};

}  // namespace weft::telemetry
