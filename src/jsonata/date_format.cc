// Components of dates, and dates printed by pictures.
#include <cmath>

#include "jsonata/calendar.h"
#include "jsonata/date_picture.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

constexpr double kWeekMs = 7 * kDayMs;

// Midnight of the Monday of the first week of a period: the week that holds its first Thursday.
double first_week(double year, double month) {
  const double first = millis_of_day(year, month, 1);
  const int weekday = take_apart(first).weekday;
  const int iso = weekday == 0 ? 7 : weekday;
  return iso > 4 ? first + (8 - iso) * kDayMs : first - (iso - 1) * kDayMs;
}

double weeks_between(double start, double end) { return (end - start) / kWeekMs + 1; }

double week_in_year(const DateParts& date, double today) {
  double week = weeks_between(first_week(date.year, 0), today);
  if (week > 52) {
    if (today >= first_week(date.year + 1, 0)) week = 1;
  } else if (week < 1) {
    week = weeks_between(first_week(date.year - 1, 0), today);
  }
  return std::floor(week);
}

double week_in_month(const DateParts& date, double today) {
  double week = weeks_between(first_week(date.year, date.month), today);
  if (week > 4) {
    if (today >= first_week(date.year, date.month + 1)) week = 1;
  } else if (week < 1) {
    week = weeks_between(first_week(date.year, date.month - 1), today);
  }
  return std::floor(week);
}

double week_year(const DateParts& date, double millis) {
  if (millis < first_week(date.year, 0)) return date.year - 1;
  return millis >= first_week(date.year + 1, 0) ? date.year + 1 : date.year;
}

double month_of_week(const DateParts& date, double millis) {
  if (millis < first_week(date.year, date.month)) return date.month == 0 ? 12 : date.month;
  if (millis >= first_week(date.year, date.month + 1)) return date.month == 11 ? 1 : date.month + 2;
  return date.month + 1;
}

std::string cased(std::string_view name, DatePicture::Names names) {
  std::string out(name);
  for (char& c : out) {
    if (names == DatePicture::Names::kUpper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (names == DatePicture::Names::kLower && c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

struct Offset {
  double hours = 0;
  double minutes = 0;
  double both() const { return hours * 100 + minutes; }
};

// The offset a timezone text stands for. Hours are rounded down, so "-0030" is -1 h -30 min: the
// reference's way.
Offset read_offset(std::string_view timezone) {
  const double number = std::strtod(std::string(timezone).c_str(), nullptr);
  const double whole = std::trunc(number);
  return {std::floor(whole / 100), std::fmod(whole, 100)};
}

std::string format_offset(Context& context, const DatePicture::Part& part, const Offset& offset) {
  const IntegerPicture& integer = *part.integer;
  if (offset.both() == 0 && part.second == 't') return "Z";
  std::string out;
  const size_t digits = integer.mandatory_digits;
  if (integer.regular > 0 || digits == 3 || digits == 4) {
    out = integer.format(context, offset.both());
  } else if (digits == 1 || digits == 2) {
    out = integer.format(context, offset.hours);
    if (offset.minutes != 0) {
      const auto minutes = IntegerPicture::parse(context, "00");
      out += ":" + minutes->format(context, offset.minutes);
    }
  } else {
    context.fail_value("D3134", Value::number(static_cast<double>(digits)));
    return {};
  }
  if (offset.both() >= 0) out.insert(0, "+");
  return part.component == 'z' ? "GMT" + out : out;
}

std::string format_part(Context& context, const DatePicture::Part& part, double millis,
                        const Offset& offset) {
  if (part.component == 0) return part.literal;
  if (part.component == 'Z' || part.component == 'z') return format_offset(context, part, offset);
  if (part.component == 'C' || part.component == 'E') return "ISO";
  if (part.component == 'P') {
    const std::string_view half =
        std::isnan(millis) || date_component(millis, 'P') == 0 ? "am" : "pm";
    return part.names == DatePicture::Names::kUpper ? cased(half, part.names) : std::string(half);
  }
  double number = std::isnan(millis) ? NAN : date_component(millis, part.component);
  if (part.names != DatePicture::Names::kNone) {
    std::string_view name;
    if (part.component == 'M' || part.component == 'x') {
      name = std::isnan(number) ? "" : kMonthNames[static_cast<size_t>(number) - 1];
    } else if (part.component == 'F') {
      name = std::isnan(number) ? "" : kDayNames[static_cast<size_t>(number)];
    } else {
      context.fail_value("D3133", make_string(context, std::string(1, part.component)));
      return {};
    }
    std::string out = cased(name, part.names);
    return part.width_max && out.size() > *part.width_max ? out.substr(0, *part.width_max) : out;
  }
  if (part.component == 'Y' && part.year_digits != -1)
    number = std::fmod(number, std::pow(10, part.year_digits));
  return part.integer ? part.integer->format(context, number) : std::string();
}

}  // namespace

double date_component(double millis, char component) {
  const DateParts date = take_apart(millis);
  const double today = millis_of_day(date.year, date.month, date.day);
  switch (component) {
    case 'Y':
      return date.year;
    case 'M':
      return date.month + 1;
    case 'D':
      return date.day;
    case 'd':
      return (today - millis_of_day(date.year, 0, 1)) / kDayMs + 1;
    case 'F':
      return date.weekday == 0 ? 7 : date.weekday;
    case 'W':
      return week_in_year(date, today);
    case 'w':
      return week_in_month(date, today);
    case 'X':
      return week_year(date, millis);
    case 'x':
      return month_of_week(date, millis);
    case 'H':
      return date.hour;
    case 'h':
      return date.hour % 12 == 0 ? 12 : date.hour % 12;
    case 'P':
      return date.hour >= 12 ? 1 : 0;
    case 'm':
      return date.minute;
    case 's':
      return date.second;
    case 'f':
      return date.millisecond;
    default:
      return 0;
  }
}

Value format_date(Context& context, double millis, const Value& picture, const Value& timezone) {
  constexpr std::string_view kDefault = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]";
  const Offset offset = timezone.is_undefined() ? Offset() : read_offset(timezone.as_string());
  const auto parsed =
      DatePicture::parse(context, picture.is_undefined() ? kDefault : picture.as_string());
  if (!parsed) return {};
  // JavaScript's dates end 100,000,000 days from the epoch and count whole milliseconds.
  double moment = std::trunc(millis + (60 * offset.hours + offset.minutes) * 60'000);
  if (std::fabs(moment) > 8.64e15) moment = NAN;
  std::string out;
  for (const DatePicture::Part& part : parsed->parts) {
    out += format_part(context, part, moment, offset);
    if (context.failed) return {};
  }
  return make_string(context, out);
}

}  // namespace weft::jsonata
