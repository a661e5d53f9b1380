#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// The Protocol Buffers wire format, as far as stored records need it: varints and length-delimited
// fields. Writers leave out zeros and empty texts (proto3's implicit presence); the `_present`
// forms write them (`optional` fields). Source: protobuf.dev, "Encoding".

namespace weft::history {

inline void put_varint(std::string& out, uint64_t value) {
  char bytes[10];
  size_t size = 0;
  while (value >= 0x80) {
    bytes[size++] = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  bytes[size++] = static_cast<char>(value);
  out.append(bytes, size);
}

inline void put_uint_present(std::string& out, uint32_t field, uint64_t value) {
  put_varint(out, uint64_t{field} << 3);
  put_varint(out, value);
}
inline void put_uint(std::string& out, uint32_t field, uint64_t value) {
  if (value != 0) put_uint_present(out, field, value);
}
// `int64` of the schema: negative numbers take ten bytes.
inline void put_int(std::string& out, uint32_t field, int64_t value) {
  put_uint(out, field, static_cast<uint64_t>(value));
}

inline void put_bytes_present(std::string& out, uint32_t field, std::string_view bytes) {
  put_varint(out, uint64_t{field} << 3 | 2);
  put_varint(out, bytes.size());
  out.append(bytes);
}
inline void put_bytes(std::string& out, uint32_t field, std::string_view bytes) {
  if (!bytes.empty()) put_bytes_present(out, field, bytes);
}

// Walks the fields of one message:
//   WireReader reader(bytes);
//   while (reader.next()) switch (reader.field()) { case 1: x = reader.uint(); ... }
//   if (reader.damaged()) ...
// A field of an unexpected wire type reads as 0 or empty and marks the message damaged; fields
// nobody asks for are skipped.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  // Goes to the next field; false at the end or at the first malformed byte.
  bool next();
  bool damaged() const { return damaged_; }

  uint32_t field() const { return field_; }
  uint64_t uint();
  // `fixed64`, `sfixed64` and the bits of a `double`.
  uint64_t fixed64();
  // Views into the message.
  std::string_view bytes();

  int64_t int64() { return static_cast<int64_t>(uint()); }
  uint32_t uint32() { return static_cast<uint32_t>(uint()); }
  std::string text() { return std::string(bytes()); }

 private:
  bool take_varint(uint64_t& value);
  bool fail();

  std::string_view rest_;
  std::string_view bytes_;
  uint64_t number_ = 0;
  uint32_t field_ = 0;
  uint8_t wire_type_ = 0;
  bool damaged_ = false;
};

}  // namespace weft::history
