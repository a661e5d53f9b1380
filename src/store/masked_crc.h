#pragma once

#include <cstdint>
#include <string_view>

namespace weft::store {

// CRC-32C, turned as RocksDB does where it stores one.
uint32_t masked_crc(std::string_view bytes);

}  // namespace weft::store
