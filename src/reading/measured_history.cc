#include "reading/measured_history.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "arn/arn.h"
#include "reading/cores.h"

namespace weft::reading {
namespace {

constexpr size_t kPageRows = 1'000;

bool overlaps(const MeasuredRange& range, base::UnixMs start_ms, base::UnixMs stop_ms) {
  return start_ms < range.to_ms && (stop_ms == 0 || stop_ms >= range.from_ms);
}

base::Error no_machine(const std::string& name) {
  return {base::ErrorCode::kStateMachineDoesNotExist,
          fmt::format("There is no state machine '{}' here, and no execution of one", name)};
}

// The records of the top-level executions in the range, by index. A machine that nothing is known
// of is an error.
base::Result<std::unordered_map<uint64_t, records::ExecutionRecord>> executions_of(
    const Query& query, const MeasuredRange& range) {
  std::unordered_map<uint64_t, records::ExecutionRecord> records;
  std::string token;
  bool known = range.machine.empty() ||
               query.machine(arn::machine_arn(query.identity(), range.machine)).has_value();
  do {
    auto page = query.executions("", std::nullopt, kPageRows, token);
    if (!page) return std::unexpected(page.error());
    for (const ExecutionItem& item : page->rows) {
      known = known || arn::arn_parts(item.machine_arn).machine == range.machine;
      if (!overlaps(range, item.start_ms, item.stop_ms)) continue;
      auto record = query.execution_record(item.key);
      if (!record) return std::unexpected(record.error());
      if (!range.machine.empty() && record->machine_name != range.machine) continue;
      records.emplace(item.key.index, std::move(*record));
    }
    token = page->next_token;
  } while (!token.empty());
  if (!known) return std::unexpected(no_machine(range.machine));
  return records;
}

// What some children of a Map Run came to.
struct Part {
  uint64_t from = 0;  // by index
  uint64_t to = 0;
  metrics::Registry registry;
  std::vector<history::ExecutionKey> fanned_out;  // that have Map Runs themselves
  base::Result<void> done;
};

void measure_children(const Query& query, const records::MapRunRecord& run,
                      const std::string& machine_arn, const MeasuredRange& range, Part& part) {
  const columns::ExecutionMetrics::Kind kind{.machine_name = run.machine_name,
                                             .machine_arn = machine_arn,
                                             .map_label = run.label,
                                             .child = true};
  columns::ExecutionMetrics metrics(range.from_ms, range.to_ms);
  columns::ExecutionMetrics::Measured measured;
  uint64_t index = UINT64_MAX;
  part.done =
      query.turns(run.number, part.from, part.to,
                  [&](history::ExecutionKey key, const history::TurnEvents& turn) {
                    if (key.index != index) measured = metrics.begin(kind);
                    index = key.index;
                    metrics.record(measured, turn.events);
                    const bool known = !part.fanned_out.empty() && part.fanned_out.back() == key;
                    if (!known && std::ranges::find(turn.events, history::EventType::kMapRunStarted,
                                                    &history::Event::type) != turn.events.end()) {
                      part.fanned_out.push_back(key);
                    }
                    return true;
                  });
  part.registry = metrics.registry();
}

// The children cut into as many parts as there are cores, where there are many.
std::vector<Part> parts_of(const records::MapRunRecord& run, const Cores& cores) {
  constexpr uint64_t kMany = 10'000;
  const uint64_t children = run.executions.total;  // as of its end
  const uint64_t count = children < kMany ? 1 : cores.width();
  std::vector<Part> parts(count);
  for (uint64_t i = 0; i < count; ++i) {
    parts[i].from = children / count * i;
    parts[i].to = i + 1 == count ? UINT64_MAX : children / count * (i + 1);
  }
  return parts;
}

// All that happened in a Map Run is in the range, and nothing more will.
bool holds_all(const MeasuredRange& range, const records::MapRunRecord& run) {
  return run.status != records::MapRunStatus::kRunning && !run.imported &&
         run.start_ms >= range.from_ms && run.stop_ms < range.to_ms;
}

// What the children of a Map Run came to, in the range.
base::Result<std::shared_ptr<const MeasuredRuns::Run>> measured_run(
    const Query& query, const MeasuredRange& range, const records::MapRunRecord& run,
    const std::string& machine_arn, MeasuredRuns* kept) {
  const bool keeps = kept != nullptr && holds_all(range, run);
  if (keeps) {
    if (auto known = kept->find(run)) return known;
  }
  auto measured = std::make_shared<MeasuredRuns::Run>();
  measured->number = run.number;
  measured->revision = run.revision;
  Cores cores;
  std::vector<Part> parts = parts_of(run, cores);
  cores.run(parts.size(),
            [&](size_t i) { measure_children(query, run, machine_arn, range, parts[i]); });
  for (Part& part : parts) {
    if (!part.done) return std::unexpected(part.done.error());
    measured->registry.merge(part.registry);
    std::ranges::copy(part.fanned_out, std::back_inserter(measured->fanned_out));
  }
  if (keeps) kept->keep(measured);
  return measured;
}

// The children of the Map Runs of an execution, their children, and so on.
base::Result<void> measure_map_runs(const Query& query, const MeasuredRange& range,
                                    const records::ExecutionRecord& parent,
                                    metrics::Registry& registry, MeasuredRuns* kept) {
  std::vector<history::ExecutionKey> open = {parent.key};
  while (!open.empty()) {
    auto runs = query.map_runs(open.back());
    if (!runs) return std::unexpected(runs.error());
    open.pop_back();
    for (const records::MapRunRecord& run : *runs) {
      if (!overlaps(range, run.start_ms, run.stop_ms)) continue;
      const auto measured = measured_run(query, range, run, parent.machine_arn, kept);
      if (!measured) return std::unexpected(measured.error());
      registry.merge((*measured)->registry);
      std::ranges::copy((*measured)->fanned_out, std::back_inserter(open));
    }
  }
  return {};
}

}  // namespace

std::shared_ptr<const MeasuredRuns::Run> MeasuredRuns::find(const records::MapRunRecord& run) {
  const sync::MutexLock lock(mutex_);
  const auto known = std::ranges::find_if(runs_, [&](const auto& one) {
    return one->number == run.number && one->revision == run.revision;
  });
  if (known == runs_.end()) return nullptr;
  runs_.splice(runs_.begin(), runs_, known);
  return runs_.front();
}

void MeasuredRuns::keep(std::shared_ptr<const Run> run) {
  const sync::MutexLock lock(mutex_);
  std::erase_if(runs_, [&](const auto& one) { return one->number == run->number; });
  runs_.push_front(std::move(run));
  if (runs_.size() > kRunsMax) runs_.pop_back();
}

base::Result<metrics::Registry> measure_history(const Query& query, const MeasuredRange& range,
                                                MeasuredRuns* kept) {
  auto records = executions_of(query, range);
  if (!records) return std::unexpected(records.error());
  columns::ExecutionMetrics metrics(range.from_ms, range.to_ms);
  metrics::Registry children;
  for (const auto& [index, record] : *records) {
    auto events = query.events(record.key);
    if (!events) return std::unexpected(events.error());
    columns::ExecutionMetrics::Measured measured =
        metrics.begin({.machine_name = record.machine_name, .machine_arn = record.machine_arn});
    metrics.record(measured, *events);
    if (auto read = measure_map_runs(query, range, record, children, kept); !read)
      return std::unexpected(read.error());
  }
  metrics::Registry all = metrics.registry();
  all.merge(children);
  return all;
}

}  // namespace weft::reading
