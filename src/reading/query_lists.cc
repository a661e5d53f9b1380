#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "history/codec.h"
#include "reading/map_run_names.h"
#include "reading/query.h"

// The lists of Query, a page at a time.

namespace weft::reading {
namespace {

using base::ErrorCode;
using base::fail;
using history::ExecutionKey;
using history::ExecutionStatus;
using store::Family;

std::unexpected<base::Error> bad_token() {
  return fail(ErrorCode::kInvalidToken, "Invalid Token: 'Invalid token'");
}

std::optional<uint64_t> parse_number(std::string_view text, int radix) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, radix);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// A child's position in the rows of its Map Run: the place a page of children stops at.
struct RowPosition {
  uint64_t chunk = UINT64_MAX;
  uint64_t count = UINT64_MAX;  // rows of the chunk that are still to come (it is read backward)
};

base::Result<RowPosition> parse_row_position(std::string_view token) {
  if (token.empty()) return RowPosition{};
  const size_t dot = token.find('.');
  if (dot == std::string_view::npos) return bad_token();
  const auto chunk = parse_number(token.substr(0, dot), 16);
  const auto count = parse_number(token.substr(dot + 1), 16);
  if (!chunk || !count) return bad_token();
  return RowPosition{*chunk, *count};
}

}  // namespace

base::Result<Page<records::MachineRecord>> Query::machines(size_t limit,
                                                           std::string_view token) const {
  Page<records::MachineRecord> page;
  auto scanned =
      store::scan_checked(store_, Family::kMachine, token, "", false,
                          [&](std::string_view key, std::string_view value) -> base::Result<bool> {
                            if (page.rows.size() == limit) {
                              page.next_token = key;
                              return false;
                            }
                            auto record = records::decode_machine(value);
                            if (!record) return std::unexpected(record.error());
                            page.rows.push_back(std::move(*record));
                            return true;
                          });
  if (!scanned) return std::unexpected(scanned.error());
  return page;
}

base::Result<Page<ExecutionItem>> Query::executions(std::string_view machine_arn,
                                                    std::optional<ExecutionStatus> status,
                                                    size_t limit, std::string_view token) const {
  std::string machine;
  if (!machine_arn.empty()) {
    auto parts = arn::parse_states_arn(machine_arn);
    if (!parts) return std::unexpected(parts.error());
    machine = std::move(parts->machine);
  }
  // The token is the sequence number of the execution before which (in time) the page starts.
  std::string to = records::execution_key({1, 0});
  if (!token.empty()) {
    const auto before = parse_number(token, 16);
    if (!before) return bad_token();
    to = records::execution_key({0, *before});
  }
  Page<ExecutionItem> page;
  auto scanned =
      store::scan_checked(store_, Family::kExecution, records::execution_key({0, 0}), to, true,
                          [&](std::string_view, std::string_view value) -> base::Result<bool> {
                            auto record = records::decode_execution(value);
                            if (!record) return std::unexpected(record.error());
                            const bool listed = machine.empty() || record->machine_name == machine;
                            if (!listed || (status && record->status != *status)) return true;
                            if (page.rows.size() == limit) {
                              page.next_token = fmt::format("{:x}", page.rows.back().key.index);
                              return false;
                            }
                            page.rows.push_back({.key = record->key,
                                                 .arn = std::move(record->arn),
                                                 .name = std::move(record->name),
                                                 .machine_arn = std::move(record->machine_arn),
                                                 .status = record->status,
                                                 .start_ms = record->start_ms,
                                                 .stop_ms = record->stop_ms});
                            return true;
                          });
  if (!scanned) return std::unexpected(scanned.error());
  return page;
}

base::Result<Page<ExecutionItem>> Query::children(std::string_view map_run_arn,
                                                  std::optional<ExecutionStatus> status,
                                                  size_t limit, std::string_view token) const {
  auto run = map_run(map_run_arn);
  if (!run) return std::unexpected(run.error());
  auto start = parse_row_position(token);
  if (!start) return std::unexpected(start.error());
  const std::string machine = machine_arn_of(*run);
  Page<ExecutionItem> page;
  const std::string to = start->chunk == UINT64_MAX
                             ? records::map_run_key(run->number + 1)
                             : records::row_key(run->number, start->chunk + 1);
  auto visit = [&](std::string_view key, std::string_view value) -> base::Result<bool> {
    auto rows = history::decode_rows(value);
    if (!rows) return std::unexpected(rows.error());
    const auto place = records::parse_row_key(key);
    if (!place) return std::unexpected(place.error());
    const uint64_t chunk = place->chunk;
    size_t count = rows->size();
    if (chunk == start->chunk) count = std::min<size_t>(count, start->count);
    for (; count > 0; --count) {
      const history::ChildRow& row = (*rows)[count - 1];
      if (status && row.status != *status) continue;
      if (page.rows.size() == limit) {
        page.next_token = fmt::format("{:x}.{:x}", chunk, count);
        return false;
      }
      const ExecutionKey child{run->number, row.index};
      std::string arn = child_arn(*run, row.index);
      std::string name(arn::execution_name_of(arn));
      page.rows.push_back({.key = child,
                           .arn = std::move(arn),
                           .name = std::move(name),
                           .machine_arn = machine,
                           .map_run_arn = run->arn,
                           .status = row.status,
                           .start_ms = row.start_ms,
                           .stop_ms = row.start_ms + row.duration_us / 1000,
                           .item_count = row.items});
    }
    return true;
  };
  auto scanned =
      store::scan_checked(store_, Family::kRow, records::map_run_key(run->number), to, true, visit);
  if (!scanned) return std::unexpected(scanned.error());
  return page;
}

}  // namespace weft::reading
