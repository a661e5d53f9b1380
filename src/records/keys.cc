#include "records/keys.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "store/store.h"

namespace weft::records {
namespace {

using base::ErrorCode;
using base::fail;
using history::ExecutionKey;

// Of the number of a nested execution where a sequence number could stand; those are clocks.
constexpr uint64_t kNestedMark = uint64_t{1} << 63;

std::unexpected<base::Error> damaged_key(std::string_view bytes, std::string_view what) {
  return fail(
      ErrorCode::kStorage,
      fmt::format("The store is damaged: {} bytes ({}{}) stand where {} was expected", bytes.size(),
                  base::to_hex(bytes.substr(0, 32)), bytes.size() > 32 ? "..." : "", what));
}

}  // namespace

std::string execution_key(ExecutionKey key) {
  std::string bytes;
  store::append_u64(bytes, key.run);
  store::append_u64(bytes, key.index);
  return bytes;
}

std::string turn_key(ExecutionKey key, uint32_t turn) {
  std::string bytes = execution_key(key);
  store::append_u32(bytes, turn);
  return bytes;
}

std::string name_key(std::string_view machine_name, std::string_view execution_name) {
  std::string bytes(machine_name);
  bytes.push_back('\0');
  bytes.append(execution_name);
  return bytes;
}

std::string map_run_key(uint64_t number) {
  std::string bytes;
  store::append_u64(bytes, number);
  return bytes;
}

std::string slice_key(uint64_t run, uint32_t slice) {
  std::string bytes = map_run_key(run);
  store::append_u32(bytes, slice);
  return bytes;
}

std::string row_key(uint64_t run, uint64_t chunk) {
  std::string bytes = map_run_key(run);
  store::append_u64(bytes, chunk);
  return bytes;
}

uint64_t set_aside_rows(uint64_t run) {
  constexpr uint64_t kSetAside = uint64_t{1} << 63;  // no Map Run has such a number
  return run | kSetAside;
}

std::string detail_place_key(history::DetailKey key, uint64_t sequence) {
  std::string bytes = first_detail_key(key);
  store::append_u64(bytes, sequence);
  return bytes;
}

base::Result<ExecutionKey> parse_execution_key(std::string_view bytes) {
  const auto run = store::read_u64(bytes, 0);
  const auto index = store::read_u64(bytes, 8);
  if (!index || bytes.size() != 16) return damaged_key(bytes, "the key of an execution");
  return ExecutionKey{*run, *index};
}

base::Result<TurnPlace> parse_turn_key(std::string_view bytes) {
  const auto turn = store::read_u32(bytes, 16);
  if (!turn || bytes.size() != 20) return damaged_key(bytes, "the key of a turn");
  return TurnPlace{{*store::read_u64(bytes, 0), *store::read_u64(bytes, 8)}, *turn};
}

base::Result<uint64_t> parse_map_run_key(std::string_view bytes) {
  const auto number = store::read_u64(bytes, 0);
  if (!number || bytes.size() != 8) return damaged_key(bytes, "the number of a Map Run");
  return *number;
}

base::Result<RowPlace> parse_row_key(std::string_view bytes) {
  const auto chunk = store::read_u64(bytes, 8);
  if (!chunk || bytes.size() != 16) return damaged_key(bytes, "the key of a chunk of rows");
  return RowPlace{*store::read_u64(bytes, 0), *chunk};
}

base::Result<DetailPlace> parse_detail_place(std::string_view bytes) {
  const auto third = store::read_u64(bytes, 16);
  const bool nested = third && (*third & kNestedMark) != 0;
  if (!third || bytes.size() != (nested ? 32 : 24)) {
    return damaged_key(bytes, "the key of an execution's detail or Map Run");
  }
  const ExecutionKey key{*store::read_u64(bytes, 0), *store::read_u64(bytes, 8)};
  if (!nested) return DetailPlace{key, *third};
  return DetailPlace{{key, *third & ~kNestedMark}, *store::read_u64(bytes, 24)};
}

base::Result<ExecutionKey> parse_imported_child_key(std::string_view bytes) {
  if (bytes.empty()) return damaged_key(bytes, "the key of an imported child");
  return parse_execution_key(bytes.substr(1));
}

std::string first_detail_key(history::DetailKey key) {
  std::string bytes = execution_key(key);
  if (key.nested != 0) store::append_u64(bytes, kNestedMark | key.nested);
  return bytes;
}

std::string end_of_detail(history::DetailKey key) {
  std::string bytes = execution_key(key);
  store::append_u64(bytes, kNestedMark | (key.nested == 0 ? 0 : key.nested + 1));
  return bytes;
}

std::string request_key(std::string_view request_id) {
  std::string bytes(1, '\1');
  bytes += request_id;
  return bytes;
}

std::string execution_map_run_key(history::DetailKey key, uint64_t run) {
  return detail_place_key(key, run);
}

std::string imported_arn_key(std::string_view arn) { return std::string(arn); }

std::string imported_nested_key(std::string_view arn) {
  std::string bytes(1, '\2');
  bytes += arn;
  return bytes;
}

std::string imported_child_key(ExecutionKey key) {
  std::string bytes(1, '\0');
  bytes += execution_key(key);
  return bytes;
}

}  // namespace weft::records
