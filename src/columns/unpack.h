#pragma once

#include <cstddef>
#include <cstdint>

// How packed values (columns/packed.h) are read many at a time.

namespace weft::columns {

// Values are packed in 0 to kPackedBitsMost bits, which eight bytes hold wherever in a byte they
// begin, or in 64.
inline constexpr unsigned kPackedBitsMost = 57;
// Bytes that may be read behind the last value: all is read in words.
inline constexpr size_t kPackedSpare = sizeof(uint64_t);

// Writes `count` of the values of `bits` bits each that are packed in `data`, from number `first`
// on, plus `base`, to `out`. Values that need more bits than `out` has are cut.
// `Out`: an unsigned integer of 8, 16, 32 or 64 bits.
template <typename Out>
void unpack(const std::byte* data, unsigned bits, size_t first, size_t count, uint64_t base,
            Out* out);

}  // namespace weft::columns
