// $formatNumber $formatInteger $parseInteger
#include <cmath>

#include "jsonata/integer_picture.h"
#include "jsonata/library.h"
#include "jsonata/number_picture.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

Value format_number_by(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  return format_number(context, a[0].as_double(), a[1], a[2]);
}

Value format_integer(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  const auto picture = IntegerPicture::parse(context, a[1].as_string());
  if (!picture) return {};
  const std::string text = picture->format(context, std::floor(a[0].as_double()));
  return context.failed ? Value() : make_string(context, text);
}

Value parse_integer(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  const auto picture = IntegerPicture::parse(context, a[1].as_string());
  if (!picture) return {};
  const double number = picture->read(context, a[0].as_string());
  return context.failed ? Value() : Value::number(number);
}

constexpr LibraryEntry kPictureEntries[] = {
    {"formatNumber", "<n-so?:s>", 3, format_number_by},
    {"formatInteger", "<n-s:s>", 2, format_integer},
    {"parseInteger", "<s-s:n>", 2, parse_integer},
};

}  // namespace

std::span<const LibraryEntry> picture_functions() { return kPictureEntries; }

}  // namespace weft::jsonata
