#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/data_directory.h"
#include "trace/redact.h"

namespace weft::cli {

// What the answers in one file may have together, before it is as large as a mail may be: details
// of children beyond it are left out, and the file says so.
inline constexpr size_t kSnapshotBytesMax = size_t{8} << 20;

// An execution, child or Map Run as one HTML file that opens without a server and loads nothing:
// the page itself and what the query API answers about it (docs/reference/cli.md, "A file for
// others"). Errors: of the questions, and kUnavailable in a program that was built without its
// page.
base::Result<void> write_snapshot(const DataDirectory& data, const std::string& arn,
                                  const trace::Redactor& payloads, int64_t now_ms,
                                  const std::function<void(std::string_view)>& write);

}  // namespace weft::cli
