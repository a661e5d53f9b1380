#include "running/stored_children.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "history/codec.h"
#include "running/replayed.h"

namespace weft::running {
namespace {

using history::ChildRow;
using history::ExecutionKey;
using store::Family;

class Children {
 public:
  Children(const store::Store& store, const RestoredRun& run)
      : store_(store), record_(run.info->record), run_(run) {}

  base::Result<void> check() {
    auto turns = count_turns(store_, record_.number);
    if (!turns) return std::unexpected(turns.error());
    turns_ = std::move(*turns);
    auto checked = check_total();
    if (checked) checked = take_rows(record_.number, false);
    if (checked) checked = take_rows(records::set_aside_rows(record_.number), true);
    if (checked) checked = check_those_without_a_row();
    return checked;
  }

 private:
  uint64_t total() const { return run_.machine->executions().total; }
  // Its counts are final.
  bool counted() const {
    return record_.closing || record_.status != records::MapRunStatus::kRunning;
  }
  uint32_t turns_of(uint64_t index) const { return index < turns_.size() ? turns_[index] : 0; }

  base::Result<void> check_total() const {
    if (turns_.size() > total()) {
      return damaged(
          fmt::format("child ({}, {}) has a history, and the slices of its Map Run hold "
                      "the inputs of {} children",
                      record_.number, turns_.size() - 1, total()));
    }
    if (!counted() || record_.executions.total == total()) return {};
    return damaged(fmt::format("Map Run {} has {} children, and slices with the inputs of {}",
                               record_.number, record_.executions.total, total()));
  }

  base::Result<void> take_rows(uint64_t rows, bool aside) {
    return store::scan_checked(store_, Family::kRow, records::row_key(rows, 0),
                               records::row_key(rows + 1, 0), false,
                               [&](std::string_view, std::string_view value) -> base::Result<bool> {
                                 const auto read = records::decode_own_rows(value);
                                 if (!read) return std::unexpected(read.error());
                                 for (const ChildRow& row : *read) {
                                   if (auto taken = take(row, aside); !taken)
                                     return std::unexpected(taken.error());
                                 }
                                 return true;
                               });
  }

  // One that is to run again may have done so already.
  base::Result<void> take(const ChildRow& row, bool aside) {
    if (row.index >= total()) {
      return damaged(
          fmt::format("child ({}, {}) has a row, and the slices of its Map Run hold the "
                      "inputs of {} children",
                      record_.number, row.index, total()));
    }
    std::vector<bool>& seen = aside ? aside_ : ended_;
    if (seen.size() <= row.index) seen.resize(row.index + 1);
    if (seen[row.index])
      return damaged(fmt::format("child ({}, {}) has two rows", record_.number, row.index));
    seen[row.index] = true;
    const uint32_t turns = turns_of(row.index);
    if (aside ? turns >= row.turns : turns == row.turns) return {};
    return damaged(
        fmt::format("child ({}, {}) has {} turn{} in its history, and its row tells of {}",
                    record_.number, row.index, turns, turns == 1 ? "" : "s", row.turns));
  }

  base::Result<void> check_those_without_a_row() const {
    const uint64_t rows = static_cast<uint64_t>(std::ranges::count(ended_, true));
    if (counted() && record_.executions.finished() != rows) {
      return damaged(fmt::format("Map Run {} has {} children that ended, and rows of {}",
                                 record_.number, record_.executions.finished(), rows));
    }
    for (uint64_t index = 0; index < turns_.size(); ++index) {
      if (turns_[index] == 0 || is_set(ended_, index) || is_set(aside_, index)) continue;
      if (!counted() && !record_.closing) {
        auto ended = has_ended(index);
        if (!ended) return std::unexpected(ended.error());
        if (!*ended) continue;
      }
      return damaged(
          fmt::format("child ({}, {}) has ended, and has no row", record_.number, index));
    }
    return {};
  }
  static bool is_set(const std::vector<bool>& bits, uint64_t index) {
    return index < bits.size() && bits[index];
  }
  // An Express child is stored with its row.
  base::Result<bool> has_ended(uint64_t index) const {
    if (record_.express) return false;
    auto bytes =
        store_.get(Family::kTurn, records::turn_key({record_.number, index}, turns_of(index) - 1));
    if (!bytes) return std::unexpected(bytes.error());
    const auto turn = history::decode_turn(bytes->value_or(""));
    if (!turn) return std::unexpected(turn.error());
    return !turn->events.empty() && history::is_terminal(turn->events.back().type);
  }

  const store::Store& store_;
  const records::MapRunRecord& record_;
  const RestoredRun& run_;
  std::vector<uint32_t> turns_;  // by index
  std::vector<bool> ended_;      // has a row
  std::vector<bool> aside_;      // has one that is set aside
};

}  // namespace

base::Result<std::vector<uint32_t>> count_turns(const store::Store& store, uint64_t run) {
  std::vector<uint32_t> turns;
  auto scanned = store::scan_checked(
      store, Family::kTurn, records::turn_key({run, 0}, 0), records::turn_key({run + 1, 0}, 0),
      false, [&](std::string_view key, std::string_view) -> base::Result<bool> {
        const auto place = records::parse_turn_key(key);
        if (!place) return std::unexpected(place.error());
        const uint64_t index = place->key.index;
        if (index >= base::kMapRunItemsMax) return damaged("a turn is of a child no Map Run has");
        if (turns.size() <= index) turns.resize(index + 1);
        if (turns[index]++ == place->turn) return true;
        return damaged(fmt::format("the history of child ({}, {}) lacks turn {}", run, index,
                                   turns[index] - 1));
      });
  if (!scanned) return std::unexpected(scanned.error());
  return turns;
}

base::Result<void> check_children(const store::Store& store, const RestoredRun& run) {
  return Children(store, run).check();
}

}  // namespace weft::running
