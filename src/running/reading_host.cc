#include "running/reading_host.h"

#include "running/run_restore.h"

namespace weft::running {

std::vector<MapRunProgress> ReadingHost::progress(std::string_view execution_arn) const {
  std::vector<MapRunProgress> all;
  const auto key = query_.find_execution(execution_arn);
  if (!key) return all;
  auto runs = query_.map_runs(*key);
  if (!runs) return all;
  for (records::MapRunRecord& run : *runs) {
    if (auto one = progress_of(std::move(run))) all.push_back(std::move(*one));
  }
  return all;
}

std::optional<MapRunProgress> ReadingHost::map_run_progress(std::string_view map_run_arn) const {
  auto run = query_.map_run(map_run_arn);
  if (!run) return std::nullopt;
  return progress_of(std::move(*run));
}

std::optional<MapRunProgress> ReadingHost::progress_of(records::MapRunRecord run) const {
  if (store_ == nullptr || run.status != records::MapRunStatus::kRunning) return std::nullopt;
  const uint64_t number = run.number;
  const sync::MutexLock lock(mutex_);
  if (const auto found = known_.find(number); found != known_.end()) return found->second;
  auto stored = stored_progress(*store_, *programs_, query_.identity(), std::move(run));
  if (!stored) return std::nullopt;
  return known_.emplace(number, std::move(*stored)).first->second;
}

}  // namespace weft::running
