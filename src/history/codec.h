#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "history/event.h"
#include "history/rows.h"

// Stored bytes of turns and rows. Protocol Buffers wire format (schema: history/history.proto),
// written by hand: field numbers are never reused, unknown fields are skipped, so old programs read
// new records.

namespace weft::history {

// Appends the encoded turn to `out`. Payload texts that several events share are stored once.
void encode_turn(const TurnEvents& turn, std::string& out);
base::Result<TurnEvents> decode_turn(std::string_view bytes);

// Fixed-width column rows, kRowBytes each, little-endian; a chunk is rows one after the other.
inline constexpr size_t kRowBytes = 64;
void encode_row(const ChildRow& row, std::string& out);
base::Result<std::vector<ChildRow>> decode_rows(std::string_view bytes);

}  // namespace weft::history
