#include "cli/moment.h"

#include <algorithm>

#include <fmt/format.h>

#include "clock/system_clock.h"

namespace weft::cli {

base::Result<base::UnixMs> parse_moment(const std::string& flag, const std::string& text) {
  if (const auto moment = base::parse_iso(text)) return *moment;
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string unit = text.substr(digits);
  const int64_t unit_ms = unit == "s"   ? 1'000
                          : unit == "m" ? 60'000
                          : unit == "h" ? 3'600'000
                          : unit == "d" ? 86'400'000
                                        : 0;
  if (digits > 0 && digits < 10 && unit_ms > 0) {
    return clock::unix_ms() - std::stoll(text.substr(0, digits)) * unit_ms;
  }
  return base::fail(
      base::ErrorCode::kInvalidArgument,
      fmt::format("{} {}: expected a time such as 2025-01-31T08:00:00Z, or an age such as 15m",
                  flag, text));
}

}  // namespace weft::cli
