#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "columns/columns.h"

// Columns as bytes (docs/internals/column-files.md), for who keeps them in a file. The same bytes
// serve as the columns' memory again: nothing is unpacked.

namespace weft::columns {

// Calls `take` with the bytes, piece after piece.
void write_bytes(const Columns& columns, const std::function<void(std::string_view)>& take);

// The columns whose bytes those are, which they share; nothing when the bytes are no columns.
// Whoever reads them from a disk checks first that they are those that were written.
std::optional<Columns> from_bytes(const std::shared_ptr<std::byte[]>& bytes, size_t size);

}  // namespace weft::columns
