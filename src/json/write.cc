#include "json/write.h"

#include <charconv>
#include <cmath>

#include "json/plain.h"
#include "json/utf8.h"
#include "json/writer.h"

namespace weft::json {

namespace {

constexpr char kHex[] = "0123456789abcdef";

void write_unicode_escape(char32_t c, std::string& out) {
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(c >> shift) & 0xF];
}

void write_control(char c, std::string& out) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      write_unicode_escape(static_cast<unsigned char>(c), out);
  }
}

struct PlainNumbers {
  static void write(const Value& value, std::string& out) {
    if (!value.is_exact_int()) {
      const double number = value.as_double();
      if (std::isfinite(number)) {
        write_number(number, out);
      } else {
        out += std::isnan(number) ? "\"NaN\"" : number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
      }
      return;
    }
    char buffer[24];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value.as_int());
    out.append(buffer, end);
  }
};

}  // namespace

void write_string(std::string_view text, std::string& out) {
  out += '"';
  const char* end = text.data() + text.size();
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    i = static_cast<size_t>(skip_plain(text.data() + i, end) - text.data());
    if (i == text.size()) break;
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80 && c != 0xED) continue;
    if (c == 0xED) {
      // 0xED 0xA0.. and above are surrogates kept in three bytes: never written raw, they are no
      // UTF-8.
      if (i + 2 >= text.size() || static_cast<unsigned char>(text[i + 1]) < 0xA0) continue;
      out.append(text, plain, i - plain);
      size_t at = i;
      write_unicode_escape(decode_utf8(text, at), out);
      i = at - 1;
    } else {
      out.append(text, plain, i - plain);
      write_control(text[i], out);
    }
    plain = i + 1;
  }
  out.append(text, plain);
  out += '"';
}

void write(const Value& value, std::string& out, const WriteBounds& bounds) {
  Writer<PlainNumbers>(out, false, bounds).value(value);
}

std::string to_text(const Value& value, const WriteBounds& bounds) {
  std::string out;
  write(value, out, bounds);
  return out;
}

void write_pretty(const Value& value, std::string& out) {
  Writer<PlainNumbers>(out, true).value(value);
}

}  // namespace weft::json
