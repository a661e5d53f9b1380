#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::base {

// Milliseconds since the Unix epoch, UTC. Pure code never reads a clock: times arrive as values.
using UnixMs = int64_t;

// `2024-12-04T19:38:04.118Z`, the form AWS puts in the context object and in result files.
std::string format_iso_ms(UnixMs time);

// Parses an ISO-8601 extended offset date-time (`2024-01-01T00:00:00Z`, `...+02:00`, fractions of any length; upper-case T and Z).
// Returns nothing when the text is not of that form or names an impossible date. Sub-millisecond digits are cut.
std::optional<UnixMs> parse_iso(std::string_view text);

// `Tue, 15 Nov 1994 08:12:31 GMT` (RFC 9110).
std::string format_http_date(UnixMs time);

// A duration for people: `850 us`, `12.3 ms`, `4.56 s`, `3 m 07 s`, `2 h 05 m`.
std::string format_duration_us(int64_t duration_us);

}  // namespace weft::base
