#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jsonata/context.h"
#include "jsonata/integer_picture.h"

namespace weft::jsonata {

// A date picture (XPath and XQuery Functions 3.1, 9.8) cut into literals and markers.
struct DatePicture {
  enum class Names { kNone, kLower, kUpper, kTitle };
  struct Part {
    char component = 0;  // 0: literal
    std::string literal;
    std::string presentation;
    char second = 0;  // the second presentation modifier, or 0
    Names names = Names::kNone;
    std::optional<size_t> width_max;
    std::optional<IntegerPicture> integer;
    int year_digits = -1;
  };
  std::vector<Part> parts;

  // nullopt with the context's failure set (D3132, D3133, D3135).
  static std::optional<DatePicture> parse(Context& context, std::string_view text);
};

inline constexpr std::string_view kMonthNames[] = {"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
inline constexpr std::string_view kDayNames[] = {"",         "Monday", "Tuesday",  "Wednesday",
                                                 "Thursday", "Friday", "Saturday", "Sunday"};

// The number of a date component (Y M D d F W w X x H h m s f, P as 0 or 1) at a moment.
double date_component(double millis, char component);

// $fromMillis: picture and timezone ("+0530") may be undefined. Errors D3131 to D3135.
Value format_date(Context& context, double millis, const Value& picture, const Value& timezone);

// $toMillis without a picture (D3110) and with one (D3136 and those of pictures); undefined when
// the text does not match.
Value parse_iso_date(Context& context, const Value& text);
Value parse_date(Context& context, const Value& text, const Value& picture);

}  // namespace weft::jsonata
