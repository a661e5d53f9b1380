#include "history/wire.h"

namespace weft::history {
namespace {

enum WireType : uint8_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

}  // namespace

bool WireReader::fail() {
  damaged_ = true;
  rest_ = {};
  return false;
}

bool WireReader::take_varint(uint64_t& value) {
  value = 0;
  for (size_t i = 0; i < rest_.size() && i < 10; ++i) {
    auto byte = static_cast<uint8_t>(rest_[i]);
    value |= uint64_t{byte & 0x7Fu} << (7 * i);
    if (byte < 0x80) {
      rest_.remove_prefix(i + 1);
      return true;
    }
  }
  return fail();
}

bool WireReader::next() {
  if (damaged_ || rest_.empty()) return false;
  uint64_t tag = 0;
  if (!take_varint(tag)) return false;
  if (tag >> 3 == 0 || tag >> 3 > UINT32_MAX) return fail();
  field_ = static_cast<uint32_t>(tag >> 3);
  wire_type_ = static_cast<uint8_t>(tag & 7);
  size_t size = 0;
  switch (wire_type_) {
    case kVarint:
      return take_varint(number_);
    case kLengthDelimited: {
      uint64_t length = 0;
      if (!take_varint(length)) return false;
      if (length > rest_.size()) return fail();
      size = length;
      break;
    }
    case kFixed64:
      size = 8;
      break;
    case kFixed32:
      size = 4;
      break;
    default:
      return fail();
  }
  if (size > rest_.size()) return fail();
  bytes_ = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

uint64_t WireReader::uint() {
  if (wire_type_ == kVarint) return number_;
  fail();
  return 0;
}

uint64_t WireReader::fixed64() {
  if (wire_type_ != kFixed64) {
    fail();
    return 0;
  }
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) value |= uint64_t{static_cast<uint8_t>(bytes_[i])} << (8 * i);
  return value;
}

std::string_view WireReader::bytes() {
  if (wire_type_ == kLengthDelimited) return bytes_;
  fail();
  return {};
}

}  // namespace weft::history
