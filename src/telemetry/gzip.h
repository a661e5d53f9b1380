#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace weft::telemetry {

// Bounds of an unpacked body.
inline constexpr size_t kUnpackedBytesMax = 64u << 20;
// Above 1 MiB: so many times the packed size at most.
inline constexpr size_t kUnpackRatioMax = 200;

// Unpacks a gzip or zlib text. kSerialization: damaged or cut; kLimit: larger than the bounds.
base::Result<std::string> unpack(std::string_view packed);

}  // namespace weft::telemetry
