#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "maprun/items/decoder.h"
#include "maprun/items/unpack.h"

namespace weft::maprun::items {

// One version of a file, read in ranges. Used on one thread at a time.
class Bytes {
 public:
  virtual ~Bytes() = default;
  // Which version this is: an ETag without quotes.
  virtual const std::string& version() const = 0;
  virtual uint64_t size() const = 0;
  // Up to `size` bytes from `offset` on; fewer only at the end. Blocks. Errors: kNotFound (this
  // version is not there any more), kIo, kUnavailable.
  virtual base::Result<std::string> read(uint64_t offset, size_t size) = 0;
  // A path by which other programs of this process may open the very same file; "" = there is none.
  virtual std::string path() const { return ""; }
};

// Where the items of a file are to be read on.
struct FilePosition {
  uint64_t offset = 0;  // in the unpacked file
  std::string state;    // of the decoder
};

// The items of one file in order, in memory that depends on the size of an item alone.
class Items {
 public:
  virtual ~Items() = default;
  // Appends up to `max_items` items, at least one unless the file ends; false when none is left.
  virtual base::Result<bool> next(size_t max_items, std::vector<base::Text>& items) = 0;
  // Behind the last item given.
  virtual FilePosition position() const = 0;
  virtual bool keyed() const { return false; }
};

// Reads `bytes` through unpacker and decoder, from `from` on. A packed file is unpacked again up to
// there.
class FileItems : public Items {
 public:
  FileItems(std::shared_ptr<Bytes> bytes, Packing packing, const Format& format,
            const FilePosition& from);

  base::Result<bool> next(size_t max_items, std::vector<base::Text>& items) override;
  FilePosition position() const override { return {offset_, decoder_->state()}; }
  bool keyed() const override { return decoder_->keyed(); }

  // How much is read at once.
  static constexpr size_t kPieceBytes = 256u << 10;

 private:
  // Makes what waits longer, or finds the end of the file.
  base::Result<void> fetch();
  base::Result<void> fetch_packed(size_t wanted);
  base::Result<void> skip_to_start();

  std::shared_ptr<Bytes> bytes_;
  std::unique_ptr<Unpacker> unpacker_;
  std::unique_ptr<Decoder> decoder_;
  uint64_t offset_ = 0;   // of the first byte that waits
  uint64_t skip_ = 0;     // unpacked bytes before the start
  uint64_t read_at_ = 0;  // where the file is read on
  std::string packed_;    // read and not unpacked yet, from packed_at_ on
  size_t packed_at_ = 0;
  std::string waiting_;  // read and not decoded yet, from waiting_at_ on
  size_t waiting_at_ = 0;
  bool source_ended_ = false;  // the file has no more bytes
  bool last_ = false;          // and all of them wait
  bool end_ = false;
};

}  // namespace weft::maprun::items
