#include <algorithm>
#include <cmath>

#include "running/redrive.h"
#include "running/replayed.h"
#include "running/results.h"
#include "running/run_restore.h"
#include "world.h"

// Results of Map Runs and redrives in the World.

namespace weft::sim {
namespace {

constexpr uint64_t kResultFileBytesMax = 1'200;  // so that some have several files

}  // namespace

bool World::redrive_execution() {
  if (redrives_left_ == 0 || redriving_ || !closed()) return false;
  if (now_us_ <= stop_arrives_us_) return false;  // it would stop what was redriven
  const records::ExecutionRecord record = execution();
  if (record.express || record.status == history::ExecutionStatus::kSucceeded) return false;
  --redrives_left_;
  auto redrive =
      running::prepare_redrive(*query_, programs_, {.arn = record.arn, .now_ms = now_ms()});
  if (!redrive) {
    violate("the execution cannot be redriven: " + redrive.error().message);
    return true;
  }
  ++redrives_done_;
  stop_asked_ = false;
  redriving_ = true;
  redrive->redriven = [this] { redriving_ = false; };
  if (faults_.stop_after_us != 0 && draw(2) == 0) stop_at_us_ = now_us_ + draw(3'000'000);
  if (faults_.crashes != 0) {
    crash_times_us_.push_back(now_us_ + draw(3'000'000));
    std::ranges::sort(crash_times_us_);
  }
  deliver(running::Shard::owner(record.key, settings_.shards), std::move(*redrive));
  return true;
}

maprun::ChangeLimits World::draw_limits(const std::string& label) {
  maprun::ChangeLimits limits;
  if (draw(2) != 0) limits.max_concurrency = static_cast<uint64_t>(draw(3));
  const auto found = failures_.find(label);
  const bool known = found != failures_.end() && found->second.tolerated != found->second.exceeded;
  if (known && draw(2) != 0) {
    const Failures& of = found->second;
    // Each of the two limits alone ends a run that breaks it.
    if (of.tolerated) {
      limits.tolerated_failure_count = of.most + static_cast<uint64_t>(draw(3));
      limits.tolerated_failure_percentage =
          std::min(100.0, std::ceil(of.most_percent) + static_cast<double>(draw(20)));
    } else {
      limits.tolerated_failure_count =
          static_cast<uint64_t>(draw(static_cast<int64_t>(of.least) - 1));
    }
  }
  if (!limits.tolerated_failure_count && !limits.max_concurrency)
    limits.max_concurrency = static_cast<uint64_t>(draw(3));
  return limits;
}

void World::update_map_run() {
  std::vector<records::MapRunRecord> running;
  (void)store_->scan(store::Family::kMapRun, "", "", false,
                     [&](std::string_view, std::string_view value) {
                       const auto record = records::decode_map_run(value);
                       if (record->status == records::MapRunStatus::kRunning)
                         running.push_back(*record);
                       return true;
                     });
  if (running.empty()) return;
  const records::MapRunRecord& one =
      running[static_cast<size_t>(draw(static_cast<int64_t>(running.size()) - 1))];
  const uint64_t run = one.number;
  deliver(running::Shard::owner_of_run(run, settings_.shards),
          running::ChangeMapRun{run, draw_limits(one.label), [this, run](base::Result<void> done) {
                                  if (!done) return;  // it had ended meanwhile
                                  ++updates_done_[run];
                                  const auto record = query_->map_run(run);
                                  if (!record || record->changes.size() < updates_done_[run])
                                    violate("an update was acknowledged before it was durable");
                                }});
}

void World::on(running::WriteResults& write) {
  const uint64_t run = write.run->record.number;
  const auto bytes = store_->get(store::Family::kMapRun, records::map_run_key(run));
  const auto record = records::decode_map_run(bytes->value_or(""));
  if (!record || !record->closing)
    violate("results were to be written before it was durable that no child runs");
  WrittenObjects objects(objects_);
  base::Result<running::WrittenResults> written;
  if (write.configuration->results.exported) {
    written = running::write_results(*store_, settings_.child_name_key, write,
                                     {.bucket = objects, .file_bytes_max = kResultFileBytesMax});
  }
  auto rows = running::settle_rows(*store_, write.run->record);
  if (!rows) return violate("rows cannot be put back: " + rows.error().message);
  int64_t at_us = 0;
  for (auto& [key, content] : objects.in_order) {
    at_us += draw(faults_.latency_us_max);
    later(at_us, [this, name = std::move(key), bytes_written = std::move(content)] {
      objects_[name] = bytes_written;
    });
  }
  later(at_us + draw(faults_.latency_us_max),
        [this, run, written = std::move(written), rows = std::move(rows)]() mutable {
          shards_[running::Shard::owner_of_run(run, settings_.shards)]->handle(
              running::MapRunResultsWritten{run, std::move(written), std::move(*rows)});
        });
}

void World::on(running::ReadChild& read) {
  later(draw(faults_.latency_us_max), [this, read = std::move(read)] {
    const history::ExecutionKey key{read.run->record.number, read.index};
    auto child = running::replay(*store_, key, read.run->program, read.run->processor);
    if (!child) return violate("a child cannot be redriven: " + child.error().message);
    shards_[running::Shard::owner(key, settings_.shards)]->handle(
        running::RedriveChild{.run = read.run,
                              .index = read.index,
                              .lane = read.lane,
                              .items = read.items,
                              .state = std::move(child->state),
                              .turns = child->turns,
                              .row = std::move(child->row)});
  });
}

void World::on(running::ReopenMapRun& reopen) {
  later(draw(faults_.latency_us_max), [this, reopen = std::move(reopen)] {
    // Somebody may have taken a file of results away since.
    const auto before = query_->map_run(reopen.run);
    if (before && !before->result_files.empty() && draw(2) == 0) {
      const auto last = static_cast<int64_t>(before->result_files.size()) - 1;
      objects_.erase(before->result_files[static_cast<size_t>(draw(last))].key);
    }
    auto reopened = running::reopen_run(*store_, reopen.run, reopen.program, settings_.identity,
                                        reopen.redrives, now_ms());
    if (!reopened) return violate("a Map Run cannot be redriven: " + reopened.error().message);
    shards_[running::Shard::owner_of_run(reopen.run, settings_.shards)]->handle(
        std::move(*reopened));
  });
}

}  // namespace weft::sim
