#pragma once

#include <atomic>
#include <memory>

#include "running/shard.h"

// What a shard keeps of an open execution and an open Map Run. Private to shard*.cc.

namespace weft::running {

constexpr uint32_t kExecutionDeadline = UINT32_MAX;  // Timer::task of the execution's own

struct Shard::Live {
  history::ExecutionKey key;
  engine::ExecutionState state;
  engine::Identity identity;
  uint32_t turns = 0;
  int64_t start_us = 0;
  int64_t ahead_us = 0;  // of the clock: its events are later than the clock was at the start
  std::vector<Timer> timers;
  std::optional<records::ExecutionRecord> record;  // top-level executions
  std::shared_ptr<const RunInfo> run;              // children
  uint32_t lane = 0;
  uint32_t items = 1;
  bool express = false;
  uint32_t redrives = 0;      // Express children: the state begins anew
  bool winding_down = false;  // its Map Run was stopped: what is at work ends, nothing begins
  // Express: all events so far, and their bytes, about. They are stored at the end as one turn.
  std::vector<history::Event> kept;
  size_t kept_bytes = 0;
  std::move_only_function<void()> ended;  // told once the end is durable; may be empty
  // Told once a redrive is durable and its Map Runs have been told; may be empty.
  std::move_only_function<void()> redriven;
  history::RowOfEvents row;  // children
  columns::ExecutionMetrics::Measured measured;
};

struct Shard::LiveRun {
  std::shared_ptr<const RunInfo> info;
  std::shared_ptr<const maprun::Configuration> configuration;
  std::unique_ptr<maprun::MapRun> machine;
  uint32_t slices = 0;
  uint64_t output_bytes = 0;
  std::optional<RedriveRun> redrive;  // as soon as it has ended
  // What is being read for it, as soon as it ends or is stopped. Nothing here depends on it.
  std::shared_ptr<std::atomic<bool>> reading_unwanted = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace weft::running
