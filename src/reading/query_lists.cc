#include <algorithm>
#include <charconv>
#include <functional>
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
                                                 .stop_ms = record->stop_ms,
                                                 .redrive_count = record->redrive_count,
                                                 .redrive_ms = record->redrive_ms});
                            return true;
                          });
  if (!scanned) return std::unexpected(scanned.error());
  return page;
}

ExecutionItem Query::child_item(const records::MapRunRecord& run,
                                const history::ChildRow& row) const {
  std::string arn = child_arn(run, row.index);
  std::string name(arn::execution_name_of(arn));
  return {.key = {run.number, row.index},
          .arn = std::move(arn),
          .name = std::move(name),
          .machine_arn = machine_arn_of(run),
          .map_run_arn = run.arn,
          .status = row.status,
          .start_ms = row.start_ms,
          .stop_ms = row.start_ms + row.duration_us / 1000,
          .item_count = row.items,
          .redrive_count = row.redrives,
          .redrive_ms = row.redrives > 0 ? row.start_ms : 0};
}

base::Result<void> Query::add_first_start(const records::MapRunRecord& run,
                                          ExecutionItem& item) const {
  if (item.redrive_count == 0 || run.express) return {};
  auto bytes = store_.get(Family::kTurn, records::turn_key(item.key, 0));
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return {};
  const auto turn = history::decode_turn(**bytes);
  if (!turn) return std::unexpected(turn.error());
  if (!turn->events.empty()) item.start_ms = turn->events.front().time_ms;
  return {};
}

base::Result<Page<ExecutionItem>> Query::children_to_redrive(const records::MapRunRecord& run,
                                                             size_t limit, uint64_t before) const {
  std::vector<bool> ended;
  auto read = rows(run.number, [&](const history::ChildRow& row) {
    if (ended.size() <= row.index) ended.resize(row.index + 1);
    ended[row.index] = true;
    return true;
  });
  if (!read) return std::unexpected(read.error());
  std::vector<history::ChildRow> waiting;
  read = rows(records::set_aside_rows(run.number), [&](const history::ChildRow& row) {
    const bool done = row.index < ended.size() && ended[row.index];
    if (!done && row.index < before) waiting.push_back(row);
    return true;
  });
  if (!read) return std::unexpected(read.error());
  std::ranges::sort(waiting, std::greater(), &history::ChildRow::index);
  Page<ExecutionItem> page;
  for (history::ChildRow& row : waiting) {
    if (page.rows.size() == limit) {
      page.next_token = std::to_string(page.rows.back().key.index);
      break;
    }
    ExecutionItem item = child_item(run, row);
    if (auto added = add_first_start(run, item); !added) return std::unexpected(added.error());
    item.status = ExecutionStatus::kPendingRedrive;
    page.rows.push_back(std::move(item));
  }
  return page;
}

base::Result<Page<ExecutionItem>> Query::children(std::string_view map_run_arn,
                                                  std::optional<ExecutionStatus> status,
                                                  size_t limit, std::string_view token) const {
  auto run = map_run(map_run_arn);
  if (!run) return std::unexpected(run.error());
  auto start = parse_row_position(token);
  if (!start) return std::unexpected(start.error());
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
      page.rows.push_back(child_item(*run, row));
      if (auto added = add_first_start(*run, page.rows.back()); !added)
        return std::unexpected(added.error());
    }
    return true;
  };
  auto scanned =
      store::scan_checked(store_, Family::kRow, records::map_run_key(run->number), to, true, visit);
  if (!scanned) return std::unexpected(scanned.error());
  return page;
}

}  // namespace weft::reading
