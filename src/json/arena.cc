#include "json/arena.h"

#include <algorithm>

namespace weft::json {

namespace {
constexpr size_t kFirstBlockBytes = 16 * 1024;
constexpr size_t kLargestBlockBytes = 1024 * 1024;
constexpr size_t kScratchKeptBytes = 256 * 1024;
}  // namespace

void* Arena::allocate_slow(size_t bytes) {
  if (begin_ != nullptr) full_blocks_bytes_ += static_cast<size_t>(next_ - begin_);
  const size_t following = blocks_.empty() ? 0 : current_ + 1;
  if (following >= blocks_.size() || blocks_[following].size < bytes) {
    const size_t doubled =
        std::min(kLargestBlockBytes, kFirstBlockBytes << std::min<size_t>(blocks_.size(), 6));
    Block block;
    block.size = std::max(bytes, doubled);
    block.memory = std::make_unique_for_overwrite<char[]>(block.size);
    blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(following), std::move(block));
  }
  enter(following);
  char* memory = next_;
  next_ += bytes;
  return memory;
}

void Arena::enter(size_t block) {
  current_ = block;
  begin_ = blocks_[block].memory.get();
  next_ = begin_;
  end_ = begin_ + blocks_[block].size;
}

bool Arena::extend(const void* memory, size_t old_bytes, size_t new_bytes) {
  old_bytes = (old_bytes + 7) & ~size_t{7};
  new_bytes = (new_bytes + 7) & ~size_t{7};
  const char* old_end = static_cast<const char*>(memory) + old_bytes;
  if (old_end != next_ || new_bytes - old_bytes > static_cast<size_t>(end_ - next_)) return false;
  next_ += new_bytes - old_bytes;
  return true;
}

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  char* memory = static_cast<char*>(allocate(text.size()));
  std::memcpy(memory, text.data(), text.size());
  return {memory, text.size()};
}

bool Arena::fits(size_t bytes) {
  const size_t used = bytes_used();
  if (used <= byte_cap_ && bytes <= byte_cap_ - used) return true;
  over_limit_ = true;
  return false;
}

void Arena::reset() {
  over_limit_ = false;
  full_blocks_bytes_ = 0;
  kept_.clear();
  scratch_.clear();
  if (scratch_.capacity() > kScratchKeptBytes) scratch_.shrink_to_fit();
  if (!blocks_.empty()) enter(0);
}

bool Arena::is_since(const Mark& mark, const void* memory) const {
  const auto* at = static_cast<const char*>(memory);
  for (size_t block = mark.next == nullptr ? 0 : mark.block;
       block <= current_ && block < blocks_.size(); ++block) {
    const char* begin = blocks_[block].memory.get();
    const char* end = block == current_ ? next_ : begin + blocks_[block].size;
    if (block == mark.block && mark.next != nullptr) begin = mark.next;
    if (at >= begin && at < end) return true;
  }
  return false;
}

void Arena::rewind(const Mark& mark) {
  if (mark.next == nullptr) {
    reset();
    return;
  }
  if (mark.block != current_) enter(mark.block);
  next_ = mark.next;
  full_blocks_bytes_ = mark.full_blocks_bytes;
}

}  // namespace weft::json
