#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

// How CloudWatch Logs and Firehose pack what they deliver.

namespace weft::cloudwatch {

bool is_gzip(std::string_view bytes);

// Unpacks gzip, several members one after the other included. kInvalidArgument: damaged, cut short,
// or larger than 1 GiB unpacked.
base::Result<std::string> gunzip(std::string_view bytes);

// Standard Base64, white space allowed. kInvalidArgument: other characters or a wrong length.
base::Result<std::string> decode_base64(std::string_view text);

}  // namespace weft::cloudwatch
