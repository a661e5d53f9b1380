#include "running/shard.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/mix.h"
#include "history/codec.h"
#include "records/request_id.h"
#include "running/shard_state.h"

namespace weft::running {
namespace {

// Whose turn_clock() this thread reads.
thread_local Shard* shard_at_work = nullptr;

// One well-mixed number from a seed and a place.
uint64_t mix(uint64_t seed, uint64_t a, uint64_t b, uint64_t c) {
  uint64_t x = seed;
  for (const uint64_t part : {a, b, c}) x = base::mix64(x + part + base::kMixStep);
  return x;
}

// Map Run ids for one turn.
class TurnRunIds : public engine::MapRunIds {
 public:
  TurnRunIds(RunNumbers& numbers, const arn::ChildNames& names, const arn::Home& identity,
             std::string machine)
      : numbers_(numbers), names_(names), identity_(identity), machine_(std::move(machine)) {}
  std::pair<uint64_t, std::string> next_map_run(const engine::Identity&,
                                                const std::string& label) override {
    const uint64_t number = numbers_.next_run();
    return {number, map_run_arn(label, number)};
  }
  std::string map_run_arn(const std::string& label, uint64_t number) const override {
    return arn::map_run_arn(identity_, machine_, label, names_.map_run_uuid(number));
  }

 private:
  RunNumbers& numbers_;
  const arn::ChildNames& names_;
  const arn::Home& identity_;
  std::string machine_;
};

// Tokens of one execution's tasks, for one turn.
class TurnTokens : public engine::TaskTokens {
 public:
  TurnTokens(const ShardSettings& settings, history::ExecutionKey key)
      : settings_(settings), key_(key) {}
  std::string token(uint32_t task) const override {
    return settings_.tokens == nullptr ? std::string() : settings_.tokens->token({key_, task});
  }
  bool activity_exists(std::string_view arn) const override {
    return settings_.activity_exists && settings_.activity_exists(arn);
  }

 private:
  const ShardSettings& settings_;
  history::ExecutionKey key_;
};

}  // namespace

Shard::Shard(uint32_t number, const ShardSettings& settings, const base::Clock& clock,
             CommitSink& commits, EffectSink& effects, RunNumbers& run_numbers)
    : number_(number),
      settings_(settings),
      child_names_(settings.child_name_key),
      clock_(clock),
      commits_(commits),
      effects_(effects),
      run_numbers_(run_numbers) {}

Shard::~Shard() = default;

int64_t Shard::turn_clock() {
  // Below this nobody notices; each look costs a walk along what waits.
  constexpr int64_t kSliceMs = 20;
  Shard& shard = *shard_at_work;
  const int64_t now_ms = shard.settings_.steady_clock_ms();
  if (shard.slice_start_ms_ == 0) shard.slice_start_ms_ = now_ms;
  const bool long_turn = now_ms - shard.slice_start_ms_ >= kSliceMs;
  // One within another at most: each has the stack of an evaluation.
  if (long_turn && shard.serve_ && shard.suspended_ == nullptr) shard.serve_others(now_ms);
  return now_ms - shard.away_ms_;
}

void Shard::serve_others(int64_t now_ms) {
  suspended_ = std::exchange(turning_, nullptr);
  const int64_t away_before = std::exchange(away_ms_, 0);
  serve_();
  turning_ = std::exchange(suspended_, nullptr);
  slice_start_ms_ = settings_.steady_clock_ms();
  // The last reading, `now_ms` less what was away before, holds for this moment too.
  away_ms_ = away_before + slice_start_ms_ - now_ms;
}

bool Shard::in_turn(history::ExecutionKey key) const {
  return suspended_ != nullptr && suspended_->key == key;
}

bool Shard::may_go_first(const Message* first, const Message* message) const {
  if (const auto* deliver = std::get_if<Deliver>(message))
    return deliver->key.run == 0 && !in_turn(deliver->key);
  if (const auto* answer = std::get_if<AnswerTask>(message))
    return answer->key.run == 0 && !in_turn(answer->key);
  if (const auto* end = std::get_if<EndMapRun>(message)) {
    return std::none_of(first, message, [&](const Message& each) {
      const auto* begin = std::get_if<BeginMapRun>(&each);
      return begin != nullptr && begin->run->record.number == end->run;
    });
  }
  return std::holds_alternative<StartTopLevel>(*message) ||
         std::holds_alternative<StopChildrenOf>(*message) || std::holds_alternative<Ask>(*message);
}

void Shard::handle(Message message) {
  std::visit([this](auto& one) { on(one); }, message);
}

Shard::Live& Shard::add_top_level(const records::ExecutionRecord& record) {
  // R4: an execution belongs to one shard, and to one place in it (ADR 3).
  WEFT_CHECK(record.key.run == 0 && owner(record.key, settings_.shards) == number_);
  WEFT_CHECK(!executions_.contains(record.key));
  auto live = std::make_unique<Live>();
  live->key = record.key;
  live->record = record;
  live->express = record.express;
  live->start_us = record.start_ms * 1'000;
  live->identity = {record.arn,
                    record.name,
                    record.machine_arn,
                    record.machine_name,
                    settings_.identity.region,
                    !record.express};
  live->measured = metrics_.begin(
      {.machine_name = record.machine_name, .machine_arn = record.machine_arn}, record.start_ms);
  return *(executions_[record.key] = std::move(live));
}

Shard::Live& Shard::add_child(std::shared_ptr<const RunInfo> run, uint64_t index, uint32_t lane,
                              uint32_t items) {
  auto live = std::make_unique<Live>();
  live->key = {run->record.number, index};
  WEFT_CHECK(run->record.number != 0 && owner(live->key, settings_.shards) == number_);  // R4
  WEFT_CHECK(!executions_.contains(live->key));                                          // R4, M5
  live->lane = lane;
  live->items = items;
  live->start_us = clock_.now_us();
  live->express = run->record.express;
  std::string name = child_names_.name(live->key);
  std::string arn = run->child_arn_prefix + name;
  if (live->express) arn += ':' + child_names_.express_uuid(live->key);
  live->identity = {std::move(arn), std::move(name), run->machine_arn, run->machine_name,
                    settings_.identity.region};
  live->state.program = run->program;
  live->state.root_block = run->processor;
  live->measured = metrics_.begin(kind_of(*run), live->start_us / 1'000);
  live->run = std::move(run);
  const history::ExecutionKey key = live->key;
  return *(executions_[key] = std::move(live));
}

void Shard::on(StartTopLevel& message) {
  Live& live = add_top_level(message.record);
  live.state.program = message.program;
  live.ended = std::move(message.ended);
  // R19: what is stored only at its end is Express: a Standard execution is there once it was
  // acknowledged.
  WEFT_CHECK(live.express || !message.synchronous);
  TurnCommit commit;
  if (!message.synchronous) {
    commit.batch.put(store::Family::kExecution, records::execution_key(message.record.key),
                     records::encode(message.record));
  }
  // The name of an Express execution is not unique, and its ARN leads to its key.
  if (!live.express) {
    commit.batch.put(store::Family::kName,
                     records::name_key(message.record.machine_name, message.record.name),
                     records::execution_key(message.record.key));
  }
  if (message.started) commit.effects.emplace_back(Notify{std::move(message.started)});
  // One that starts again after a crash has its time once more: else a server that was down for
  // long would lose what it acknowledged.
  limit_time(live, message.program->timeout_seconds,
             live.express ? clock_.now_ms() : message.record.start_ms);
  advance(live, engine::Begin{message.input, message.record.role_arn}, std::move(commit));
}

void Shard::on(StartChildExecution& message) {
  const std::string role_arn = message.run->record.role_arn;
  Live& live = add_child(std::move(message.run), message.index, message.lane, message.input.items);
  live.redrives = message.redrives;
  limit_time(live, std::nullopt, clock_.now_ms());
  const auto overtaken = overtaken_runs_.find(live.key.run);
  const bool stopped = overtaken != overtaken_runs_.end() && (!live.express || overtaken->second);
  advance(live, engine::Begin{std::move(message.input.input), role_arn, stopped});
}

void Shard::limit_time(Live& live, std::optional<int64_t> timeout_seconds, base::UnixMs start_ms) {
  std::optional<int64_t> limit_ms;
  if (timeout_seconds) limit_ms = *timeout_seconds * 1'000;
  if (live.express)
    limit_ms = std::min(limit_ms.value_or(settings_.express_ms_max), settings_.express_ms_max);
  if (!limit_ms) return;
  add_timer(
      live,
      {.due_ms = start_ms + *limit_ms, .key = live.key, .scope = 0, .task = kExecutionDeadline});
}

void Shard::on(Deliver& message) {
  WEFT_CHECK(owner(message.key, settings_.shards) == number_);  // R4
  const auto found = executions_.find(message.key);
  if (!message.settled) {
    if (found != executions_.end()) advance(*found->second, message.input);
    return;
  }
  // An input that changes nothing comes after one that did: that is durable before this is said.
  auto said = std::make_shared<std::move_only_function<void()>>(std::move(message.settled));
  const auto settling = [&said] {
    TurnCommit commit;
    commit.effects.emplace_back(Notify{[said] { (*said)(); }});
    return commit;
  };
  if (found == executions_.end() || !advance(*found->second, message.input, settling()))
    commits_.submit(settling());
}

std::optional<size_t> Shard::history_bytes_left(const Live& live) {
  if (!live.express) return std::nullopt;
  return engine::kExpressHistoryBytesMax -
         std::min(engine::kExpressHistoryBytesMax, live.kept_bytes);
}

bool Shard::advance(Live& live, const engine::Input& input, TurnCommit commit) {
  // R5: an execution is a top-level one with a record, or a child with a Map Run.
  WEFT_CHECK(live.record.has_value() != (live.run != nullptr));
  // R6: a turn is decided for an execution that is open: one that has ended is in no shard.
  WEFT_CHECK(!live.state.closed() || std::holds_alternative<engine::Redrive>(input));
  json::Arena& arena = suspended_ == nullptr ? arena_ : inner_arena_;
  arena.reset();
  shard_at_work = this;
  turning_ = &live;
  slice_start_ms_ = away_ms_ = 0;
  const TurnTokens tokens(settings_, live.key);
  TurnRunIds run_ids(run_numbers_, child_names_, settings_.identity,
                     live.run ? live.run->record.machine_name : live.record->machine_name);
  const engine::Surroundings surroundings{
      .identity = live.identity,
      .now_ms = now_us(live) / 1'000,
      .random_seed = mix(settings_.seed, live.key.run, live.key.index, live.turns),
      .state_data_bytes_max = settings_.state_data_bytes_max,
      .arena = arena,
      .map_run_ids = run_ids,
      .task_tokens = tokens,
      .history_events_max = live.express ? 0 : base::kHistoryEventsMax,
      .history_bytes_left = history_bytes_left(live),
      .clock = settings_.steady_clock_ms == nullptr ? nullptr : &turn_clock,
  };
  engine::Decision decision = engine::decide(live.state, input, surroundings);
  if (decision.events.empty() && decision.actions.empty()) return false;
  if (live.winding_down) begin_nothing(live, decision, surroundings);
  if (live.run) {
    for (const history::Event& event : decision.events) live.row.add(event);
  }
  // R7: actions follow from events of their turn: recovery finds in these what has left.
  WEFT_CHECK(!decision.events.empty());
  metrics_.record(live.measured, decision.events);
  if (live.express) {
    keep(live, std::move(decision.events), commit);
  } else {
    std::string bytes;
    history::encode_turn({std::move(decision.events)}, bytes);
    commit.batch.put(store::Family::kTurn, records::turn_key(live.key, live.turns),
                     std::move(bytes));
  }
  ++live.turns;
  take_actions(live, decision.actions, commit);
  if (live.redriven) commit.effects.emplace_back(Notify{std::exchange(live.redriven, nullptr)});
  const history::ExecutionKey key = live.key;
  const bool closed = live.state.closed();
  if (closed) close(live, commit);
  // Where nothing is stored, the effects pass the committer all the same: they keep their order.
  if (!commit.batch.empty() || !commit.effects.empty()) commits_.submit(std::move(commit));
  if (closed) executions_.erase(key);
  return true;
}

// An Express execution is in the store twice at most, under one key: as it starts, when somebody
// was promised that it will run, and as it ended.
void Shard::keep(Live& live, std::vector<history::Event> events, TurnCommit& commit) {
  for (const history::Event& event : events) live.kept_bytes += engine::kept_bytes(event);
  const bool starts = !commit.batch.empty();
  // R20: an Express execution is stored whole: from its first event on.
  WEFT_CHECK(live.turns == 0 || !starts);
  history::TurnEvents turn;
  if (live.state.closed()) {
    turn.events = std::move(live.kept);
    std::ranges::move(events, std::back_inserter(turn.events));
  } else {
    if (starts) turn.events = events;
    std::ranges::move(events, std::back_inserter(live.kept));
  }
  if (turn.events.empty()) return;
  WEFT_CHECK(turn.events.front().type == history::EventType::kExecutionStarted);  // R20
  std::string bytes;
  history::encode_turn(turn, bytes);
  commit.batch.put(store::Family::kTurn, records::turn_key(live.key, 0), std::move(bytes));
}

// Of an Express execution not the one of an earlier run, whose tasks may have come in another
// order.
std::string Shard::request_id(const Live& live, uint32_t task) const {
  const uint64_t key = settings_.child_name_key;
  return records::request_id(live.express ? base::mix64(key ^ settings_.seed) : key, live.key,
                             task);
}

integrations::TaskRequest Shard::task_request(const Live& live,
                                              const engine::InvokeTask& action) const {
  const engine::Scope* scope = live.state.find(action.scope);
  return {.key = live.key,
          .scope = action.scope,
          .task = action.task,
          .request_id = request_id(live, action.task),
          .program = live.state.program,
          .state = action.state,
          .parameters = action.parameters,
          .execution_arn = live.identity.execution_arn,
          .execution_trace = live.record ? live.record->trace : live.run->record.trace,
          .entered_ms = scope == nullptr ? 0 : scope->entered_ms,
          .retry_count = scope == nullptr ? 0 : scope->retry_count,
          .detail = live.record ? records::detail_key(*live.record) : history::DetailKey(live.key)};
}

void Shard::take_actions(Live& live, std::vector<engine::Action>& actions, TurnCommit& commit) {
  for (engine::Action& action : actions) {
    if (auto* invoke = std::get_if<engine::InvokeTask>(&action)) {
      set_deadline(live, invoke->scope, invoke->task, invoke->deadline_ms);
      expect_heartbeat(live, invoke->scope, invoke->task, invoke->heartbeat_seconds);
      commit.effects.emplace_back(task_request(live, *invoke));
    } else if (auto* out = std::get_if<engine::HandOut>(&action)) {
      expect_heartbeat(live, out->scope, out->task, out->heartbeat_seconds);
      commit.effects.emplace_back(integrations::HandOutRequest{
          request_id(live, out->task), TurnTokens(settings_, live.key).token(out->task)});
    } else if (auto* answer = std::get_if<engine::AwaitAnswer>(&action)) {
      set_deadline(live, answer->scope, answer->task, answer->deadline_ms);
      expect_heartbeat(live, answer->scope, answer->task, answer->heartbeat_seconds);
    } else if (auto* cancel = std::get_if<engine::CancelTask>(&action)) {
      commit.effects.emplace_back(integrations::CancelRequest{request_id(live, cancel->task)});
    } else if (auto* wake = std::get_if<engine::WakeAt>(&action)) {
      add_timer(live, {.due_ms = wake->due_ms,
                       .key = live.key,
                       .scope = wake->scope,
                       .task = 0,
                       .timestamp = wake->timestamp});
    } else if (auto* start = std::get_if<engine::StartMapRun>(&action)) {
      start_map_run(live, *start, commit);
    } else if (auto* redrive = std::get_if<engine::RedriveMapRun>(&action)) {
      commit.effects.emplace_back(
          Send{owner_of_run(redrive->map_run, settings_.shards),
               RedriveRun{redrive->map_run, redrive->redrives, live.state.program}});
    } else if (auto* stop = std::get_if<engine::StopMapRun>(&action)) {
      commit.effects.emplace_back(
          Send{owner_of_run(stop->map_run, settings_.shards), EndMapRun{stop->map_run}});
    } else if (std::holds_alternative<engine::Yield>(action)) {
      commit.effects.emplace_back(Send{number_, Deliver{live.key, engine::Continue{}}});
    }
  }
}

void Shard::set_deadline(Live& live, engine::ScopeId scope, uint32_t task,
                         std::optional<base::UnixMs> deadline_ms) {
  if (deadline_ms)
    add_timer(live, {.due_ms = *deadline_ms, .key = live.key, .scope = scope, .task = task});
}

history::ChildRow Shard::row_of(const Live& live) const {
  history::ChildRow row = live.row.row();
  row.index = live.key.index;
  row.redrives = static_cast<uint8_t>(
      std::min<uint32_t>(live.redrives + row.redrives, history::kRowRedrivesMax));
  // The clock tells microseconds, events milliseconds.
  row.duration_us = std::max<int64_t>(0, now_us(live) - live.start_us);
  row.lane = live.lane;
  row.items = live.items;
  row.turns = live.express ? 1 : live.turns;
  return row;
}

void Shard::tell_ended(history::ExecutionKey key, const std::optional<history::ChildRow>& row,
                       TurnCommit& commit) {
  if (!settings_.ended) return;
  commit.effects.emplace_back(
      Notify{[&settings = settings_, key, row] { settings.ended(key, row); }});
}

void Shard::close(Live& live, TurnCommit& commit) {
  // R8: what ends has a final status, and nothing of it wakes anybody afterwards.
  WEFT_CHECK(live.state.closed() && live.state.scopes.empty());
  remove_timers(live);
  WEFT_CHECK(live.timers.empty());
  if (live.record) {
    live.record->status = live.state.status;
    live.record->stop_ms = live.state.stop_ms;
    commit.batch.put(store::Family::kExecution, records::execution_key(live.key),
                     records::encode(*live.record));
    if (settings_.closed)
      commit.effects.emplace_back(
          Notify{[&settings = settings_, key = live.key] { settings.closed(key); }});
    tell_ended(live.key, std::nullopt, commit);
    if (live.ended) commit.effects.emplace_back(Notify{std::move(live.ended)});
    return;
  }
  const history::ChildRow row = row_of(live);
  tell_ended(live.key, row, commit);
  commit.row_run = live.key.run;
  commit.row = row;
  commit.effects.emplace_back(
      Send{owner_of_run(live.key.run, settings_.shards), MapRunChildEnded{live.key.run, row}});
}

}  // namespace weft::running
