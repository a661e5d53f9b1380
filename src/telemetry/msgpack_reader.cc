#include "telemetry/msgpack_reader.h"

#include <bit>
#include <cmath>
#include <vector>

#include <fmt/format.h>

// The header turns `bool` into a macro.
extern "C" {
#include <mpack.h>
}
#undef bool

namespace weft::telemetry {
namespace {

using Type = MsgpackItem::Type;

uint64_t bits_of(const mpack_token_t& token) {
  return uint64_t{token.data.value.hi} << 32 | token.data.value.lo;
}

// Signed tokens keep their two's complement in as many bytes as they had on the wire.
int64_t signed_of(const mpack_token_t& token) {
  switch (token.length) {
    case 1:
      return static_cast<int8_t>(token.data.value.lo);
    case 2:
      return static_cast<int16_t>(token.data.value.lo);
    case 4:
      return static_cast<int32_t>(token.data.value.lo);
    default:
      return static_cast<int64_t>(bits_of(token));
  }
}

double float_of(const mpack_token_t& token) {
  if (token.length == 4) return std::bit_cast<float>(token.data.value.lo);
  return std::bit_cast<double>(bits_of(token));
}

void set_double(double value, MsgpackItem& item) {
  item.type = Type::kDouble;
  item.real = value;
  item.negative = value < 0;
  if (std::abs(value) < 9.2e18) item.integer = static_cast<uint64_t>(static_cast<int64_t>(value));
}

std::string_view name_of(Type type) {
  constexpr std::string_view kNames[] = {"nil",    "a boolean", "an integer", "a double",
                                         "a text", "bytes",     "an array",   "a map"};
  return kNames[static_cast<size_t>(type)];
}

}  // namespace

bool MsgpackReader::fail(std::string_view reason) {
  if (error_.empty()) error_ = fmt::format("byte {}: {}", message_.size() - rest_.size(), reason);
  return false;
}

bool MsgpackReader::next(MsgpackItem& item) {
  if (failed()) return false;
  if (rest_.empty()) return fail("the message ends where a value is expected");
  mpack_tokbuf_t buffer;
  mpack_tokbuf_init(&buffer);
  const char* at = rest_.data();
  size_t left = rest_.size();
  mpack_token_t token;
  const int status = mpack_read(&buffer, &at, &left, &token);
  if (status == MPACK_EOF) return fail("the message ends inside a value");
  if (status != MPACK_OK) return fail("no MessagePack value starts so");
  const std::string_view after(at, left);
  item = {};
  switch (token.type) {
    case MPACK_TOKEN_NIL:
      break;
    case MPACK_TOKEN_BOOLEAN:
      item.type = Type::kBool;
      item.integer = token.data.value.lo;
      break;
    case MPACK_TOKEN_UINT:
      item.type = Type::kInteger;
      item.integer = bits_of(token);
      item.real = static_cast<double>(item.integer);
      break;
    case MPACK_TOKEN_SINT:
      item.type = Type::kInteger;
      item.integer = static_cast<uint64_t>(signed_of(token));
      item.real = static_cast<double>(signed_of(token));
      item.negative = signed_of(token) < 0;
      break;
    case MPACK_TOKEN_FLOAT:
      set_double(float_of(token), item);
      break;
    case MPACK_TOKEN_ARRAY:
    case MPACK_TOKEN_MAP: {
      item.type = token.type == MPACK_TOKEN_MAP ? Type::kMap : Type::kArray;
      item.count = token.length;
      const uint64_t values = uint64_t{token.length} * (item.type == Type::kMap ? 2 : 1);
      if (values > after.size()) {
        return fail(fmt::format("{} of {} items in a message with {} bytes left",
                                name_of(item.type), token.length, after.size()));
      }
      break;
    }
    default:
      item.type = token.type == MPACK_TOKEN_STR ? Type::kString : Type::kBinary;
      if (token.length > after.size()) {
        return fail(fmt::format("{} of {} bytes in a message with {} bytes left",
                                name_of(item.type), token.length, after.size()));
      }
      item.text = after.substr(0, token.length);
      rest_ = after.substr(token.length);
      return true;
  }
  rest_ = after;
  return true;
}

bool MsgpackReader::keep(size_t bytes) {
  if (kept_.add(bytes)) return true;
  return fail(fmt::format("the message becomes more than {} bytes", kDecodedBytesMax));
}

bool MsgpackReader::skip() {
  MsgpackItem item;
  uint64_t open[kDepthMax];  // values still to come, by depth
  int depth = 0;
  open[0] = 1;
  while (true) {
    while (open[depth] == 0) {
      if (depth == 0) return true;
      --depth;
    }
    --open[depth];
    if (!next(item)) return false;
    if (item.count == 0) continue;
    if (++depth == kDepthMax) return fail("values nest too deep");
    open[depth] = uint64_t{item.count} * (item.type == Type::kMap ? 2 : 1);
  }
}

bool MsgpackReader::open(Type type, std::string_view what, uint32_t& count) {
  MsgpackItem item;
  if (!next(item)) return false;
  count = item.count;
  if (item.type == type || item.type == Type::kNil) return true;
  return fail(fmt::format("{} must be {}, not {}", what, name_of(type), name_of(item.type)));
}

bool MsgpackReader::text(std::string_view what, std::string_view& value) {
  MsgpackItem item;
  if (!next(item)) return false;
  value = item.text;
  if (item.type == Type::kString || item.type == Type::kBinary || item.type == Type::kNil)
    return true;
  return fail(fmt::format("{} must be a text, not {}", what, name_of(item.type)));
}

bool MsgpackReader::integer(std::string_view what, uint64_t& value) {
  MsgpackItem item;
  if (!next(item)) return false;
  value = item.integer;
  const bool whole = item.type == Type::kDouble && item.real == std::trunc(item.real) &&
                     std::abs(item.real) < 9.2e18;
  if (item.type == Type::kInteger || item.type == Type::kNil || whole) return true;
  return fail(fmt::format("{} must be an integer, not {}", what, name_of(item.type)));
}

}  // namespace weft::telemetry
