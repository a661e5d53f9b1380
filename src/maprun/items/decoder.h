#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/text.h"

// From the bytes of a file to the items of a Distributed Map (AWS page "ItemReader (Map)"). Pure.

namespace weft::maprun::items {

// An item's text, a header and what stands between two items may have so many bytes in the file. A
// child takes less (base::kStateDataBytesMax), but its item may be cut down by an ItemSelector.
inline constexpr size_t kItemBytesMax = 16u << 20;
// The names of a CSV file's columns. AWS: 10 KiB.
inline constexpr size_t kCsvHeaderBytesMax = 10u << 10;

// How a file is to be read: ReaderConfig, evaluated.
struct Format {
  enum class Type : uint8_t { kJson, kJsonLines, kCsv, kParquet };
  Type type = Type::kJson;
  std::string pointer;              // kJson: ItemsPointer, an RFC 6901 pointer; "" = the whole text
  char delimiter = ',';             // kCsv
  bool header_in_first_row = true;  // kCsv
  std::vector<std::string> csv_header;  // kCsv without header_in_first_row
};

// A piece of a file, as the decoder gets it.
struct Piece {
  std::string_view text;  // starts where the bytes consumed before end
  uint64_t offset = 0;    // of its first byte in the (unpacked) file
  bool last = false;      // no bytes follow
};

struct Decoded {
  size_t consumed = 0;  // bytes of the piece that need not be given again
  bool end = false;     // there are no more items
};

// Reads one format. It keeps no bytes: what a piece ends in the middle of is left in the caller's
// hands, and with `state()` and the offset another decoder goes on.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Appends up to `max_items` items that stand whole in the piece, as compact JSON. With neither
  // items nor `end` it needs a longer piece. Errors: kInvalidArgument (the message is AWS's, word
  // for word), kInvalidJson or kLimit (it says what is wrong and at which byte).
  virtual base::Result<Decoded> decode(const Piece& piece, size_t max_items,
                                       std::vector<base::Text>& items) = 0;
  // What beside the offset is needed to go on behind the last item. "" before the first.
  virtual std::string state() const = 0;
  // Whether the items are {"Key", "Value"} of an object's members; known with the first item.
  virtual bool keyed() const { return false; }
};

// A decoder for a file's beginning, or with the state() of another for what follows. `format` is
// not kParquet, which is no stream.
std::unique_ptr<Decoder> make_decoder(const Format& format, std::string_view state = {});

// How many bytes the byte order mark at the beginning of a file takes; nothing when the piece is
// too short to tell. kInvalidJson when it begins like what is no UTF-8 text at all: UTF-16, or a
// packed, Parquet or other known file.
base::Result<std::optional<size_t>> byte_order_mark(const Piece& piece);

}  // namespace weft::maprun::items
