#pragma once

#include <memory>
#include <optional>
#include <string>

#include <sys/types.h>

#include "base/error.h"
#include "server/options.h"
#include "store/store.h"

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

// Opens the store of a data directory for writing; `options.directory` is filled in. Errors are the
// store's; where another process has it, with who that is, if it is known, and what to do.
base::Result<std::unique_ptr<store::Store>> open_to_write(const std::string& data_directory,
                                                          store::OpenOptions options);

// The process that has the store of a data directory open for writing; 0: none. Nothing when it
// cannot be known. Not for a process that has it open itself: it would lose its lock.
std::optional<pid_t> writer_of(const std::string& data_directory);

// Leaves in the data directory where this process answers, for whom open_to_write() refuses.
// Errors: kIo.
base::Result<void> leave_endpoint(const std::string& data_directory, const std::string& url);
void remove_endpoint(const std::string& data_directory);

// kInvalidArgument when a bucket, or the directory of buckets, lies within the data directory or
// the other way round: who may read and write objects would reach the store through them, and its
// files would be objects. A data directory below .weft of one is fine: there are no objects.
base::Result<void> check_apart(const ServeOptions& options);

}  // namespace weft::server
