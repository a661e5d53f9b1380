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

base::Result<std::shared_ptr<const Columns>> RunColumns::get(const Query& query,
                                                             const records::MapRunRecord& run,
                                                             const WantedColumns& wanted) {
  const std::shared_ptr<Entry> kept = entry(run.number);
  std::shared_ptr<const Columns> answer;
  {
    const sync::MutexLock lock(kept->mutex);
    if (kept->revision != run.revision) {  // rows of an imported run may change
      kept->columns = std::make_shared<Columns>();
      kept->next_chunk = 0;
      kept->discovered.reset();
      kept->revision = run.revision;
    }
    if (kept->next_chunk == 0) kept->columns->origin_us = run.start_ms * 1'000;
    auto read = query.row_chunks(run.number, kept->next_chunk,
                                 [&](uint64_t chunk, std::span<const history::ChildRow> rows) {
                                   kept->mutex.assert_held();  // runs within this call
                                   Columns& growing = kept->fresh();
                                   for (const history::ChildRow& row : rows) growing.append(row);
                                   kept->next_chunk = chunk + 1;
                                   return true;
                                 });
    if (!read) return std::unexpected(read.error());
    if (wanted.discover && !kept->discovered) {
      auto found = discover_properties(query, run.number);
      if (!found) return std::unexpected(found.error());
      kept->discovered = std::move(*found);
    }
    WantedColumns missing = wanted;
    missing.discover = false;
    if (wanted.discover) {
      missing.properties.insert(missing.properties.end(), kept->discovered->begin(),
                                kept->discovered->end());
    }
    if (lacks(*kept->columns, missing)) {
      if (auto read_them = read_wanted(query, run.number, missing, kept->fresh()); !read_them) {
        return std::unexpected(read_them.error());
      }
    }
    answer = kept->columns;
  }
  drop_oldest();
  return answer;
}

}  // namespace weft::reading
