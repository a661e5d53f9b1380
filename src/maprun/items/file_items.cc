#include "maprun/items/file_items.h"

#include <algorithm>

#include <fmt/format.h>

namespace weft::maprun::items {

FileItems::FileItems(std::shared_ptr<Bytes> bytes, Packing packing, const Format& format,
                     const FilePosition& from)
    : bytes_(std::move(bytes)), decoder_(make_decoder(format, from.state)), offset_(from.offset) {
  if (packing == Packing::kNone) {
    read_at_ = from.offset;
  } else {
    unpacker_ = make_unpacker(packing);
    skip_ = from.offset;
  }
}

base::Result<bool> FileItems::next(size_t max_items, std::vector<base::Text>& items) {
  const size_t before = items.size();
  while (!end_) {
    if (waiting_at_ < waiting_.size() || last_) {
      const Piece piece{
          .text = std::string_view(waiting_).substr(waiting_at_), .offset = offset_, .last = last_};
      auto decoded = decoder_->decode(piece, max_items, items);
      if (!decoded) return std::unexpected(decoded.error());
      waiting_at_ += decoded->consumed;
      offset_ += decoded->consumed;
      end_ = decoded->end;
      if (end_ || items.size() > before) break;
    }
    if (auto fetched = fetch(); !fetched) return std::unexpected(fetched.error());
  }
  return !end_;
}

base::Result<void> FileItems::fetch() {
  if (auto skipped = skip_to_start(); !skipped) return skipped;
  waiting_.erase(0, waiting_at_);
  waiting_at_ = 0;
  if (waiting_.size() >= kItemBytesMax) {
    return base::fail(base::ErrorCode::kLimit,
                      fmt::format("the item at byte {} is larger than {} bytes (or a quote before "
                                  "it is not closed)",
                                  offset_, kItemBytesMax));
  }
  // What is longer each time is looked at again less often.
  const size_t wanted = std::max(kPieceBytes, waiting_.size());
  if (unpacker_ != nullptr) return fetch_packed(wanted);
  auto piece = bytes_->read(read_at_, wanted);
  if (!piece) return std::unexpected(piece.error());
  read_at_ += piece->size();
  last_ = piece->size() < wanted;
  waiting_ += *piece;
  return {};
}

base::Result<void> FileItems::fetch_packed(size_t wanted) {
  const size_t enough = waiting_.size() + wanted;
  while (waiting_.size() < enough && !last_) {
    if (packed_at_ == packed_.size() && !source_ended_) {
      auto piece = bytes_->read(read_at_, kPieceBytes);
      if (!piece) return std::unexpected(piece.error());
      read_at_ += piece->size();
      source_ended_ = piece->size() < kPieceBytes;
      packed_ = std::move(*piece);
      packed_at_ = 0;
    }
    std::string_view rest = std::string_view(packed_).substr(packed_at_);
    const size_t before = waiting_.size();
    if (auto taken = unpacker_->take(rest, waiting_, enough - before); !taken) return taken;
    packed_at_ = packed_.size() - rest.size();
    if (!source_ended_ || !rest.empty() || waiting_.size() != before) continue;
    last_ = true;
    if (!unpacker_->whole())
      return base::fail(base::ErrorCode::kSerialization, "the packed file is cut off");
  }
  return {};
}

base::Result<void> FileItems::skip_to_start() {
  while (skip_ > 0 && !last_) {
    if (auto fetched = fetch_packed(kPieceBytes); !fetched) return fetched;
    const size_t passed = std::min<uint64_t>(skip_, waiting_.size());
    skip_ -= passed;
    waiting_.erase(0, passed);
  }
  return {};
}

}  // namespace weft::maprun::items
