#include "reading/run_columns.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include "reading/column_files.h"
#include "sync/mutex.h"

namespace weft::reading {
namespace {

using columns::Columns;

// While a run goes on, what is read of inputs is read anew after so many times what it took: it
// takes a twentieth of a core, however many ask.
constexpr int kRestTimes = 20;

// Of a run that has ended and whose columns were stored, until its record changes.
constexpr uint64_t kNoMoreChunks = UINT64_MAX;

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
  kept.last_read.reset();
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

std::shared_ptr<const RunColumns::Whole> RunColumns::whole(uint64_t run, const Kept& columns) {
  return entry(run)->whole.of(columns, [&] {
    const columns::RowSpan all = columns::all_rows(*columns);
    return Whole{columns::summarize(*columns, all, &cores_), columns::split_time(*columns, all)};
  });
}

std::shared_ptr<const columns::AttributeCounts> RunColumns::attributes(uint64_t run,
                                                                       const Kept& columns) {
  return entry(run)->attributes.of(columns,
                                   [&] { return columns::count_attributes(*columns, &cores_); });
}

base::Result<InputShape> RunColumns::shape(const Query& query, const records::MapRunRecord& run) {
  const std::shared_ptr<Entry> kept = entry(run.number);
  const sync::MutexLock lock(kept->mutex);
  forget_old(run, *kept);
  if (auto learned = learn(query, run, *kept); !learned) return std::unexpected(learned.error());
  return *kept->shape;
}

// Brings the rows up to date: those that are not there yet are read.
base::Result<void> RunColumns::read_rows(const Query& query, const records::MapRunRecord& run,
                                         Entry& kept) {
  forget_old(run, kept);
  if (kept.next_chunk == 0) {
    if (auto stored = ColumnFiles(query).read(run)) {
      kept.columns = std::move(stored);
      kept.next_chunk = kNoMoreChunks;
    } else {
      kept.fresh().origin_us = run.start_ms * 1'000;
    }
  }
  return query.row_chunks(run.number, kept.next_chunk,
                          [&](uint64_t chunk, std::span<const history::ChildRow> rows) {
                            kept.mutex.assert_held();  // runs within this call
                            Columns& growing = kept.fresh();
                            for (const history::ChildRow& row : rows) growing.append(row);
                            kept.next_chunk = chunk + 1;
                            return true;
                          });
}

base::Result<std::shared_ptr<const Columns>> RunColumns::with_wanted(
    const Query& query, const records::MapRunRecord& run, Entry& kept,
    std::shared_ptr<const Columns> columns, const WantedColumns& wanted, const InputShape& shape) {
  // One reads; the others wait for what it reads.
  const sync::MutexLock reading(kept.reading);
  {
    const sync::MutexLock lock(kept.mutex);
    if (kept.columns->size() == columns->size()) columns = kept.columns;
    const auto age = std::chrono::steady_clock::now() - kept.read_at;
    const bool recent = kept.last_read && run.status == records::MapRunStatus::kRunning &&
                        age < kRestTimes * kept.read_took;
    if (recent && !lacks(*kept.last_read, wanted)) return kept.last_read;
  }
  if (!lacks(*columns, wanted)) return columns;
  const auto began = std::chrono::steady_clock::now();
  const auto own = std::make_shared<Columns>(*columns);
  if (auto read = read_wanted(query, run.number, wanted, shape, *own); !read)
    return std::unexpected(read.error());
  const sync::MutexLock lock(kept.mutex);
  kept.read_at = std::chrono::steady_clock::now();
  kept.read_took = kept.read_at - began;
  kept.last_read = run.status == records::MapRunStatus::kRunning ? own : nullptr;
  if (kept.columns->size() == own->size() && kept.revision == run.revision) kept.columns = own;
  return own;
}

base::Result<std::shared_ptr<const Columns>> RunColumns::get(const Query& query,
                                                             const records::MapRunRecord& run,
                                                             const WantedColumns& wanted) {
  const std::shared_ptr<Entry> kept = entry(run.number);
  base::Result<std::shared_ptr<const Columns>> answer;
  WantedColumns missing = wanted;
  InputShape shape;
  {
    const sync::MutexLock lock(kept->mutex);
    if (auto read = read_rows(query, run, *kept); !read) return std::unexpected(read.error());
    if (wanted.discover || (wanted.keys && lacks(*kept->columns, wanted))) {
      if (auto learned = learn(query, run, *kept); !learned)
        return std::unexpected(learned.error());
    }
    if (kept->shape) shape = *kept->shape;
    answer = kept->columns;
  }
  if (wanted.discover) {
    missing.properties.insert(missing.properties.end(), shape.telling.begin(), shape.telling.end());
  }
  // Outside of the lock: it may take long, and what asks for rows alone does not wait for it.
  if (lacks(**answer, missing)) {
    answer = with_wanted(query, run, *kept, *answer, missing, shape);
    if (!answer) return answer;
  }
  drop_oldest();
  return answer;
}

}  // namespace weft::reading
