#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What tells one commit from all others, so that a store whose end was lost is not taken for one
// that is whole (docs/internals/store-format.md, "Damage is never silent").

namespace weft::store {

// Where, in Family::kMeta, each commit says who it is: the last write of its batch.
inline constexpr std::string_view kCommitKey = "commit";

// Written with every commit. The hash goes over the hash of the commit before and this one's
// writes, so that it names all that was ever committed.
struct CommitMark {
  uint64_t epoch = 0;    // how often the store was opened for writing
  uint64_t ordinal = 0;  // 1 for the first commit; 0 when there is none
  std::array<char, 16> hash{};

  bool operator==(const CommitMark&) const = default;
};

// The mark of the commit that follows `before` with these writes, as the store encodes them.
CommitMark next_mark(const CommitMark& before, uint64_t epoch, std::string_view writes);

inline constexpr size_t kCommitMarkBytes = 32;
std::string encode(const CommitMark& mark);
// Nothing when the length is not that of a mark.
std::optional<CommitMark> decode_commit_mark(std::string_view bytes);

}  // namespace weft::store
