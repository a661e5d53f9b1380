#include "history/rows.h"

#include <algorithm>
#include <concepts>
#include <cstring>

#include <fmt/core.h>

#include "history/codec.h"

namespace weft::history {
namespace {

constexpr std::string_view kStatusNames[] = {"RUNNING",   "SUCCEEDED", "FAILED",
                                             "TIMED_OUT", "ABORTED",   "PENDING_REDRIVE"};

// The upper bits of the index hold those of the path.
constexpr int kIndexBits = 48;
// The upper bits of the status are those of the redrives.
constexpr int kStatusBits = 3;
constexpr uint8_t kStatusMask = (1 << kStatusBits) - 1;
constexpr uint64_t kIndexMask = (uint64_t{1} << kIndexBits) - 1;

void put(char*& at, std::integral auto value) {
  for (size_t i = 0; i < sizeof value; ++i) {
    *at++ = static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
  }
}

template <std::integral T>
void take(const char*& at, T& value) {
  uint64_t bits = 0;
  for (size_t i = 0; i < sizeof value; ++i) {
    bits |= uint64_t{static_cast<uint8_t>(*at++)} << (8 * i);
  }
  value = static_cast<T>(bits);
}

}  // namespace

std::string_view to_string(ExecutionStatus status) {
  return kStatusNames[static_cast<size_t>(status)];
}

bool parse_status(std::string_view text, ExecutionStatus& status) {
  for (size_t i = 0; i < std::size(kStatusNames); ++i) {
    if (kStatusNames[i] != text) continue;
    status = static_cast<ExecutionStatus>(i);
    return true;
  }
  return false;
}

bool is_failure(ExecutionStatus status) {
  return status == ExecutionStatus::kFailed || status == ExecutionStatus::kTimedOut;
}

// The layout is docs/internals/history-format.md, "Rows".
void encode_row(const ChildRow& row, std::string& out) {
  char bytes[kRowBytes];
  char* at = bytes;
  put(at, (row.index & kIndexMask) | uint64_t{row.path >> 8} << kIndexBits);
  put(at, row.start_ms);
  put(at, row.duration_us);
  put(at, row.lane);
  const auto redrives = std::min(row.redrives, kRowRedrivesMax);
  put(at, static_cast<uint8_t>(static_cast<uint8_t>(row.status) | redrives << kStatusBits));
  put(at, static_cast<uint8_t>(row.path));
  put(at, row.retries);
  put(at, row.error_group);
  put(at, row.cold_start_us);
  put(at, row.queue_us);
  put(at, row.run_us);
  put(at, row.items);
  put(at, row.input_bytes);
  put(at, row.output_bytes);
  put(at, row.turns);
  static_assert(8 + 8 + 8 + 4 + 1 + 1 + 2 + 8 * 4 == kRowBytes);
  out.append(bytes, kRowBytes);
}

base::Result<std::vector<ChildRow>> decode_rows(std::string_view bytes) {
  if (bytes.size() % kRowBytes != 0) {
    return base::fail(base::ErrorCode::kStorage,
                      fmt::format("stored rows are damaged: {} bytes are no multiple of {}",
                                  bytes.size(), kRowBytes));
  }
  std::vector<ChildRow> rows(bytes.size() / kRowBytes);
  const char* at = bytes.data();
  for (ChildRow& row : rows) {
    uint8_t status = 0;
    uint8_t path = 0;
    uint64_t index = 0;
    take(at, index);
    row.index = index & kIndexMask;
    take(at, row.start_ms);
    take(at, row.duration_us);
    take(at, row.lane);
    take(at, status);
    take(at, path);
    row.path = static_cast<uint32_t>(index >> kIndexBits) << 8 | path;
    take(at, row.retries);
    take(at, row.error_group);
    take(at, row.cold_start_us);
    take(at, row.queue_us);
    take(at, row.run_us);
    take(at, row.items);
    take(at, row.input_bytes);
    take(at, row.output_bytes);
    take(at, row.turns);
    row.redrives = static_cast<uint8_t>(status >> kStatusBits);
    status &= kStatusMask;
    if (status >= std::size(kStatusNames)) {
      return base::fail(
          base::ErrorCode::kStorage,
          fmt::format("stored rows are damaged: child {} has status {}", row.index, status));
    }
    row.status = static_cast<ExecutionStatus>(status);
  }
  return rows;
}

}  // namespace weft::history
