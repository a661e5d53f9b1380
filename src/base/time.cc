#include "base/time.h"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/digits.h"

namespace weft::base {
namespace {

struct Civil {
  int64_t year;
  unsigned month;
  unsigned day;
};

// Days since the epoch to a date in the proleptic Gregorian calendar (Howard Hinnant's published
// algorithm).
Civil civil_from_days(int64_t days) {
  days += 719'468;
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const auto doe = static_cast<unsigned>(days - era * 146'097);
  const unsigned yoe = (doe - doe / 1'460 + doe / 36'524 - doe / 146'096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned day = doy - (153 * mp + 2) / 5 + 1;
  const unsigned month = mp < 10 ? mp + 3 : mp - 9;
  return {static_cast<int64_t>(yoe) + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto yoe = static_cast<unsigned>(year - era * 400);
  const unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146'097 + static_cast<int64_t>(doe) - 719'468;
}

struct Split {
  Civil date;
  int64_t days;
  int64_t ms_of_day;
};

Split split(UnixMs time) {
  constexpr int64_t kDayMs = 86'400'000;
  int64_t days = time / kDayMs;
  int64_t rest = time % kDayMs;
  if (rest < 0) {
    rest += kDayMs;
    --days;
  }
  return {civil_from_days(days), days, rest};
}

// Reads exactly `digits` decimal digits at `text`, advancing it.
bool take_number(std::string_view& text, size_t digits, int& out) {
  if (text.size() < digits) return false;
  out = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take_char(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_fraction(std::string_view& text, int& ms) {
  ms = 0;
  if (!take_char(text, '.')) return true;
  int scale = 100;
  size_t digits = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    ms += (text[0] - '0') * scale;
    scale /= 10;
    text.remove_prefix(1);
    ++digits;
  }
  return digits > 0 && digits <= 9;
}

bool take_offset(std::string_view& text, int64_t& offset_ms) {
  offset_ms = 0;
  if (take_char(text, 'Z')) return true;
  const int sign = take_char(text, '+') ? 1 : take_char(text, '-') ? -1 : 0;
  int hours = 0;
  int minutes = 0;
  if (sign == 0 || !take_number(text, 2, hours) || !take_char(text, ':') ||
      !take_number(text, 2, minutes))
    return false;
  if (hours > 18 || minutes > 59) return false;
  offset_ms = sign * (hours * 3'600'000LL + minutes * 60'000LL);
  return true;
}

unsigned days_in_month(int64_t year, unsigned month) {
  constexpr std::array<unsigned, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

}  // namespace

std::string format_iso_ms(UnixMs time) {
  const Split s = split(time);
  const auto ms_of_day = static_cast<uint64_t>(s.ms_of_day);
  std::string out = "0000-00-00T00:00:00.000Z";
  put_digits(&out[0], static_cast<uint64_t>(s.date.year), 4);
  put_digits(&out[5], s.date.month, 2);
  put_digits(&out[8], s.date.day, 2);
  put_digits(&out[11], ms_of_day / 3'600'000, 2);
  put_digits(&out[14], ms_of_day / 60'000 % 60, 2);
  put_digits(&out[17], ms_of_day / 1'000 % 60, 2);
  put_digits(&out[20], ms_of_day % 1'000, 3);
  if (s.date.year < 0 || s.date.year > 9999) out.replace(0, 4, std::to_string(s.date.year));
  return out;
}

std::optional<UnixMs> parse_iso(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0;
  int64_t offset_ms = 0;
  if (!take_number(text, 4, year) || !take_char(text, '-') || !take_number(text, 2, month) ||
      !take_char(text, '-') || !take_number(text, 2, day) || !take_char(text, 'T') ||
      !take_number(text, 2, hour) || !take_char(text, ':') || !take_number(text, 2, minute)) {
    return std::nullopt;
  }
  if (take_char(text, ':') && (!take_number(text, 2, second) || !take_fraction(text, ms)))
    return std::nullopt;
  if (!take_offset(text, offset_ms) || !text.empty()) return std::nullopt;
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  if (day < 1 || static_cast<unsigned>(day) > days_in_month(year, static_cast<unsigned>(month)))
    return std::nullopt;
  const int64_t days =
      days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  return days * 86'400'000 + hour * 3'600'000LL + minute * 60'000LL + second * 1'000LL + ms -
         offset_ms;
}

std::string format_http_date(UnixMs time) {
  constexpr std::array kWeekdays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Split s = split(time);
  const auto weekday = static_cast<size_t>(((s.days % 7) + 7) % 7);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kWeekdays[weekday], s.date.day,
                     kMonths[s.date.month - 1], s.date.year, s.ms_of_day / 3'600'000,
                     s.ms_of_day / 60'000 % 60, s.ms_of_day / 1'000 % 60);
}

std::string format_duration_us(int64_t us) {
  if (us < 0) return "-" + format_duration_us(-us);
  if (us < 1'000) return fmt::format("{} us", us);
  if (us < 100'000) return fmt::format("{:.1f} ms", static_cast<double>(us) / 1e3);
  if (us < 1'000'000) return fmt::format("{} ms", us / 1'000);
  if (us < 60'000'000) return fmt::format("{:.2f} s", static_cast<double>(us) / 1e6);
  const int64_t seconds = us / 1'000'000;
  if (seconds < 3'600) return fmt::format("{} m {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} m", seconds / 3'600, seconds / 60 % 60);
}

}  // namespace weft::base
