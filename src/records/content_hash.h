#pragma once

#include <string>
#include <string_view>

namespace weft::records {

// sha256 of `text` in hex: of a definition its key in Family::kDefinition, of an execution's input
// what StartExecution's idempotency compares.
std::string content_hash(std::string_view text);

}  // namespace weft::records
