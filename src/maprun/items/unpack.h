#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weft::maprun::items {

enum class Packing : uint8_t { kNone, kGzip, kZstd };

// By the end of an object's key, as AWS tells it: ".gz", ".zst", ".zstd".
Packing packing_of(std::string_view key);

// Unpacks a stream piece by piece, with memory that does not depend on its size. Several packed
// texts one after another are one text.
class Unpacker {
 public:
  virtual ~Unpacker() = default;
  // Takes bytes from the front of `packed` and appends up to `max` to `out`; stops when one of them
  // is used up. kSerialization: the bytes are damaged.
  virtual base::Result<void> take(std::string_view& packed, std::string& out, size_t max) = 0;
  // Whether what was taken so far may be all: it ends with the end of a packed text.
  virtual bool whole() const = 0;
};

// Not for kNone.
std::unique_ptr<Unpacker> make_unpacker(Packing packing);

}  // namespace weft::maprun::items
