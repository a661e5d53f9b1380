#include "jsonata/calendar.h"

#include <cmath>

namespace weft::jsonata {

double millis_of_day(double year, double month, double day) {
  year += std::floor(month / 12);
  month -= std::floor(month / 12) * 12;
  // Days since 1970-01-01 by years that begin in March.
  const double shifted = month < 2 ? year - 1 : year;
  const double era = std::floor(shifted / 400);
  const double year_of_era = shifted - era * 400;
  const double day_of_year = std::floor((153 * (month + (month < 2 ? 10 : -2)) + 2) / 5);
  const double day_of_era =
      year_of_era * 365 + std::floor(year_of_era / 4) - std::floor(year_of_era / 100) + day_of_year;
  return (era * 146097 + day_of_era - 719468 + day - 1) * kDayMs;
}

DateParts take_apart(double millis) {
  const double days = std::floor(millis / kDayMs);
  const double in_day = millis - days * kDayMs;
  const double shifted = days + 719468;
  const double era = std::floor(shifted / 146097);
  const double day_of_era = shifted - era * 146097;
  const double year_of_era =
      std::floor((day_of_era - std::floor(day_of_era / 1460) + std::floor(day_of_era / 36524) -
                  std::floor(day_of_era / 146096)) /
                 365);
  const double day_of_year = day_of_era - (365 * year_of_era + std::floor(year_of_era / 4) -
                                           std::floor(year_of_era / 100));
  const double march_month = std::floor((5 * day_of_year + 2) / 153);
  DateParts parts{};
  parts.day = static_cast<int>(day_of_year - std::floor((153 * march_month + 2) / 5) + 1);
  parts.month = static_cast<int>(march_month < 10 ? march_month + 2 : march_month - 10);
  parts.year = year_of_era + era * 400 + (parts.month < 2 ? 1 : 0);
  parts.hour = static_cast<int>(in_day / 3'600'000);
  parts.minute = static_cast<int>(std::fmod(in_day / 60'000, 60));
  parts.second = static_cast<int>(std::fmod(in_day / 1000, 60));
  parts.millisecond = static_cast<int>(std::fmod(in_day, 1000));
  parts.weekday = static_cast<int>(std::fmod(std::fmod(days + 4, 7) + 7, 7));
  return parts;
}

}  // namespace weft::jsonata
