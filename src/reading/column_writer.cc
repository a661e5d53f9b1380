#include "reading/column_writer.h"

#include <vector>

#include "base/give_way.h"

namespace weft::reading {
ColumnWriter::ColumnWriter(const Query& query) : query_(query), thread_([this] { work(); }) {}

ColumnWriter::~ColumnWriter() {
  stopping_ = true;
  {
    const sync::MutexLock lock(mutex_);
    changed_.notify_all();
  }
  thread_.join();
}

void ColumnWriter::ended(uint64_t run) {
  const sync::MutexLock lock(mutex_);
  runs_.push_front(run);
  changed_.notify_all();
}

void ColumnWriter::wait() {
  const sync::MutexLock lock(mutex_);
  while (!idle_ || !runs_.empty()) changed_.wait(mutex_);
}

bool ColumnWriter::wait_until(std::chrono::steady_clock::time_point time) {
  const sync::MutexLock lock(mutex_);
  while (!idle_ || !runs_.empty()) {
    if (!changed_.wait_until(mutex_, time)) return idle_ && runs_.empty();
  }
  return true;
}

// Called once, before anything else is at work: what other processes left is nobody's any more.
void ColumnWriter::add_known() {
  const ColumnFiles files(query_);
  files.sweep();
  const std::vector<uint64_t> known = files.missing();
  const sync::MutexLock lock(mutex_);
  runs_.insert(runs_.end(), known.begin(), known.end());
}

std::optional<uint64_t> ColumnWriter::next() {
  const sync::MutexLock lock(mutex_);
  while (!stopping_ && runs_.empty()) {
    idle_ = true;
    changed_.notify_all();
    changed_.wait(mutex_);
  }
  if (stopping_) return std::nullopt;
  idle_ = false;
  const uint64_t run = runs_.front();
  runs_.pop_front();
  return run;
}

void ColumnWriter::work() {
  base::give_way();
  add_known();
  while (const auto number = next()) {
    const auto run = query_.map_run(*number);
    if (run) (void)ColumnFiles(query_).make(*run, [this] { return !stopping_; });
  }
}

}  // namespace weft::reading
