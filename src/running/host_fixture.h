#pragma once

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "clock/system_clock.h"
#include "history/codec.h"
#include "history/row_of_events.h"
#include "integrations/s3/bucket_registry.h"
#include "integrations/task_router.h"
#include "records/records.h"
#include "running/host.h"
#include "running/ports.h"

// The whole runtime but for functions and HTTP: real shards, committer, recovery and store; tasks
// are answered here.

namespace weft::running {

inline constexpr int64_t kDeadlineMs = 300'000;
inline constexpr const char* kRole = "arn:aws:iam::000000000000:role/test";
inline constexpr const char* kTask =
    R"({"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:f","End":true})";

// Answers tasks at once by `answer`, or keeps them until they are let go.
class FakeTasks : public integrations::TaskRunner {
 public:
  using Answer = std::function<engine::Input(const integrations::TaskRequest&)>;
  explicit FakeTasks(Answer answer) : answer_(std::move(answer)) {}

  void run(const integrations::TaskRequest& request, Done done) override {
    std::unique_lock lock(mutex_);
    ids_.insert(request.request_id);
    ++runs_;
    if (holding_) {
      held_[request.request_id] = {request, std::move(done)};
      changed_.notify_all();
      return;
    }
    lock.unlock();
    done(answer_(request));
  }
  void cancel(const std::string& request_id) override {
    const std::lock_guard lock(mutex_);
    cancelled_ += held_.erase(request_id);
    changed_.notify_all();
  }

  bool withdraw(const std::string& request_id) override {
    const std::lock_guard lock(mutex_);
    ++withdrawals_;
    changed_.notify_all();
    return withdrawing_ && held_.erase(request_id) > 0;
  }

  void hold() {
    const std::lock_guard lock(mutex_);
    holding_ = true;
  }
  // What is held has not begun.
  void let_withdraw() {
    const std::lock_guard lock(mutex_);
    withdrawing_ = true;
  }
  // Lets `count` of the held tasks be answered.
  void release(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      std::unique_lock lock(mutex_);
      if (held_.empty()) return;
      auto [request, done] = std::move(held_.begin()->second);
      held_.erase(held_.begin());
      lock.unlock();
      done(answer_(request));
    }
  }
  void release_all() {
    {
      const std::lock_guard lock(mutex_);
      holding_ = false;
    }
    release(SIZE_MAX);
  }
  // Drops what is held, as a process that ends does.
  void drop() {
    const std::lock_guard lock(mutex_);
    held_.clear();
  }
  bool wait_held(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(kDeadlineMs),
                             [&] { return held_.size() == count; });
  }
  bool wait_held_at_least(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(kDeadlineMs),
                             [&] { return held_.size() >= count; });
  }
  bool wait_cancelled(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(kDeadlineMs),
                             [&] { return cancelled_ == count; });
  }
  // That so many were asked for.
  bool wait_withdrawals(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(kDeadlineMs),
                             [&] { return withdrawals_ == count; });
  }
  size_t runs() {
    const std::lock_guard lock(mutex_);
    return runs_;
  }
  size_t distinct() {
    const std::lock_guard lock(mutex_);
    return ids_.size();
  }

 private:
  struct Held {
    integrations::TaskRequest request;
    Done done;
  };
  Answer answer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool holding_ = false;
  bool withdrawing_ = false;
  size_t withdrawals_ = 0;
  std::map<std::string, Held> held_;
  std::set<std::string> ids_;
  size_t runs_ = 0;
  size_t cancelled_ = 0;
};

inline engine::Input echo(const integrations::TaskRequest& request) {
  return engine::TaskSucceeded{request.scope, request.task, request.parameters, std::nullopt};
}

inline std::string machine(const std::string& start, const std::string& states) {
  return fmt::format(R"({{"QueryLanguage":"JSONata","StartAt":"{}","States":{{{}}}}})", start,
                     states);
}

// A Distributed Map over `fields` whose children are one state.
inline std::string distributed(const std::string& fields, const std::string& child = kTask,
                               const std::string& label = "L") {
  return fmt::format(R"({{"Type":"Map","Label":"{}",{},"End":true,"ItemProcessor":{{)"
                     R"("ProcessorConfig":{{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"}},)"
                     R"("StartAt":"Child{}","States":{{"Child{}":{}}}}}}})",
                     label, fields, label, label, child);
}

class HostTest : public testing::Test {
 protected:
  HostTest() : store_(store::open_memory()), tasks_(echo) {}

  void open(integrations::TaskRunner& tasks) {
    HostOptions options{.clock = &clock_,
                        .shards = 3,
                        .result_file_bytes_max = result_file_bytes_max_,
                        .express_ms_max = express_ms_max_,
                        .tasks = &tasks};
    auto host = Host::open(options, *store_, nullptr, &buckets_);
    ASSERT_TRUE(host) << host.error().message;
    host_ = std::move(*host);
  }
  void open() { open(tasks_); }

  std::string create(const std::string& definition, const std::string& name = "machine",
                     bool express = false) {
    auto record = host_->create_state_machine({.name = name,
                                               .definition = base::Text(definition),
                                               .role_arn = kRole,
                                               .express = express});
    EXPECT_TRUE(record) << record.error().message;
    return record ? record->arn : "";
  }
  std::string start(const std::string& machine_arn, const std::string& input = "{}",
                    const std::string& name = "") {
    auto started = host_->start_execution(
        {.machine_arn = machine_arn, .name = name, .input = base::Text(input)});
    EXPECT_TRUE(started) << started.error().message;
    return started ? started->arn : "";
  }
  reading::ExecutionView finish(const std::string& arn) {
    EXPECT_TRUE(host_->wait(arn, kDeadlineMs)) << arn << " does not end";
    auto view = host_->query().execution(arn);
    EXPECT_TRUE(view) << view.error().message;
    return view ? *view : reading::ExecutionView();
  }
  reading::ExecutionView run(const std::string& definition, const std::string& input = "{}") {
    return finish(start(create(definition), input));
  }
  records::MapRunRecord map_run(uint64_t number) {
    auto record = host_->query().map_run(number);
    EXPECT_TRUE(record) << record.error().message;
    return record ? *record : records::MapRunRecord();
  }
  // Until the Map Run is closed and that is durable.
  void await_map_run(uint64_t number) {
    const std::string arn = map_run(number).arn;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kDeadlineMs);
    while (host_->map_run_progress(arn)) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "Map Run " << number;
      std::this_thread::yield();
    }
    create(machine("A", R"("A":{"Type":"Succeed"})"), fmt::format("await-{}", number));
  }

  // What the stored events of a child come to.
  history::ChildRow row_of_events(history::ExecutionKey key) {
    history::RowOfEvents told;
    const auto events = host_->query().events(key);
    EXPECT_TRUE(events) << events.error().message;
    for (const history::Event& event : events.value_or(std::vector<history::Event>()))
      told.add(event);
    return told.row();
  }
  // A row says what the child's events say; its duration is finer, and has the last turn in it.
  void expect_told_by_events(uint64_t run, const history::ChildRow& row) {
    history::ChildRow told = row_of_events({run, row.index});
    EXPECT_LE(told.duration_us, row.duration_us + 2'000) << "child " << row.index;
    told.index = row.index;
    told.duration_us = row.duration_us;
    told.lane = row.lane;
    told.items = row.items;
    told.turns = row.turns;
    if (map_run(run).express) told.redrives = row.redrives;  // they begin anew
    EXPECT_EQ(told, row) << "child " << row.index;
  }

  // Every execution closed, every Map Run closed, counts equal to rows, one row a child.
  void expect_nothing_open() {
    (void)store_->scan(
        store::Family::kExecution, "", "", false, [&](std::string_view, std::string_view value) {
          const auto record = records::decode_execution(value);
          EXPECT_NE(record->status, history::ExecutionStatus::kRunning) << record->arn;
          return true;
        });
    (void)store_->scan(store::Family::kMapRun, "", "", false,
                       [&](std::string_view, std::string_view value) {
                         expect_closed(*records::decode_map_run(value));
                         return true;
                       });
  }
  void expect_closed(const records::MapRunRecord& run) {
    EXPECT_NE(run.status, records::MapRunStatus::kRunning) << run.arn;
    std::set<uint64_t> rows;
    (void)store_->scan(store::Family::kRow, records::row_key(run.number, 0),
                       records::row_key(run.number + 1, 0), false,
                       [&](std::string_view, std::string_view value) {
                         for (const history::ChildRow& row : *history::decode_rows(value)) {
                           EXPECT_TRUE(rows.insert(row.index).second) << "child " << row.index;
                           if (row.index < 100) expect_told_by_events(run.number, row);
                         }
                         return true;
                       });
    std::set<uint64_t> begun;
    (void)store_->scan(store::Family::kTurn, records::turn_key({run.number, 0}, 0),
                       records::turn_key({run.number + 1, 0}, 0), false,
                       [&](std::string_view key, std::string_view) {
                         begun.insert(*store::read_u64(key, 8));
                         return true;
                       });
    EXPECT_EQ(begun, rows) << "children that began and children that ended";
    const history::MapRunCounts& c = run.executions;
    EXPECT_EQ(c.succeeded + c.failed + c.timed_out + c.aborted, rows.size());
    EXPECT_EQ(c.running, 0U);
    EXPECT_EQ(c.total, c.pending + rows.size());
  }

  const clock::SystemClock clock_;
  std::unique_ptr<store::Store> store_;
  s3::BucketRegistry buckets_{{.staging = testing::TempDir() + "weft-host-staging"}};
  FakeTasks tasks_;
  int64_t express_ms_max_ = kExpressMsMax;
  uint64_t result_file_bytes_max_ = base::kResultFileBytesMax;
  std::unique_ptr<Host> host_;
};

}  // namespace weft::running
