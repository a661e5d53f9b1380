#pragma once

#include <string>

#include "base/error.h"
#include "server/options.h"

// Where Weft keeps executions, and what may not lie there.

namespace weft::server {

// Makes the data directory and what is Weft's alone in it, with mode 0700: payloads are nobody
// else's. A directory that was there, and may be used for more, keeps its mode; what is Weft's in
// it does not. Errors: kIo.
base::Result<void> make_data_directory(const std::string& data_directory);

// The token that lies in the data directory (`token`, 64 hexadecimal digits, mode 0600): who reads
// it may read the store itself. Made when there is none. Errors: kIo.
base::Result<std::string> data_directory_token(const std::string& data_directory);
// The same without making one; "" where there is none, or it cannot be read, or is something else.
std::string read_data_directory_token(const std::string& data_directory);

// kInvalidArgument when a bucket, or the directory of buckets, lies within the data directory or
// the other way round: who may read and write objects would reach the store through them, and its
// files would be objects. A data directory below .weft of one is fine: there are no objects.
base::Result<void> check_apart(const ServeOptions& options);

}  // namespace weft::server
