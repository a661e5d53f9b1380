#pragma once

#include <cstdint>

namespace weft::jsonata {

inline constexpr double kDayMs = 86'400'000;

// A moment of UTC taken apart, proleptic Gregorian calendar, as JavaScript's Date has it.
struct DateParts {
  double year;
  int month;  // 0 to 11
  int day;    // 1 to 31
  int hour;
  int minute;
  int second;
  int millisecond;
  int weekday;  // 0 Sunday
};

DateParts take_apart(double millis);

// Milliseconds of midnight; month and day may lie outside their ranges and carry over. Years 0 to
// 99 are taken as they are.
double millis_of_day(double year, double month, double day);

}  // namespace weft::jsonata
