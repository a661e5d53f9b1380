#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

// How CloudWatch Logs and Firehose pack what they deliver.

namespace weft::cloudwatch {

bool is_gzip(std::string_view bytes);

inline constexpr uint64_t kUnpackedBytesMax = uint64_t{1} << 30;

// Unpacks gzip, several members one after the other included. kInvalidArgument: damaged or cut
// short; kLimit: more than `bytes_max` unpacked. `unpacked` grows by what was unpacked, whatever
// came of it.
base::Result<std::string> gunzip(std::string_view bytes, uint64_t bytes_max, uint64_t& unpacked);

// Standard Base64, white space allowed. kInvalidArgument: other characters or a wrong length.
base::Result<std::string> decode_base64(std::string_view text);

}  // namespace weft::cloudwatch
