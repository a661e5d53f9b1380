#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::history {

// A file with results of a Map Run's children, by what came of them: FAILED holds those that timed
// out or were aborted too, PENDING those that never started.
struct ResultFile {
  enum class Kind : uint8_t { kSucceeded, kFailed, kPending } kind = Kind::kSucceeded;
  std::string key;
  uint64_t bytes = 0;
  uint64_t records = 0;
  friend bool operator==(const ResultFile&, const ResultFile&) = default;
};
inline constexpr size_t kResultKinds = 3;
// "SUCCEEDED", "FAILED", "PENDING".
std::string_view to_string(ResultFile::Kind kind);

}  // namespace weft::history
