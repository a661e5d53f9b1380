#include "world.h"

#include <algorithm>

#include <fmt/format.h>

#include "asl/resource.h"
#include "detail.h"
#include "history/codec.h"
#include "integrations/s3/item_pages.h"
#include "integrations/task_router.h"
#include "json/parse.h"
#include "maprun/slice.h"
#include "nested.h"
#include "records/content_hash.h"
#include "running/committer.h"
#include "running/recovery.h"
#include "running/results.h"

namespace weft::sim {
namespace {

constexpr uint64_t kStepsMax = 2'000'000;
constexpr size_t kStateDataBytesMax = 262'144;
constexpr uint32_t kShards = 3;
constexpr int kWorkers = 2;
constexpr size_t kSectorBytes = 512;

// One after another, as the log of the store has them; with the mark that ends it.
std::string logged(const store::Batch& batch, const store::CommitMark& before,
                   store::CommitMark& mark) {
  std::string bytes;
  for (const store::Batch::Write& write : batch.writes()) {
    bytes += static_cast<char>(write.family);
    bytes += write.removal ? 'd' : 'p';
    for (const std::string* part : {&write.key, &write.value}) {
      store::append_u64(bytes, part->size());
      bytes += *part;
    }
  }
  mark = store::next_mark(before, 1, bytes);
  return bytes + encode(mark);
}

}  // namespace

World::World(uint64_t seed, const std::string& definition, const std::string& input, Faults faults,
             std::map<std::string, Failures> failures)
    : random_(seed ^ 0x5EED),
      detail_random_(seed ^ 0xDE7A11),
      failures_(std::move(failures)),
      definition_(definition),
      input_(input),
      faults_(faults),
      store_(store::open_memory()),
      programs_(*store_),
      tokens_(std::string(tokens::TaskTokens::kKeyBytes, static_cast<char>(seed))) {
  settings_.child_name_key = seed;
  settings_.shards = kShards;
  settings_.state_data_bytes_max = kStateDataBytesMax;
  settings_.seed = seed;
  // Time limits are not what is looked for: the reference knows none.
  settings_.express_ms_max = 1'000'000'000;
  settings_.detail_budget = detail_random_() % 5;
  if (detail_random_() % 3 == 0) settings_.detail_bytes = 100 + detail_random_() % 400;
  machine_.name = "sim";
  machine_.arn = arn::machine_arn(settings_.identity, "sim");
  machine_.role_arn = "arn:aws:iam::000000000000:role/sim";
  machine_.definition_hash = records::content_hash(definition);
  std::string key;
  store::append_u64(key, seed);
  store::Batch batch;
  batch.put(store::Family::kMeta, "child-name-key", key);
  batch.put(store::Family::kDefinition, machine_.definition_hash, definition);
  batch.put(store::Family::kMachine, machine_.name, encode(machine_));
  const std::string inner = inner_machine();
  const records::MachineRecord inner_record{.name = kInnerName,
                                            .arn = arn::machine_arn(settings_.identity, kInnerName),
                                            .role_arn = machine_.role_arn,
                                            .definition_hash = records::content_hash(inner)};
  batch.put(store::Family::kDefinition, inner_record.definition_hash, inner);
  batch.put(store::Family::kMachine, inner_record.name, encode(inner_record));
  (void)store_->commit(std::move(batch));
  query_.emplace(*store_, settings_.identity);
  settings_.closed = [this](history::ExecutionKey key) { nested_->ended(key); };
  settings_.tokens = &tokens_;
  settings_.activity_exists = [](std::string_view arn) { return arn == kActivityArn; };
  holders_.emplace(
      Holders::Ports{
          .send =
              [this](const tokens::TaskPlace& place, running::TaskAnswer answer,
                     std::function<void(bool)> told) {
                deliver(
                    running::Shard::owner(place.key, kShards),
                    running::AnswerTask{place.key, place.task, std::move(answer), std::move(told)});
              },
          .later = [this](int64_t delay_us,
                          std::function<void()> step) { later(delay_us, std::move(step)); },
          .draw = [this](int64_t max) { return draw(max); },
          .violate = [this](std::string what) { violate(std::move(what)); }},
      faults_.duplicate_percent);
  for (int i = 0; i < faults_.crashes; ++i)
    crash_times_us_.push_back(now_us_ + draw(i == 0 ? 200'000 : 20'000'000));
  std::ranges::sort(crash_times_us_);
  timeline_.emplace();
  for (int i = 0; i < faults_.clock_jumps; ++i)
    jump_times_us_.push_back(now_us_ + draw(i == 0 ? 1'000'000 : 20'000'000));
  std::ranges::sort(jump_times_us_);
  for (int i = 0; i < faults_.updates; ++i)
    update_times_us_.push_back(now_us_ + draw(i == 0 ? 500'000 : 10'000'000));
  std::ranges::sort(update_times_us_);
  redrives_left_ = faults_.redrives;
  if (faults_.stop_after_us != 0) stop_at_us_ = now_us_ + faults_.stop_after_us;
}

World::~World() = default;

void World::later(int64_t delay_us, Step step) {
  steps_.emplace(std::pair(now_us_ + delay_us, next_step_++), std::move(step));
}

void World::boot() {
  shards_.clear();
  detail_.emplace(*store_);
  nested_.emplace(static_cast<running::ExecutionStarts&>(*this),
                  [this](std::move_only_function<void()> job) {
                    later(draw(faults_.latency_us_max), std::move(job));
                  });
  activities_.emplace();
  for (int i = 0; i < kWorkers; ++i) poll();
  arrivals_us_.assign(kShards, 0);
  for (uint32_t i = 0; i < kShards; ++i) {
    shards_.push_back(std::make_unique<running::Shard>(i, settings_, *this, *this, *this, *this));
  }
  auto recovered = running::recover(*store_, programs_, settings_,
                                    [this](uint32_t i) -> running::Shard& { return *shards_[i]; });
  if (!recovered) return violate("recovery failed: " + recovered.error().message);
  next_run_ = recovered->next_run;
  next_execution_ = std::max<uint64_t>(2, recovered->next_execution);  // 1: the outermost
  next_chunk_ = recovered->next_chunk;
  for (auto& shard : shards_) shard->resume();
  for (auto& collect : recovered->unreported) perform(std::move(collect));
  for (auto& message : recovered->undelivered) {
    const uint32_t shard = running::Shard::owner(message.key, kShards);
    deliver(shard, std::move(message));
  }
  for (running::RedriveRun& redrive : recovered->redrives) {
    const uint32_t shard = running::Shard::owner_of_run(redrive.run, kShards);
    deliver(shard, std::move(redrive));
  }
  for (running::StartTopLevel& again : recovered->restarts) {
    const uint32_t shard = running::Shard::owner(again.record.key, kShards);
    deliver(shard, std::move(again));
  }
}

void World::crash() {
  ++crashes_done_;
  steps_.clear();
  lose_power();
  timeline_.emplace();
  syncing_ = false;
  redriving_ = false;
  boot();
  if (acknowledged_ && execution().arn.empty()) violate("an acknowledged start was lost");
  // What was never acknowledged, the client tries again.
  if (execution().arn.empty()) start_execution();
  if (stop_asked_ && !closed()) stop_execution();
  holders_->crashed();
}

void World::start_execution() {
  records::ExecutionRecord record;
  record.key = {0, 1};
  record.name = "run";
  record.express = faults_.express;
  record.arn = record.express
                   ? arn::express_arn(settings_.identity, "sim",
                                      "run:" + query_->child_names().express_uuid(record.key))
                   : arn::execution_arn(settings_.identity, "sim", "run");
  record.machine_name = machine_.name;
  record.machine_arn = machine_.arn;
  record.role_arn = machine_.role_arn;
  record.definition_hash = machine_.definition_hash;
  record.start_ms = now_ms();
  auto program = programs_.get(machine_.definition_hash);
  if (!program) return violate("the machine does not compile: " + program.error().message);
  deliver(running::Shard::owner(record.key, kShards),
          running::StartTopLevel{record, *program, base::Text(input_),
                                 [this] { acknowledged_ = true; }});
}

void World::stop_execution() {
  stop_asked_ = true;
  const history::ExecutionKey key{0, 1};
  const uint32_t shard = running::Shard::owner(key, kShards);
  deliver(shard, running::Deliver{key, engine::Stop{}});
  stop_arrives_us_ = arrivals_us_[shard];
}

records::ExecutionRecord World::execution() const {
  const auto bytes = store_->get(store::Family::kExecution, records::execution_key({0, 1}));
  return records::decode_execution(bytes->value_or("")).value_or(records::ExecutionRecord());
}

bool World::closed() const {
  const auto record = execution();
  return !record.arn.empty() && record.status != history::ExecutionStatus::kRunning;
}

bool World::step() {
  std::optional<int64_t> due;  // in so many microseconds
  for (const auto& shard : shards_) {
    const auto one = shard->until_due_us();
    if (one && (!due || *one < *due)) due = one;
  }
  if (steps_.empty() && !due) return false;
  int64_t next_us = INT64_MAX;
  if (!steps_.empty()) next_us = steps_.begin()->first.first;
  if (due) next_us = std::min(next_us, now_us_ + std::max<int64_t>(*due, 0));
  if (stop_at_us_ <= next_us) {
    now_us_ = std::max(now_us_, stop_at_us_);
    stop_at_us_ = INT64_MAX;
    stop_execution();
    return true;
  }
  if (!crash_times_us_.empty() && crash_times_us_.front() <= next_us) {
    now_us_ = std::max(now_us_, crash_times_us_.front());
    crash_times_us_.erase(crash_times_us_.begin());
    crash();
    return true;
  }
  if (!jump_times_us_.empty() && jump_times_us_.front() <= next_us) {
    now_us_ = std::max(now_us_, jump_times_us_.front());
    jump_times_us_.erase(jump_times_us_.begin());
    wall_ahead_us_ = (draw(2 * kClockJumpMsMax) - kClockJumpMsMax) * 1'000;
    return true;
  }
  if (!update_times_us_.empty() && update_times_us_.front() <= next_us) {
    now_us_ = std::max(now_us_, update_times_us_.front());
    update_times_us_.erase(update_times_us_.begin());
    update_map_run();
    return true;
  }
  now_us_ = std::max(now_us_, next_us);
  if (!steps_.empty() && steps_.begin()->first.first <= now_us_) {
    Step one = std::move(steps_.begin()->second);
    steps_.erase(steps_.begin());
    one();
  } else {
    for (auto& shard : shards_) shard->fire_due();
  }
  return true;
}

bool World::run() {
  boot();
  start_execution();
  for (uint64_t i = 0; i < kStepsMax; ++i) {
    if (!violations_.empty()) return false;
    // Sometimes before what it stopped has ended.
    if (redrives_left_ > 0 && i % 64 == 0 && draw(1) == 0) (void)redrive_execution();
    if (!step()) {
      if (redrive_execution()) continue;
      if (closed()) return true;
      violate("nothing is left to happen, but the execution is still running");
      return false;
    }
  }
  violate(fmt::format("not ended after {} steps", kStepsMax));
  return false;
}

void World::submit(running::TurnCommit commit) {
  if (faults_.release_before_commit) {
    for (running::Effect& effect : commit.effects) perform(std::move(effect));
    commit.effects.clear();
  }
  unsynced_.push_back(std::move(commit));
  if (syncing_) return;
  syncing_ = true;
  later(1 + draw(faults_.sync_us_max), [this] { sync(); });
}

store::Batch World::take_batch(size_t count, std::vector<running::Effect>& effects) {
  const auto end = unsynced_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<running::TurnCommit> taken(std::make_move_iterator(unsynced_.begin()),
                                         std::make_move_iterator(end));
  unsynced_.erase(unsynced_.begin(), end);
  store::Batch choice = detail_->choose(taken);
  for (const running::TurnCommit& commit : taken) {
    for (const auto& spans : commit.spans) spans_written_[spans.key].insert(spans.sequence);
  }
  store::Batch batch = running::merge_commits(taken, next_chunk_++, effects);
  batch.append(std::move(choice));
  return batch;
}

void World::sync() {
  // Any number of the queued turns makes it into this write, in order.
  const auto count = static_cast<size_t>(1 + draw(static_cast<int64_t>(unsynced_.size()) - 1));
  syncing_ = count < unsynced_.size();
  if (syncing_) later(1 + draw(faults_.sync_us_max), [this] { sync(); });
  std::vector<running::Effect> effects;
  store::Batch batch = take_batch(count, effects);
  (void)logged(batch, newest_, newest_);
  (void)store_->commit(std::move(batch));
  ++commits_done_;
  for (std::string& what : check_detail_budgets(*store_)) violate(std::move(what));
  for (std::string& what : check_nested_starts(*store_)) violate(std::move(what));
  for (running::Effect& effect : effects) perform(std::move(effect));
}

void World::lose_power() {
  if (unsynced_.empty()) return;
  const auto before = spans_written_;
  const auto count = static_cast<size_t>(1 + draw(static_cast<int64_t>(unsynced_.size()) - 1));
  std::vector<running::Effect> lost;
  store::Batch batch = take_batch(count, lost);
  unsynced_.clear();
  store::CommitMark mark;
  const std::string whole = logged(batch, newest_, mark);
  std::string left = whole;
  switch (draw(3)) {
    case 0:  // none of it
      left.clear();
      break;
    case 1:  // all of it, and nobody was told
      break;
    case 2:  // the beginning
      left.resize(static_cast<size_t>(draw(static_cast<int64_t>(whole.size()))));
      break;
    default:  // some sectors were written and others not
      for (size_t at = 0; at < left.size(); at += kSectorBytes) {
        if (draw(1) == 0)
          left.replace(at, kSectorBytes, std::min(kSectorBytes, left.size() - at), '\0');
      }
  }
  // What the store does with the end of its log: a commit is whole, or it is not there.
  const size_t body = left.size() - std::min(left.size(), store::kCommitMarkBytes);
  const auto found = store::decode_commit_mark(std::string_view(left).substr(body));
  const bool intact =
      found && *found == store::next_mark(newest_, 1, std::string_view(left).substr(0, body));
  if (intact != (left == whole)) violate("the end of the log was not judged as what it is");
  if (!intact) {
    spans_written_ = before;
    return;
  }
  newest_ = mark;
  (void)store_->commit(std::move(batch));
  ++commits_done_;
  // A task that a worker was to have is not given to another: this one has it, and the server died
  // before it knew. One whose answer was lost on the way would let the task time out, as on AWS,
  // and the reference knows no time.
  for (running::Effect& effect : lost) {
    if (auto* hand_out = std::get_if<integrations::HandOutRequest>(&effect)) on(*hand_out);
  }
}

void World::perform(running::Effect effect) {
  std::visit([this](auto& one) { on(one); }, effect);
}

void World::deliver(uint32_t shard, running::Message message) {
  auto shared = std::make_shared<running::Message>(std::move(message));
  int64_t& arrival_us = arrivals_us_[shard];
  arrival_us = std::max(arrival_us, now_us_ + draw(faults_.latency_us_max));
  later(arrival_us - now_us_,
        [this, shard, shared] { shards_[shard]->handle(std::move(*shared)); });
}

void World::on(running::Send& send) {
  if (auto* start = std::get_if<running::StartChildExecution>(&send.message))
    check_child_is_durable(*start);
  deliver(send.shard, std::move(send.message));
}

// Of a function: too late, the answer may still come. Of a nested execution its stop is on its way:
// the moment that a crash is most likely to be forgotten in.
void World::on(integrations::CancelRequest& request) {
  nested_->cancel(request.request_id);
  activities_->cancel(request.request_id);
  if (crash_times_us_.empty() || draw(1) == 0) return;
  crash_times_us_.front() = now_us_ + draw(faults_.sync_us_max + faults_.latency_us_max);
}

void World::on(integrations::DeadlineRequest& request) {
  deliver(running::Shard::owner(request.key, kShards), running::TaskOverdue{request, {}});
}

void World::start_nested(const integrations::TaskRequest& request) {
  nested_->run(request, [this, key = request.key](engine::Input input) {
    deliver(running::Shard::owner(key, kShards), running::Deliver{key, std::move(input)});
  });
}

void World::start(running::StartExecution start, Task by, Done done) {
  auto machine = query_->machine(start.machine_arn);
  if (!machine) return done(std::unexpected(machine.error()));
  auto program = programs_.get(machine->definition_hash);
  if (!program) return done(std::unexpected(program.error()));
  const auto known =
      query_->find_execution(arn::execution_arn(settings_.identity, machine->name, start.name));
  if (known) return done(Started{.record = *query_->execution_record(*known), .known = true});
  records::ExecutionRecord record;
  record.key = {0, next_execution_++};
  record.name = start.name;
  record.arn = arn::execution_arn(settings_.identity, machine->name, start.name);
  record.machine_name = machine->name;
  record.machine_arn = machine->arn;
  record.role_arn = machine->role_arn;
  record.definition_hash = machine->definition_hash;
  record.started_by = std::move(by.request_id);
  record.detail_of = by.child;
  record.waiter = by.waiter;
  record.waiting_task = by.waiting_task;
  record.start_ms = now_ms();
  deliver(running::Shard::owner(record.key, kShards),
          running::StartTopLevel{record, *program, start.input,
                                 [record, done = std::move(done)]() mutable {
                                   done(Started{.record = std::move(record)});
                                 }});
}

void World::stop(history::ExecutionKey key) {
  deliver(running::Shard::owner(key, kShards), running::Deliver{key, engine::Stop{}});
}

// What a child's function says about itself, in one or two pieces, perhaps after the child's end;
// or that of an execution nested in the child.
void World::send_spans(history::DetailKey place) {
  for (uint64_t pieces = 1 + detail_random_() % 2; pieces > 0; --pieces) {
    const auto delay_us = static_cast<int64_t>(detail_random_() % 700'000);
    later(delay_us, [this, place, bytes = 1 + detail_random_() % 120] {
      running::TurnCommit commit;
      commit.spans.push_back({place, next_span_++, 1, std::string(bytes, 's')});
      submit(std::move(commit));
    });
  }
}

void World::give_token(const std::string& token, std::string_view payload) {
  const auto place = tokens_.place(token);
  if (!place) return violate("a task's token is none: " + token);
  json::Arena arena;
  const json::Value what = json::parse(payload, arena)->find("Payload");
  if (what.find("token").as_string() != token)
    violate("a task's arguments have another token than its worker");
  holders_->give(token, *place,
                 plan_function(what.find("n").as_int(), what.find("attempt").as_int()));
}

void World::take_token_along(const integrations::TaskRequest& request) {
  give_token(tokens_.token({request.key, request.task}), request.parameters.view());
  later(draw(500'000), [this, key = request.key, scope = request.scope, task = request.task] {
    shards_[running::Shard::owner(key, kShards)]->handle(running::Deliver{
        key, engine::TaskSubmitted{.scope = scope, .task = task, .output = base::Text("{}")}});
  });
}

void World::start_activity(const integrations::TaskRequest& request) {
  activities_->run(request, [this, key = request.key](engine::Input input) {
    deliver(running::Shard::owner(key, kShards), running::Deliver{key, std::move(input)});
  });
}

void World::poll() {
  (void)activities_->poll({.activity = kActivityArn,
                           .until = activity::Moment::max(),
                           .answer = [this](std::optional<activity::Work> work) {
                             if (!work) return;
                             give_token(work->task_token, work->input.view());
                             later(draw(10'000), [this] { poll(); });
                           }});
}

void World::on(integrations::TaskRequest& request) {
  check_task_is_durable(request);
  const asl::TaskResource& resource = integrations::resource_of(request);
  if (resource.resource_type == "states") return start_nested(request);
  if (resource.kind == asl::TaskResource::Kind::kActivity) return start_activity(request);
  if (asl::answered_by_token(resource)) return take_token_along(request);
  if (request.detail.run != 0) send_spans(request.detail);
  json::Arena arena;
  const json::Value payload = json::parse(request.parameters.view(), arena)->find("Payload");
  const FunctionPlan plan =
      plan_function(payload.find("n").as_int(), payload.find("attempt").as_int());
  if (plan.kind == FunctionPlan::Kind::kHang) return;
  const int answers = draw(99) < faults_.duplicate_percent ? 2 : 1;
  for (int i = 0; i < answers; ++i) {
    engine::Input outcome;
    if (plan.kind == FunctionPlan::Kind::kFail) {
      outcome = engine::TaskFailed{
          .scope = request.scope, .task = request.task, .error = "Sim.Failed", .cause = "as drawn"};
    } else {
      outcome = engine::TaskSucceeded{
          .scope = request.scope,
          .task = request.task,
          .output = base::Text(fmt::format("{{\"Payload\":{{\"n\":{}}}}}", plan.answer))};
    }
    later(draw(500'000), [this, key = request.key, outcome = std::move(outcome)]() mutable {
      shards_[running::Shard::owner(key, kShards)]->handle(
          running::Deliver{key, std::move(outcome)});
    });
  }
}

void World::on(running::ReadItems& read) {
  later(draw(faults_.latency_us_max), [this, run = read.run->record.number,
                                       configuration = read.configuration, cursor = read.cursor] {
    shards_[running::Shard::owner_of_run(run, kShards)]->handle(
        running::MapRunPage{run, s3::state_page(*configuration, cursor)});
  });
}

void World::on(running::CollectResults& collect) {
  const auto bytes =
      store_->get(store::Family::kMapRun, records::map_run_key(collect.run->record.number));
  const auto record = records::decode_map_run(bytes->value_or(""));
  if (!record || record->status != records::MapRunStatus::kSucceeded) {
    violate("the results of a Map Run were asked for before its end was durable");
  }
  later(draw(faults_.latency_us_max), [this, collect] {
    const records::MapRunRecord& run = collect.run->record;
    auto result =
        running::collect_results(*store_, settings_.child_name_key, collect, kStateDataBytesMax);
    if (!result) return violate("the results could not be read: " + result.error().message);
    shards_[running::Shard::owner(run.parent, kShards)]->handle(running::Deliver{
        run.parent,
        engine::MapRunClosed{
            .map_run = run.number, .result = std::move(*result), .redrives = run.redrive_count}});
  });
}

bool World::is_express(history::ExecutionKey key) const {
  if (key.run != 0) {
    const auto run = query_->map_run(key.run);
    return run && run->express;
  }
  const auto record = query_->execution_record(key);
  return record && record->express;
}

void World::check_task_is_durable(const integrations::TaskRequest& request) {
  if (is_express(request.key)) return;
  uint32_t scheduled = 0;
  (void)store_->scan(store::Family::kTurn, records::turn_key(request.key, 0),
                     records::turn_key({request.key.run, request.key.index + 1}, 0), false,
                     [&](std::string_view, std::string_view value) {
                       const auto turn = history::decode_turn(value);
                       for (const history::Event& event : turn->events) {
                         scheduled += event.type == history::EventType::kTaskScheduled ||
                                              event.type == history::EventType::kActivityScheduled
                                          ? 1
                                          : 0;
                       }
                       return true;
                     });
  if (scheduled < request.task) {
    violate(fmt::format(
        "task {} of execution ({}, {}) was sent out before its TaskScheduled was durable",
        request.task, request.key.run, request.key.index));
  }
}

void World::check_child_is_durable(const running::StartChildExecution& start) {
  const uint64_t run = start.run->record.number;
  bool found = false;
  (void)store_->scan(store::Family::kSlice, records::slice_key(run, 0),
                     records::slice_key(run + 1, 0), false,
                     [&](std::string_view, std::string_view value) {
                       const auto slice = maprun::decode_slice(value);
                       found = start.index >= slice->first_index &&
                               start.index < slice->first_index + slice->children.size();
                       return !found;
                     });
  if (!found)
    violate(fmt::format("child {} of Map Run {} was started before its slice was durable",
                        start.index, run));
}

}  // namespace weft::sim
