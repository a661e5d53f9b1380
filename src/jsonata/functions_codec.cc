// $base64encode $base64decode $encodeUrl $encodeUrlComponent $decodeUrl $decodeUrlComponent
#include "base/ascii.h"
#include "json/utf8.h"
#include "jsonata/library.h"
#include "jsonata/semantics.h"
#include "jsonata/text.h"

namespace weft::jsonata {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Each UTF-16 unit is one byte (its low half), as the reference has it.
Value base64_encode(Context& context, const Arguments& a) {
  const size_t size = a[0].as_string().size();
  if (a[0].is_undefined() || !context.may_make(size + size / 3) || !context.spend(size / 16))
    return {};
  const std::u16string units = to_utf16(a[0].as_string());
  std::string out;
  for (size_t i = 0; i < units.size(); i += 3) {
    const auto byte = [&](size_t n) {
      return i + n < units.size() ? static_cast<uint32_t>(units[i + n] & 0xFF) : 0U;
    };
    const uint32_t word = byte(0) << 16 | byte(1) << 8 | byte(2);
    out += kAlphabet[word >> 18];
    out += kAlphabet[(word >> 12) & 63];
    out += i + 1 < units.size() ? kAlphabet[(word >> 6) & 63] : '=';
    out += i + 2 < units.size() ? kAlphabet[word & 63] : '=';
  }
  return make_string(context, out);
}

Value base64_decode(Context& context, const Arguments& a) {
  const size_t size = a[0].as_string().size();
  if (a[0].is_undefined() || !context.may_make(size) || !context.spend(size / 16)) return {};
  std::string out;
  uint32_t word = 0;
  int bits = 0;
  for (char c : a[0].as_string()) {
    if (c == '=') break;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
    const size_t digit = kAlphabet.find(c);
    if (digit == std::string_view::npos) continue;
    word = word << 6 | static_cast<uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    json::append_utf8((word >> bits) & 0xFF, out);
  }
  return make_string(context, out);
}

constexpr std::string_view kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()";
constexpr std::string_view kReserved = ";/?:@&=+$,#";

Value malformed(Context& context, const Value& text, std::string_view function) {
  context.fail_value("D3140", text);
  context.failure.function_name = function;
  return {};
}

Value encode(Context& context, const Value& text, bool whole_url, std::string_view function) {
  if (text.is_undefined()) return {};
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  const std::string_view chars = text.as_string();
  for (size_t at = 0; at < chars.size();) {
    const char c = chars[at];
    if (kUnreserved.find(c) != std::string_view::npos ||
        (whole_url && kReserved.find(c) != std::string_view::npos)) {
      out += c;
      ++at;
      continue;
    }
    const size_t start = at;
    const char32_t character = json::decode_utf8(chars, at);
    if (character >= 0xD800 && character < 0xE000) return malformed(context, text, function);
    for (size_t i = start; i < at; ++i) {
      const auto byte = static_cast<unsigned char>(chars[i]);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return make_string(context, out);
}

// The byte written as %XX at `at`, or -1.
int percent_byte(std::string_view chars, size_t at) {
  if (at + 2 >= chars.size() || chars[at] != '%') return -1;
  const int high = base::hex_value(chars[at + 1]);
  const int low = base::hex_value(chars[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

Value decode(Context& context, const Value& text, bool whole_url, std::string_view function) {
  if (text.is_undefined()) return {};
  std::string out;
  const std::string_view chars = text.as_string();
  for (size_t at = 0; at < chars.size();) {
    if (chars[at] != '%') {
      out += chars[at++];
      continue;
    }
    const size_t start = at;
    const int lead = percent_byte(chars, at);
    if (lead < 0) return malformed(context, text, function);
    std::string bytes(1, static_cast<char>(lead));
    at += 3;
    const size_t length = lead < 0x80 ? 1 : lead < 0xC0 ? 0 : json::utf8_length(bytes[0]);
    for (size_t i = 1; i < length; ++i, at += 3) {
      const int byte = percent_byte(chars, at);
      if (byte < 0) return malformed(context, text, function);
      bytes += static_cast<char>(byte);
    }
    if (length == 0 || json::valid_utf8_length(bytes, 0) != length)
      return malformed(context, text, function);
    // What could only stand escaped in a whole URL stays escaped.
    if (whole_url && length == 1 && kReserved.find(bytes[0]) != std::string_view::npos) {
      out += chars.substr(start, 3);
    } else {
      out += bytes;
    }
  }
  return make_string(context, out);
}

constexpr LibraryEntry kCodecEntries[] = {
    {"base64encode", "<s-:s>", 1, base64_encode},
    {"base64decode", "<s-:s>", 1, base64_decode},
    {"encodeUrl", "<s-:s>", 1,
     [](Context& c, const Arguments& a) { return encode(c, a[0], true, "encodeUrl"); }},
    {"encodeUrlComponent", "<s-:s>", 1,
     [](Context& c, const Arguments& a) { return encode(c, a[0], false, "encodeUrlComponent"); }},
    {"decodeUrl", "<s-:s>", 1,
     [](Context& c, const Arguments& a) { return decode(c, a[0], true, "decodeUrl"); }},
    {"decodeUrlComponent", "<s-:s>", 1,
     [](Context& c, const Arguments& a) { return decode(c, a[0], false, "decodeUrlComponent"); }},
};

}  // namespace

std::span<const LibraryEntry> text_codec_functions() { return kCodecEntries; }

}  // namespace weft::jsonata
