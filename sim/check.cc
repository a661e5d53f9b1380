#include "check.h"

#include <map>
#include <set>

#include <fmt/format.h>

#include "base/hash.h"
#include "detail.h"
#include "history/codec.h"
#include "json/equal.h"
#include "json/parse.h"
#include "maprun/slice.h"
#include "nested.h"
#include "reading/query.h"
#include "reference.h"
#include "results.h"
#include "world.h"

namespace weft::sim {
namespace {

using Violations = std::vector<std::string>;

void check_outcome(const World& world, const Expected& expected, Violations& out) {
  const reading::Query query(world.store(), world.settings().identity);
  const auto view = query.execution(world.execution().arn);
  if (!view) return out.push_back("the execution cannot be read: " + view.error().message);
  if (world.stop_asked() && view->status == history::ExecutionStatus::kAborted) return;
  const bool succeeded = view->status == history::ExecutionStatus::kSucceeded;
  if (succeeded != expected.succeeded) {
    return out.push_back(fmt::format("status is {}, the reference {} ({}: {})",
                                     history::to_string(view->status),
                                     expected.succeeded ? "succeeds" : "fails",
                                     view->error.value_or(""), view->cause.value_or("")));
  }
  if (!succeeded) return;
  json::Arena arena;
  if (!json::equal(*json::parse(view->output.view(), arena),
                   *json::parse(expected.output, arena))) {
    out.push_back(
        fmt::format("output is {}, the reference's {}", view->output.view(), expected.output));
  }
}

void check_history(history::ExecutionKey key, const std::vector<history::Event>& events,
                   Violations& out) {
  uint64_t last = 0;
  base::UnixMs time = 0;
  for (const history::Event& event : events) {
    if (history::is_internal(event.type)) continue;
    if (event.id != last + 1) {
      out.push_back(fmt::format("execution ({}, {}): event {} follows event {}", key.run, key.index,
                                event.id, last));
    }
    if (event.previous_id >= event.id) {
      out.push_back(fmt::format("execution ({}, {}): event {} has previousEventId {}", key.run,
                                key.index, event.id, event.previous_id));
    }
    if (event.time_ms < time)
      out.push_back(fmt::format("event {} is earlier than the one before", event.id));
    last = event.id;
    time = event.time_ms;
  }
  if (events.empty() || !history::is_terminal(events.back().type)) {
    out.push_back(fmt::format("execution ({}, {}) has no end", key.run, key.index));
  }
}

void check_histories(const World& world, Violations& out) {
  std::map<history::ExecutionKey, std::vector<history::Event>> all;
  (void)world.store().scan(store::Family::kTurn, "", "", false,
                           [&](std::string_view key, std::string_view value) {
                             auto turn = history::decode_turn(value);
                             auto& events = all[records::parse_turn_key(key)->key];
                             events.insert(events.end(), turn->events.begin(), turn->events.end());
                             return true;
                           });
  for (const auto& [key, events] : all) check_history(key, events, out);
}

// Each change of a limit goes out from the one before, and the last one is what holds.
void check_updates(const World& world, const records::MapRunRecord& record, Violations& out) {
  using Setting = records::LimitChange::Setting;
  std::map<Setting, double> holds;
  bool chained = true;
  for (const records::LimitChange& change : record.changes) {
    const auto [before, first] = holds.emplace(change.setting, change.to);
    chained &= first || before->second == change.from;
    before->second = change.to;
  }
  for (const auto& [setting, value] : holds) {
    chained &=
        value == (setting == Setting::kConcurrency ? static_cast<double>(record.max_concurrency)
                  : setting == Setting::kToleratedFailureCount
                      ? static_cast<double>(record.tolerated_failure_count)
                      : record.tolerated_failure_percentage);
  }
  if (!chained)
    out.push_back(fmt::format("the updates of Map Run {} do not follow", record.number));
  const auto done = world.updates().find(record.number);
  if (done != world.updates().end() && record.changes.size() < done->second)
    out.push_back(fmt::format("an update of Map Run {} was lost", record.number));
}

void check_map_run(const World& world, const records::MapRunRecord& record, Violations& out) {
  check_updates(world, record, out);
  std::set<uint64_t> indexes;
  std::map<history::ExecutionStatus, uint64_t> counts;
  (void)world.store().scan(
      store::Family::kRow, records::row_key(record.number, 0),
      records::row_key(record.number + 1, 0), false, [&](std::string_view, std::string_view value) {
        for (const history::ChildRow& row : *history::decode_rows(value)) {
          if (!indexes.insert(row.index).second) {
            out.push_back(
                fmt::format("child {} of Map Run {} has two outcomes", row.index, record.number));
          }
          ++counts[row.status];
        }
        return true;
      });
  uint64_t children = 0;
  (void)world.store().scan(store::Family::kSlice, records::slice_key(record.number, 0),
                           records::slice_key(record.number + 1, 0), false,
                           [&](std::string_view, std::string_view value) {
                             children += maprun::decode_slice(value)->children.size();
                             return true;
                           });
  if (record.status == records::MapRunStatus::kRunning) {
    return out.push_back(fmt::format("Map Run {} never ended", record.number));
  }
  const history::MapRunCounts& e = record.executions;
  if (e.total != children ||
      e.total != e.pending + e.running + e.succeeded + e.failed + e.timed_out + e.aborted ||
      e.running != 0 || indexes.size() + e.pending != children ||
      e.succeeded != counts[history::ExecutionStatus::kSucceeded] ||
      e.failed != counts[history::ExecutionStatus::kFailed]) {
    out.push_back(fmt::format(
        "the counts of Map Run {} do not add up: total {}, rows {}, pending {}, stored children {}",
        record.number, e.total, indexes.size(), e.pending, children));
  }
  if (record.status == records::MapRunStatus::kSucceeded && indexes.size() != children) {
    out.push_back(fmt::format("Map Run {} succeeded with {} outcomes for {} children",
                              record.number, indexes.size(), children));
  }
}

void check_map_runs(const World& world, Violations& out) {
  (void)world.store().scan(store::Family::kMapRun, "", "", false,
                           [&](std::string_view, std::string_view value) {
                             check_map_run(world, *records::decode_map_run(value), out);
                             return true;
                           });
}

}  // namespace

std::vector<std::string> check(const World& world, const Expected& expected) {
  Violations out = world.violations();
  if (!out.empty()) return out;
  check_outcome(world, expected, out);
  check_histories(world, out);
  check_map_runs(world, out);
  for (std::string& what : check_detail_choices(world)) out.push_back(std::move(what));
  for (std::string& what : check_result_files(world)) out.push_back(std::move(what));
  for (std::string& what : check_nested_ends(world)) out.push_back(std::move(what));
  for (std::string& what : world.holders().check(world.store())) out.push_back(std::move(what));
  return out;
}

uint64_t digest(const World& world) {
  uint64_t hash = base::kFnv64Basis;
  for (size_t family = 0; family < store::kFamilyCount; ++family) {
    (void)world.store().scan(static_cast<store::Family>(family), "", "", false,
                             [&](std::string_view key, std::string_view value) {
                               hash = base::fnv64(value, base::fnv64(key, hash));
                               return true;
                             });
  }
  return hash;
}

}  // namespace weft::sim
