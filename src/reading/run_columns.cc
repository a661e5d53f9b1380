#include "reading/run_columns.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "sync/mutex.h"

namespace weft::reading {
namespace {

using columns::Columns;

// Whether something that is wanted is not there, or is of fewer rows.
bool lacks(const Columns& columns, const WantedColumns& wanted) {
  if (wanted.keys && columns.folder.number.size() != columns.size()) return true;
  return std::ranges::any_of(wanted.properties, [&](const std::string& name) {
    const auto known = columns.properties.find(name);
    return known == columns.properties.end() || known->second.number.size() != columns.size();
  });
}

}  // namespace

Columns& RunColumns::Entry::fresh() {
  if (columns.use_count() > 1) columns = std::make_shared<Columns>(*columns);
  return *columns;
}

std::shared_ptr<RunColumns::Entry> RunColumns::entry(uint64_t run) {
  const sync::MutexLock lock(mutex_);
  const auto found =
      std::ranges::find_if(entries_, [&](const auto& one) { return one->run == run; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
  } else {
    entries_.push_front(std::make_shared<Entry>());
    entries_.front()->run = run;
  }
  return entries_.front();
}

void RunColumns::drop_oldest() {
  const sync::MutexLock lock(mutex_);
  size_t bytes = 0;
  auto one = entries_.begin();
  while (one != entries_.end()) {
    Entry& each = **one;
    if (each.mutex.try_lock()) {  // else somebody reads just now
      bytes += each.columns->bytes();
      each.mutex.unlock();
    }
    one = bytes > bytes_max_ && one != entries_.begin() ? entries_.erase(one) : std::next(one);
  }
}

void RunColumns::forget_old(const records::MapRunRecord& run, Entry& kept) {
  if (kept.revision == run.revision) return;  // rows of an imported run may change
  kept.columns = std::make_shared<Columns>();
  kept.next_chunk = 0;
  kept.shape.reset();
  kept.revision = run.revision;
}

base::Result<void> RunColumns::learn(const Query& query, const records::MapRunRecord& run,
                                     Entry& kept) {
  const bool grows = run.status == records::MapRunStatus::kRunning;
  if (kept.shape && (!grows || kept.shape->sampled >= kInputsSampled)) return {};
  auto shape = learn_shape(query, run.number);
  if (!shape) return std::unexpected(shape.error());
  kept.shape = std::move(*shape);
  return {};
}

base::Result<InputShape> RunColumns::shape(const Query& query, const records::MapRunRecord& run) {
  const std::shared_ptr<Entry> kept = entry(run.number);
  const sync::MutexLock lock(kept->mutex);
  forget_old(run, *kept);
  if (auto learned = learn(query, run, *kept); !learned) return std::unexpected(learned.error());
  return *kept->shape;
}

base::Result<std::shared_ptr<const Columns>> RunColumns::get(const Query& query,
                                                             const records::MapRunRecord& run,
                                                             const WantedColumns& wanted) {
  const std::shared_ptr<Entry> kept = entry(run.number);
  std::shared_ptr<const Columns> answer;
  {
    const sync::MutexLock lock(kept->mutex);
    forget_old(run, *kept);
    if (kept->next_chunk == 0) {
      Columns& empty = kept->fresh();
      empty.origin_us = run.start_ms * 1'000;
      empty.reserve(run.executions.finished());  // of one that runs the record is behind
    }
    auto read = query.row_chunks(run.number, kept->next_chunk,
                                 [&](uint64_t chunk, std::span<const history::ChildRow> rows) {
                                   kept->mutex.assert_held();  // runs within this call
                                   Columns& growing = kept->fresh();
                                   for (const history::ChildRow& row : rows) growing.append(row);
                                   kept->next_chunk = chunk + 1;
                                   return true;
                                 });
    if (!read) return std::unexpected(read.error());
    if (wanted.discover || (wanted.keys && lacks(*kept->columns, wanted))) {
      if (auto learned = learn(query, run, *kept); !learned)
        return std::unexpected(learned.error());
    }
    WantedColumns missing = wanted;
    if (wanted.discover) {
      missing.properties.insert(missing.properties.end(), kept->shape->telling.begin(),
                                kept->shape->telling.end());
    }
    if (lacks(*kept->columns, missing)) {
      auto read_them = read_wanted(query, run.number, missing, kept->shape.value_or(InputShape()),
                                   kept->fresh());
      if (!read_them) return std::unexpected(read_them.error());
    }
    answer = kept->columns;
  }
  drop_oldest();
  return answer;
}

}  // namespace weft::reading
