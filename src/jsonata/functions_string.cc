// $string $substring $substringBefore $substringAfter $lowercase $uppercase $length $trim $pad
// $join
#include <algorithm>
#include <cmath>

#include "jsonata/library.h"
#include "jsonata/semantics.h"
#include "jsonata/text.h"

namespace weft::jsonata {

namespace {

// A piece of `text` sharing its characters.
Value piece(const Value& text, size_t from, size_t to) {
  const std::string_view chars = text.as_string();
  if (to <= from) return Value::string_ref({}, true);
  const std::string_view part = chars.substr(from, to - from);
  return text.has_flag(Value::kAscii) ? Value::string_ref(part, true) : Value::string_ref(part);
}

Value string_of(Context& context, const Arguments& a) {
  Value value = a[0];
  if (value.is_undefined() || value.is_string()) return value;
  if (value.is_function()) return Value::string_ref({}, true);
  if (value.is_number() && !std::isfinite(value.as_double()))
    return context.fail_value("D3001", value);
  if (value.is_array() && value.has_flag(Value::kOuterWrapper)) value = value.item(0);
  context.scratch.clear();
  if (!write_value(context, value, a[1].as_bool(), context.scratch)) return {};
  return make_string(context, context.scratch);
}

double truncated(double number) { return std::isnan(number) ? 0 : std::trunc(number); }

Value substring(Context&, const Arguments& a) {
  const Value& text = a[0];
  if (text.is_undefined()) return {};
  const auto length = static_cast<double>(count_characters(text));
  double start = a[1].as_double();
  if (length + start < 0) start = 0;
  double end = length;
  if (!a[2].is_undefined()) {
    // Counted from no start the end is nowhere.
    if (a[2].as_double() <= 0 || a[1].is_undefined()) return Value::string_ref({}, true);
    // The end is counted from the start as given, before a negative one is turned around.
    end = truncated((start >= 0 ? start : length + start) + a[2].as_double());
  }
  start = truncated(start);
  if (start < 0) start = std::max(start + length, 0.0);
  start = std::min(start, length);
  end = std::min(end, length);
  if (end <= start) return Value::string_ref({}, true);
  return piece(text, byte_of_character(text, static_cast<size_t>(start)),
               byte_of_character(text, static_cast<size_t>(end)));
}

Value substring_before(Context&, const Arguments& a) {
  if (a[0].is_undefined() || a[1].is_undefined()) return a[0];
  const size_t at = a[0].as_string().find(a[1].as_string());
  return at == std::string_view::npos ? a[0] : piece(a[0], 0, at);
}

Value substring_after(Context&, const Arguments& a) {
  if (a[0].is_undefined() || a[1].is_undefined()) return a[0];
  const std::string_view text = a[0].as_string();
  const size_t at = text.find(a[1].as_string());
  return at == std::string_view::npos ? a[0]
                                      : piece(a[0], at + a[1].as_string().size(), text.size());
}

Value lowercase(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  to_lower(a[0].as_string(), context.scratch);
  return make_string(context, context.scratch);
}

Value uppercase(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  to_upper(a[0].as_string(), context.scratch);
  return make_string(context, context.scratch);
}

Value length(Context&, const Arguments& a) {
  return a[0].is_undefined() ? Value() : Value::number(static_cast<double>(count_characters(a[0])));
}

Value trim(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  std::string& out = context.scratch;
  out.clear();
  bool blank = false;
  for (const char c : a[0].as_string()) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      blank = true;
      continue;
    }
    if (blank && !out.empty()) out += ' ';
    blank = false;
    out += c;
  }
  return make_string(context, out);
}

Value pad(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  const Value& text = a[0];
  Value filler = a[2];
  if (filler.is_undefined() || filler.as_string().empty()) filler = Value::string_ref(" ");
  const double width = std::trunc(a[1].as_double());
  const double missing = std::fabs(width) - static_cast<double>(count_characters(text));
  if (!(missing > 0)) return text;
  if (missing > 4e9 || !context.may_make(static_cast<size_t>(missing) + text.as_string().size())) {
    context.may_make(SIZE_MAX);
    return {};
  }
  const auto count = static_cast<size_t>(missing);
  const size_t filler_length = count_characters(filler);
  std::string& out = context.scratch;
  out.clear();
  if (width > 0) out += text.as_string();
  for (size_t i = 0; i < count / filler_length; ++i) {
    if (!context.spend() || !context.may_make(out.size())) return {};
    out += filler.as_string();
  }
  out += filler.as_string().substr(0, byte_of_character(filler, count % filler_length));
  if (width < 0) out += text.as_string();
  return make_string(context, out);
}

Value join(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  const std::string_view separator = a[1].as_string();
  size_t bytes = 0;
  for (size_t i = 0; i < a[0].size(); ++i)
    bytes += a[0].items()[i].as_string().size() + (i > 0 ? separator.size() : 0);
  if (!context.may_make(bytes)) return {};
  auto* chars = static_cast<char*>(context.arena.allocate(bytes));
  size_t at = 0;
  const auto put = [&](std::string_view text) {
    if (!text.empty()) std::memcpy(chars + at, text.data(), text.size());
    at += text.size();
  };
  for (size_t i = 0; i < a[0].size(); ++i) {
    if (i > 0) put(separator);
    put(a[0].items()[i].as_string());
  }
  return Value::string_ref({chars, bytes});
}

constexpr LibraryEntry kStringEntries[] = {
    {"string", "<x-b?:s>", 1, string_of},
    {"substring", "<s-nn?:s>", 3, substring},
    {"substringBefore", "<s-s:s>", 2, substring_before},
    {"substringAfter", "<s-s:s>", 2, substring_after},
    {"lowercase", "<s-:s>", 1, lowercase},
    {"uppercase", "<s-:s>", 1, uppercase},
    {"length", "<s-:n>", 1, length},
    {"trim", "<s-:s>", 1, trim},
    {"pad", "<s-ns?:s>", 3, pad},
    {"join", "<a<s>s?:s>", 2, join},
};

}  // namespace

std::span<const LibraryEntry> string_functions() { return kStringEntries; }

}  // namespace weft::jsonata
