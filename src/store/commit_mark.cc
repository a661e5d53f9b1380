#include "store/commit_mark.h"

#include <cstring>

#include <xxhash.h>

#include "store/store.h"

namespace weft::store {

CommitMark next_mark(const CommitMark& before, uint64_t epoch, std::string_view writes) {
  CommitMark mark{.epoch = epoch, .ordinal = before.ordinal + 1};
  // The long part by itself: hashing in one piece is faster than in several.
  XXH128_canonical_t body;
  XXH128_canonicalFromHash(&body, XXH3_128bits(writes.data(), writes.size()));
  std::string link(before.hash.begin(), before.hash.end());
  append_u64(link, mark.epoch);
  append_u64(link, mark.ordinal);
  link.append(reinterpret_cast<const char*>(body.digest), sizeof body.digest);
  XXH128_canonical_t whole;
  XXH128_canonicalFromHash(&whole, XXH3_128bits(link.data(), link.size()));
  static_assert(sizeof whole.digest == sizeof mark.hash);
  std::memcpy(mark.hash.data(), whole.digest, mark.hash.size());
  return mark;
}

std::string encode(const CommitMark& mark) {
  std::string bytes;
  bytes.reserve(kCommitMarkBytes);
  append_u64(bytes, mark.epoch);
  append_u64(bytes, mark.ordinal);
  bytes.append(mark.hash.data(), mark.hash.size());
  return bytes;
}

std::optional<CommitMark> decode_commit_mark(std::string_view bytes) {
  if (bytes.size() != kCommitMarkBytes) return std::nullopt;
  CommitMark mark{.epoch = *read_u64(bytes, 0), .ordinal = *read_u64(bytes, 8)};
  std::memcpy(mark.hash.data(), bytes.data() + 16, mark.hash.size());
  return mark;
}

}  // namespace weft::store
