#include "running/host.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "base/limits.h"
#include "clock/system_clock.h"
#include "integrations/lambda/function_pool.h"
#include "integrations/lambda/lambda_tasks.h"
#include "integrations/registry.h"
#include "integrations/task_router.h"
#include "net/worker_pool.h"
#include "reading/activities.h"
#include "running/committer.h"
#include "running/dispatch.h"
#include "running/execution_start.h"
#include "running/machines.h"
#include "running/nested_executions.h"
#include "running/programs.h"
#include "running/recovery.h"
#include "running/redrive.h"
#include "running/shard_thread.h"
#include "running/store_keys.h"
#include "running/store_waits.h"
#include "running/task_callbacks.h"
#include "running/task_trials.h"
#include "sync/mutex.h"

namespace weft::running {
namespace {

using base::ErrorCode;
using base::fail;

constexpr int kEndThreads = 2;

class HostImpl : public Host,
                 public RunNumbers,
                 private importing::ImportTarget,
                 private ExecutionStarts {
 public:
  HostImpl(HostOptions options, store::Store& store, lambda::FunctionPool* functions,
           s3::BucketRegistry* buckets, StoreKeys keys)
      : options_(std::move(options)),
        store_(store),
        functions_(functions),
        query_(store, options_.identity, options_.derived_directory, reading::DerivedFiles::kKeep),
        programs_(store),
        starts_(query_, programs_, options_.state_data_bytes_max),
        tracing_(options_.identity, options_.invocations),
        lambda_tasks_(functions, &tracing_),
        nested_(*this),
        tasks_(options_.tasks != nullptr ? *options_.tasks : lambda_tasks_),
        clock_(*options_.clock),
        dispatch_(options_, keys.child_names, store, tasks_, buckets),
        callbacks_(
            {.query = query_,
             .clock = clock_,
             .post =
                 [this](history::ExecutionKey key, Message message) {
                   dispatch_.post(Shard::owner(key, settings_.shards), std::move(message));
                 },
             .commit = [this](store::Batch batch) { return commit_and_wait(std::move(batch)); },
             .writable = [this] { return check_writable(store_); },
             .running = [this](history::ExecutionKey key) { return check_running(key); }},
            std::move(keys.task_tokens)),
        detail_(store) {
    for (integrations::Integration* one : options_.integrations) {
      integrations::TaskRunner& runner = one->runner(tracing_);
      for (const integrations::TaskApi& api : one->apis()) tasks_.add(api.service, api.api, runner);
    }
    settings_.identity = options_.identity;
    settings_.child_name_key = keys.child_names;
    settings_.tokens = &callbacks_.tokens();
    settings_.activity_exists = [this](std::string_view arn) {
      return reading::activity_meant(query_, arn).has_value();
    };
    settings_.can_go_on = options_.can_go_on;
    settings_.shards = std::max(1u, options_.shards);
    settings_.state_data_bytes_max = options_.state_data_bytes_max;
    settings_.detail_budget = options_.detail_budget;
    settings_.detail_bytes = options_.detail_bytes;
    settings_.seed = random_u64();
    settings_.express_ms_max = options_.express_ms_max;
    settings_.steady_clock_ms = clock::steady_ms;
    settings_.ended = options_.ended;
    settings_.run_ended = options_.run_ended;
    settings_.closed = [this](history::ExecutionKey key) {
      nested_.ended(key);
      const sync::MutexLock lock(closed_mutex_);
      closed_signal_.notify_all();
    };
    for (const integrations::TaskApi& api : integrations::kNestedApis) {
      tasks_.add(api.service, api.api, nested_);
    }
    for (const integrations::TaskApi& api : integrations::kAnswerApis) {
      tasks_.add(api.service, api.api, callbacks_);
    }
    tasks_.set_activities(callbacks_.activities());
  }

  ~HostImpl() override {
    for (auto& shard : shards_) shard->stop();
    if (committer_) committer_->mute();
    committer_.reset();
    // Their callbacks post to the shards.
    if (functions_ != nullptr) functions_->shutdown();
    for (integrations::Integration* one : options_.integrations) one->shutdown();
    trials_.stop();
    {
      const sync::MutexLock lock(names_mutex_);
      stopping_ = true;
    }
    name_started_.notify_all();
    ends_.reset();
    nested_.stop();
    callbacks_.shutdown();
    dispatch_.stop();
  }

  base::Result<void> start();

  const reading::Query& query() const override { return query_; }
  base::Result<records::MachineRecord> create_state_machine(
      const CreateStateMachine& request) override {
    return machines_.create(request);
  }
  base::Result<records::MachineRecord> update_state_machine(
      const UpdateStateMachine& request) override {
    return machines_.update(request);
  }
  base::Result<void> delete_state_machine(std::string_view arn) override {
    return machines_.remove(arn);
  }
  std::expected<void, aws::Fault> change_tags(std::string_view arn,
                                              const records::TagChange& change) override;
  base::Result<StartedExecution> start_execution(const StartExecution& request) override;
  void start_synchronous_execution(
      const StartExecution& request,
      std::move_only_function<void(base::Result<reading::ExecutionView>)> ended) override {
    start_synchronous(request, {}, std::move(ended));
  }
  base::Result<base::UnixMs> stop_execution(std::string_view arn, std::optional<std::string> error,
                                            std::optional<std::string> cause) override;
  void run_task(integrations::TaskRequest request, std::chrono::milliseconds limit,
                TaskTried tried) override {
    trials_.run(std::move(request), limit, std::move(tried));
  }
  const std::vector<HeldExecution>& held() const override { return held_; }
  base::Result<base::UnixMs> redrive_execution(std::string_view arn,
                                               std::string_view client_token) override;
  TaskCallbacks* task_callbacks() override { return &callbacks_; }
  std::vector<WaitingTask> waiting_tasks(std::string_view execution_arn) const override;
  base::Result<void> update_map_run(std::string_view arn,
                                    const maprun::ChangeLimits& limits) override;
  std::vector<MapRunProgress> progress(std::string_view execution_arn) const override;
  std::optional<MapRunProgress> map_run_progress(std::string_view map_run_arn) const override;
  uint32_t map_run_redrives(uint64_t run) const override {
    uint32_t redrives = 0;
    ask_all([&](Shard& shard) { redrives += shard.redrives_of_run(run); });
    return redrives;
  }
  std::vector<reading::ExecutionItem> running_children(std::string_view map_run_arn) const override;
  metrics::Registry metrics() const override;
  base::Result<std::optional<trace::DetailChoice>> detail(uint64_t map_run) const override;
  std::vector<columns::Sampler::Certain> certain_detail(uint64_t map_run,
                                                        size_t from) const override {
    return detail_.certain(map_run, from);
  }
  bool store_spans(const std::vector<telemetry::SpanBlock>& blocks, Moment until) override;
  bool store_logs(const std::vector<telemetry::LogBlock>& blocks, Moment until) override;
  LateTelemetry late_telemetry() const override {
    return {.spans = detail_.late_spans(), .log_lines = detail_.late_lines()};
  }
  base::Result<importing::ImportReport> import_lines(
      std::vector<cloudwatch::LogEvent>&& lines) override;
  void await_effects() override { (void)commit_and_wait({}); }
  bool wait(std::string_view execution_arn, int64_t deadline_ms) const override;

 private:
  uint64_t next_run() override { return next_run_++; }
  // ImportTarget
  base::Result<void> commit(store::Batch batch) override {
    return commit_and_wait(std::move(batch));
  }
  base::Result<uint64_t> new_execution_index() override { return next_execution_++; }
  base::Result<uint64_t> new_run_number() override { return next_run_++; }
  void add_late(metrics::Registry& registry) const;
  // Hands on what may be lost; false, and nothing is stored, when too much waits until `until`.
  bool store_telemetry(TurnCommit commit, Moment until);
  base::Result<void> check_running(history::ExecutionKey key) const {
    return running::check_running(key, held_, held_runs_);
  }
  // Returns once it is durable. kStorage: the store is damaged.
  base::Result<void> commit_and_wait(store::Batch batch);
  // Asks every shard, one after another, on its own thread.
  template <typename Question>
  void ask_all(Question question) const;
  void start(StartExecution start, ExecutionStarts::Task by, ExecutionStarts::Done done) override;
  void start_synchronous(StartExecution start, ExecutionStarts::Task by,
                         ExecutionStarts::Ended ended) override;
  void stop(history::ExecutionKey key) override;
  const reading::Query& executions() const override { return query_; }
  // Keeps the name for the caller until free_name(); or gives the execution that has it.
  base::Result<std::optional<records::ExecutionRecord>> take_name(
      const StartExecution& request, const records::ExecutionRecord& wanted);
  void free_name(const records::ExecutionRecord& record);

  const HostOptions options_;
  store::Store& store_;
  lambda::FunctionPool* functions_;
  reading::Query query_;
  Programs programs_;
  ExecutionStart starts_;
  integrations::CallTracing tracing_;
  lambda::LambdaTasks lambda_tasks_;
  NestedExecutions nested_;
  // Read how synchronous executions ended.
  std::unique_ptr<net::WorkerPool> ends_ = std::make_unique<net::WorkerPool>(kEndThreads);
  integrations::TaskRouter tasks_;
  ShardSettings settings_;
  const base::Clock& clock_;
  Dispatch dispatch_;
  TaskCallbacks callbacks_;
  std::vector<std::unique_ptr<ShardThread>> shards_;
  DetailKeeper detail_;
  Machines machines_{query_, programs_, clock_,
                     [this](store::Batch batch) { return commit_and_wait(std::move(batch)); }};
  TaskTrials trials_{tasks_};
  std::vector<HeldExecution> held_;  // since start()
  std::map<uint64_t, MapRunProgress> held_runs_;
  std::unique_ptr<Committer> committer_;
  std::atomic<uint64_t> next_execution_{1};
  std::atomic<uint64_t> next_run_{1};
  std::atomic<uint64_t> next_span_block_{0};
  sync::Mutex telemetry_mutex_;
  sync::CondVar telemetry_written_;
  // On their way to the disk.
  size_t telemetry_bytes_ WEFT_GUARDED_BY(telemetry_mutex_) = 0;
  mutable sync::Mutex closed_mutex_;  // of the signal alone: what ended is read from the store
  mutable sync::CondVar closed_signal_;
  sync::Mutex names_mutex_;
  sync::CondVar name_started_;
  // Starts on their way to the disk.
  std::set<std::string> names_starting_ WEFT_GUARDED_BY(names_mutex_);
  bool stopping_ WEFT_GUARDED_BY(names_mutex_) = false;
  sync::Mutex import_mutex_;   // one import at a time
  sync::Mutex redrive_mutex_;  // one redrive at a time, until it is durable
};

base::Result<void> HostImpl::start() {
  committer_ =
      std::make_unique<Committer>(store_, dispatch_, 0, &detail_, options_.reads_on_when_damaged);
  for (uint32_t i = 0; i < settings_.shards; ++i) {
    shards_.push_back(std::make_unique<ShardThread>(
        std::make_unique<Shard>(i, settings_, clock_, *committer_, dispatch_, *this)));
  }
  dispatch_.connect(&shards_);
  auto recovered = recover(store_, programs_, settings_,
                           [this](uint32_t shard) -> Shard& { return shards_[shard]->shard(); });
  if (!recovered) return std::unexpected(recovered.error());
  held_ = std::move(recovered->held);
  held_runs_ = std::move(recovered->held_runs);
  committer_->set_next_chunk(recovered->next_chunk);
  next_execution_ = recovered->next_execution;
  next_run_ = recovered->next_run;
  next_span_block_ = static_cast<uint64_t>(clock_.now_us());
  for (auto& shard : shards_) shard->start();
  for (CollectResults& collect : recovered->unreported) dispatch_.perform(std::move(collect));
  for (Deliver& deliver : recovered->undelivered) {
    dispatch_.post(Shard::owner(deliver.key, settings_.shards), std::move(deliver));
  }
  for (RedriveRun& redrive : recovered->redrives) {
    dispatch_.post(Shard::owner_of_run(redrive.run, settings_.shards), std::move(redrive));
  }
  for (StartTopLevel& again : recovered->restarts) {
    dispatch_.post(Shard::owner(again.record.key, settings_.shards), std::move(again));
  }
  return {};
}

base::Result<void> HostImpl::commit_and_wait(store::Batch batch) {
  auto done = std::make_shared<std::promise<base::Result<void>>>();
  auto outcome = done->get_future();
  TurnCommit commit{.batch = std::move(batch)};
  commit.effects.emplace_back(Notify{[done = std::move(done)] { done->set_value({}); }});
  committer_->submit(std::move(commit));
  return await(store_, std::move(outcome));
}

std::expected<void, aws::Fault> HostImpl::change_tags(std::string_view arn,
                                                      const records::TagChange& change) {
  return arn::arn_parts(arn).kind == "activity" ? callbacks_.change_tags(arn, change)
                                                : machines_.change_tags(arn, change);
}

base::Result<std::optional<records::ExecutionRecord>> HostImpl::take_name(
    const StartExecution& request, const records::ExecutionRecord& wanted) {
  const std::string unique = records::name_key(wanted.machine_name, wanted.name);
  const sync::MutexLock lock(names_mutex_);
  while (!stopping_ && names_starting_.contains(unique)) name_started_.wait(names_mutex_);
  if (stopping_) return fail(ErrorCode::kUnavailable, "The server is stopping");
  auto known = starts_.existing(request, wanted);
  if (known && !*known) names_starting_.insert(unique);
  return known;
}

void HostImpl::free_name(const records::ExecutionRecord& record) {
  const sync::MutexLock lock(names_mutex_);
  names_starting_.erase(records::name_key(record.machine_name, record.name));
  name_started_.notify_all();
}

void HostImpl::start(StartExecution start, ExecutionStarts::Task by, ExecutionStarts::Done done) {
  if (auto writable = check_writable(store_); !writable)
    return done(std::unexpected(writable.error()));
  auto prepared = starts_.prepare(start, std::move(by));
  if (!prepared) return done(std::unexpected(prepared.error()));
  records::ExecutionRecord& record = prepared->record;
  if (record.express) {
    record.key = {0, next_execution_++};
    starts_.name_express(record);
  } else {
    auto known = take_name(start, record);
    if (!known) return done(std::unexpected(known.error()));
    if (*known) return done(Started{.record = **known, .known = true});
    record.key = {0, next_execution_++};
  }
  record.start_ms = clock_.now_ms();
  prepared->started = [this, record, done = std::move(done)]() mutable {
    if (!record.express) free_name(record);
    done(Started{.record = std::move(record)});
  };
  dispatch_.post(Shard::owner(record.key, settings_.shards), std::move(*prepared));
}

void HostImpl::start_synchronous(StartExecution start, ExecutionStarts::Task by,
                                 ExecutionStarts::Ended ended) {
  if (auto writable = check_writable(store_); !writable)
    return ended(std::unexpected(writable.error()));
  auto prepared = starts_.prepare(start, std::move(by));
  if (!prepared) return ended(std::unexpected(prepared.error()));
  records::ExecutionRecord& record = prepared->record;
  if (!record.express) return ended(not_of_this_type());
  record.key = {0, next_execution_++};
  starts_.name_express(record);
  record.start_ms = clock_.now_ms();
  prepared->synchronous = true;
  prepared->ended = [this, arn = record.arn, ended = std::move(ended)]() mutable {
    ends_->post([this, arn = std::move(arn), ended = std::move(ended)]() mutable {
      ended(query_.execution(arn));
    });
  };
  dispatch_.post(Shard::owner(record.key, settings_.shards), std::move(*prepared));
}

base::Result<StartedExecution> HostImpl::start_execution(const StartExecution& request) {
  auto answer = std::make_shared<std::promise<base::Result<StartedExecution>>>();
  auto outcome = answer->get_future();
  start(request, {}, [answer = std::move(answer)](base::Result<Started> started) {
    if (!started) return answer->set_value(std::unexpected(started.error()));
    answer->set_value(StartedExecution{started->record.arn, started->record.start_ms});
  });
  return await(store_, std::move(outcome));
}

void HostImpl::stop(history::ExecutionKey key) {
  dispatch_.post(Shard::owner(key, settings_.shards), Deliver{key, engine::Stop{}});
}

base::Result<base::UnixMs> HostImpl::stop_execution(std::string_view arn,
                                                    std::optional<std::string> error,
                                                    std::optional<std::string> cause) {
  auto key = query_.find_execution(arn);
  if (!key) return std::unexpected(key.error());
  auto imported = query_.is_imported(*key);
  if (!imported) return std::unexpected(imported.error());
  if (*imported) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("'{}' was imported: it does not run here", arn));
  }
  if (auto running = check_running(*key); !running) return std::unexpected(running.error());
  const uint32_t shard = Shard::owner(*key, settings_.shards);
  dispatch_.post(shard, Deliver{*key, engine::Stop{std::move(error), std::move(cause)}});
  // Once the shard has come past the stop and everything submitted by then is on disk, it is
  // durable.
  std::promise<void> passed;
  dispatch_.post(shard, Ask{[&](Shard*) { passed.set_value(); }});
  passed.get_future().wait();
  if (auto stored = commit_and_wait({}); !stored) return std::unexpected(stored.error());
  auto view = query_.execution(arn);
  if (!view) return std::unexpected(view.error());
  return view->stop_ms;
}

base::Result<base::UnixMs> HostImpl::redrive_execution(std::string_view arn,
                                                       std::string_view client_token) {
  const sync::MutexLock lock(redrive_mutex_);
  auto redrive = prepare_redrive(query_, programs_,
                                 {.arn = arn, .token = client_token, .now_ms = clock_.now_ms()});
  if (!redrive) return std::unexpected(redrive.error());
  const base::UnixMs redriven_ms = redrive->record.redrive_ms;
  if (redrive->turns == 0) return redriven_ms;  // asked for before
  auto durable = std::make_shared<std::promise<base::Result<void>>>();
  auto outcome = durable->get_future();
  redrive->redriven = [durable = std::move(durable)] { durable->set_value({}); };
  dispatch_.post(Shard::owner(redrive->record.key, settings_.shards), std::move(*redrive));
  if (auto done = await(store_, std::move(outcome)); !done) return std::unexpected(done.error());
  return redriven_ms;
}

base::Result<void> HostImpl::update_map_run(std::string_view arn,
                                            const maprun::ChangeLimits& limits) {
  const auto run = query_.map_run(arn);
  if (!run) return std::unexpected(run.error());
  auto answer = std::make_shared<std::promise<base::Result<void>>>();
  auto outcome = answer->get_future();
  dispatch_.post(
      Shard::owner_of_run(run->number, settings_.shards),
      ChangeMapRun{run->number, limits, [answer = std::move(answer)](base::Result<void> done) {
                     answer->set_value(std::move(done));
                   }});
  return await(store_, std::move(outcome));
}

template <typename Question>
void HostImpl::ask_all(Question question) const {
  for (const auto& shard : shards_) {
    std::promise<void> answered;
    shard->post(Ask{[&](Shard* self) {
      question(*self);
      answered.set_value();
    }});
    answered.get_future().wait();
  }
}

std::vector<WaitingTask> HostImpl::waiting_tasks(std::string_view execution_arn) const {
  std::vector<WaitingTask> all;
  const auto key = query_.find_execution(execution_arn);
  if (!key) return all;
  std::promise<void> answered;
  shards_[Shard::owner(*key, settings_.shards)]->post(Ask{[&](Shard* self) {
    all = self->waiting_tasks(*key);
    answered.set_value();
  }});
  answered.get_future().wait();
  return all;
}

std::vector<MapRunProgress> HostImpl::progress(std::string_view execution_arn) const {
  std::vector<MapRunProgress> all;
  const auto key = query_.find_execution(execution_arn);
  if (!key) return all;
  ask_all([&](Shard& shard) {
    for (MapRunProgress& one : shard.progress_of_parent(*key)) all.push_back(std::move(one));
  });
  uint64_t queued = 0;
  if (functions_ != nullptr) {
    for (const lambda::FunctionStatus& function : functions_->status()) queued += function.queued;
  }
  for (MapRunProgress& one : all) one.queued_invocations = queued;
  std::ranges::sort(all, {}, &MapRunProgress::number);
  return all;
}

std::optional<MapRunProgress> HostImpl::map_run_progress(std::string_view map_run_arn) const {
  const auto record = query_.map_run(map_run_arn);
  if (!record) return std::nullopt;
  std::optional<MapRunProgress> found;
  ask_all([&](Shard& shard) {
    if (auto one = shard.progress(record->number)) found = std::move(one);
  });
  const auto held = held_runs_.find(record->number);
  return found || held == held_runs_.end() ? found : std::optional(held->second);
}

std::vector<reading::ExecutionItem> HostImpl::running_children(std::string_view map_run_arn) const {
  std::vector<reading::ExecutionItem> children;
  const auto record = query_.map_run(map_run_arn);
  if (!record) return children;
  ask_all([&](Shard& shard) { shard.running_children(record->number, children); });
  std::ranges::sort(children, {}, [](const reading::ExecutionItem& c) { return ~c.key.index; });
  return children;
}

metrics::Registry HostImpl::metrics() const {
  metrics::Registry all;
  ask_all([&](Shard& shard) { all.merge(shard.metrics()); });
  add_late(all);
  return all;
}

void HostImpl::add_late(metrics::Registry& registry) const {
  const LateTelemetry late = late_telemetry();
  if (late.spans > 0) registry.counter("weft.telemetry.late_spans", {}) += late.spans;
  if (late.log_lines > 0) registry.counter("weft.telemetry.late_log_lines", {}) += late.log_lines;
}

base::Result<std::optional<trace::DetailChoice>> HostImpl::detail(uint64_t map_run) const {
  if (auto live = detail_.choice(map_run)) return live;
  return query_.detail(map_run);
}

bool HostImpl::store_spans(const std::vector<telemetry::SpanBlock>& blocks, Moment until) {
  TurnCommit commit;
  for (const telemetry::SpanBlock& block : blocks) {
    commit.spans.push_back({.key = block.key,
                            .sequence = next_span_block_++,
                            .count = static_cast<uint32_t>(block.spans.size()),
                            .bytes = trace::encode_inner_spans(block.spans),
                            .pin = std::ranges::any_of(block.spans, trace::is_kept_by_hand)});
  }
  return store_telemetry(std::move(commit), until);
}

bool HostImpl::store_logs(const std::vector<telemetry::LogBlock>& blocks, Moment until) {
  TurnCommit commit;
  for (const telemetry::LogBlock& block : blocks) {
    commit.spans.push_back({.key = block.key,
                            .sequence = next_span_block_++,
                            .count = static_cast<uint32_t>(block.lines.size()),
                            .bytes = trace::encode_log_lines(block.lines),
                            .family = store::Family::kLog});
    std::string_view last;  // lines of a call stand together
    for (const trace::LogLine& line : block.lines) {
      if (line.request_id.empty() || line.request_id == last) continue;
      last = line.request_id;
      commit.batch.put(store::Family::kName, records::request_key(last),
                       records::execution_key(block.key.execution()));
    }
  }
  return store_telemetry(std::move(commit), until);
}

bool HostImpl::store_telemetry(TurnCommit commit, Moment until) {
  const size_t bytes = commit.bytes();
  {
    const sync::MutexLock lock(telemetry_mutex_);
    while (telemetry_bytes_ >= base::kSpanQueueBytesMax &&
           telemetry_written_.wait_until(telemetry_mutex_, until)) {
    }
    if (telemetry_bytes_ >= base::kSpanQueueBytesMax) return false;
    telemetry_bytes_ += bytes;
  }
  const auto written = [this, bytes] {
    const sync::MutexLock lock(telemetry_mutex_);
    WEFT_CHECK(telemetry_bytes_ >= bytes);  // R18: what waits for the disk has a bound
    telemetry_bytes_ -= bytes;
    telemetry_written_.notify_all();
  };
  commit.effects.emplace_back(Notify{written});
  if (committer_->submit_until(commit, until)) return true;
  written();
  return false;
}

base::Result<importing::ImportReport> HostImpl::import_lines(
    std::vector<cloudwatch::LogEvent>&& lines) {
  const sync::MutexLock lock(import_mutex_);
  importing::Import into(store_, *this, base::Text());
  for (cloudwatch::LogEvent& line : lines) into.add(std::move(line));
  lines.clear();
  return into.finish();
}

bool HostImpl::wait(std::string_view execution_arn, int64_t deadline_ms) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(deadline_ms);
  const sync::MutexLock lock(closed_mutex_);
  while (true) {
    // Read under the lock: a close that comes later raises the signal later.
    const auto view = query_.execution(execution_arn);
    if (!view || view->status != history::ExecutionStatus::kRunning) return true;
    if (!closed_signal_.wait_until(closed_mutex_, deadline)) return false;
  }
}

}  // namespace

base::Result<std::unique_ptr<Host>> Host::open(HostOptions options, store::Store& store,
                                               lambda::FunctionPool* functions,
                                               s3::BucketRegistry* buckets) {
  WEFT_CHECK(options.clock != nullptr);
  if (options.shards == 0) options.shards = std::max(1u, std::thread::hardware_concurrency());
  auto keys = store_keys(store);
  if (!keys) return std::unexpected(keys.error());
  auto host =
      std::make_unique<HostImpl>(std::move(options), store, functions, buckets, std::move(*keys));
  if (auto started = host->start(); !started) return std::unexpected(started.error());
  return host;
}

}  // namespace weft::running
