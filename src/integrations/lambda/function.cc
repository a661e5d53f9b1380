#include "integrations/lambda/function.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "clock/system_clock.h"
#include "integrations/lambda/change.h"
#include "integrations/lambda/error_payload.h"
#include "integrations/lambda/runtime_api.h"
#include "sync/mutex.h"

namespace weft::lambda {
namespace {

using Outcome = InvocationResult::Outcome;

int64_t micros(Function::Clock::duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

}  // namespace

Function::Function(FunctionContext context, FunctionConfig config, LaunchPlan plan, std::string arn,
                   std::unique_ptr<FunctionLog> log)
    : context_(std::move(context)),
      config_(std::move(config)),
      plan_(std::move(plan)),
      arn_(std::move(arn)),
      log_(std::move(log)) {
  totals_.name = config_.name;
  totals_.arn = arn_;
}

void Function::invoke(Invocation invocation, std::string qualifier, Callback callback) {
  auto call = std::make_unique<Call>();
  call->invocation = std::move(invocation);
  call->qualifier = std::move(qualifier);
  call->callback = std::move(callback);
  call->invoked_at = Clock::now();
  Change change(*this, Change::Thread::kOther);
  if (closed_) return;
  queue_.push(std::move(call));
  balance(change);
}

std::string Function::undeliverable(const Invocation& invocation) const {
  const std::string& request_id = invocation.request_id;
  if (delivers_once()) {
    if (!invocation.again_since_ms) return "";
    if (context_.ledger &&
        !context_.ledger->may_have_been_out(request_id, *invocation.again_since_ms))
      return "";
    return fmt::format(
        "RequestId: {} Error: Weft ended when function '{}' may have worked on this call, and what "
        "came of it is not known: with unknown_outcome=fail it is not delivered again",
        request_id, config_.name);
  }
  if (config_.unknown_outcome == UnknownOutcome::kRedeliver || !context_.ledger) return "";
  const CallLedger::Deaths deaths = context_.ledger->deaths(request_id);
  if (deaths.its_doing < kCallDeathsMax && deaths.all < kCallEndsMax) return "";
  return fmt::format(
      "RequestId: {} Error: Weft died {} times in a row while function '{}' worked on this call, "
      "and the call may be the cause: it is not delivered again unless the function has "
      "unknown_outcome=redeliver",
      request_id, std::max(deaths.its_doing, deaths.all), config_.name);
}

void Function::note_out(Call& call) const {
  if (context_.ledger && !call.out) call.out = context_.ledger->begin(call.invocation.request_id);
}

bool Function::cancel(std::string_view request_id) {
  Change change(*this, Change::Thread::kOther);
  if (auto waiting = queue_.remove(request_id)) {
    // The callback may own things whose end calls us again: it goes after unlocking.
    change.then([call = std::move(waiting)] {});
    return true;
  }
  for (auto& [id, sandbox] : sandboxes_) {
    if (sandbox->state != Sandbox::State::kBusy ||
        sandbox->call->invocation.request_id != request_id)
      continue;
    change.then([call = std::move(sandbox->call)] {});
    kill(change, *sandbox);
    return true;
  }
  return false;
}

bool Function::withdraw(std::string_view request_id) {
  Change change(*this, Change::Thread::kOther);
  auto waiting = queue_.remove(request_id);
  if (!waiting) return false;
  change.then([call = std::move(waiting)] {});
  return true;
}

std::optional<Function::Clock::time_point> Function::starting_since(const Call& call) const {
  bool next = false;
  for (size_t n = 0; n < starting_ && !next; ++n) next = queue_.nth(n) == &call;
  std::optional<Clock::time_point> since;
  for (const auto& [id, sandbox] : sandboxes_) {
    if (next && sandbox->state == Sandbox::State::kStarting)
      since = since ? std::min(*since, sandbox->started_at) : sandbox->started_at;
  }
  return since;
}

std::optional<InvocationProgress> Function::progress(std::string_view request_id) const {
  const sync::MutexLock lock(mutex_);
  const auto now = Clock::now();
  if (const Call* call = queue_.find(request_id)) {
    const int64_t waited = micros(now - call->invoked_at);
    const auto since = starting_since(*call);
    const int64_t init = since ? std::min(waited, micros(now - *since)) : 0;
    return InvocationProgress{.queued_us = waited - init, .init_us = init};
  }
  for (const auto& [id, sandbox] : sandboxes_) {
    const Call* call = sandbox->call.get();
    if (call == nullptr || call->invocation.request_id != request_id) continue;
    return InvocationProgress{.started_ms = call->started_ms,
                              .queued_us = call->queued_us,
                              .init_us = call->init_us,
                              .run_us = micros(now - call->delivered_at),
                              .sandbox = id};
  }
  return std::nullopt;
}

FunctionStatus Function::status() const {
  const sync::MutexLock lock(mutex_);
  FunctionStatus status = totals_;
  status.queued = queue_.size();
  status.starting = starting_;
  for (const auto& [id, sandbox] : sandboxes_) {
    if (sandbox->state == Sandbox::State::kBusy) ++status.busy;
    if (sandbox->state == Sandbox::State::kParked) ++status.idle;
    if (sandbox->state == Sandbox::State::kReturning) ++status.idle;
  }
  return status;
}

FunctionDescription Function::describe() const {
  const bool interpreted = plan_.arguments.front() != plan_.source;
  return {.config = config_,
          .arn = arn_,
          .handler = plan_.environment.at("_HANDLER"),
          .interpreter = interpreted ? plan_.arguments.front() : "",
          .source = plan_.source};
}

void Function::close() {
  CallQueue queue;
  std::map<uint32_t, std::unique_ptr<Sandbox>> sandboxes;
  const sync::MutexLock lock(mutex_);
  closed_ = true;
  std::swap(queue, queue_);
  sandboxes.swap(sandboxes_);
  parked_.clear();
}

Sandbox* Function::find(uint32_t sandbox) {
  auto found = sandboxes_.find(sandbox);
  return found == sandboxes_.end() ? nullptr : found->second.get();
}

Sandbox* Function::find_busy(uint32_t sandbox, std::string_view request_id) {
  Sandbox* found = find(sandbox);
  if (found == nullptr || found->state != Sandbox::State::kBusy) return nullptr;
  return found->call->invocation.request_id == request_id ? found : nullptr;
}

void Function::balance(Change& change) {
  if (closed_ || retiring_) return;
  while (!queue_.empty() && !parked_.empty()) {
    Sandbox& sandbox = *sandboxes_.at(parked_.back());
    parked_.pop_back();
    assign(change, sandbox, queue_.take());
  }
  // A sandbox on its way back to /next takes a call sooner than a new one could.
  size_t served = size_t{starting_} + returning_;
  if (queue_.size() <= served) return;
  size_t wanted = queue_.size() - served;
  size_t room = static_cast<size_t>(config_.concurrency) -
                std::min(sandboxes_.size(), static_cast<size_t>(config_.concurrency));
  if (failed_starts_ > 0) {
    if (Clock::now() < not_before_) return watch(change, not_before_);
    // One probe at a time until a start succeeds.
    wanted = starting_ > 0 ? 0 : 1;
  }
  // Without one left its own processes take the calls, one after the other.
  for (size_t i = std::min(wanted, room); i > 0; --i) {
    ProcessBudget::Slot slot = context_.processes->take(sandboxes_.empty());
    if (!slot) break;
    add_sandbox(change, std::move(slot));
  }
}

void Function::add_sandbox(Change& change, ProcessBudget::Slot slot) {
  auto sandbox = std::make_unique<Sandbox>();
  sandbox->slot = std::move(slot);
  sandbox->id = next_sandbox_++;
  sandbox->started_at = Clock::now();
  sandbox->deadline = sandbox->started_at + config_.init_timeout;
  watch(change, sandbox->deadline);
  // What the function does before it asks for work counts as the call's doing.
  if (Call* call = queue_.nth(starting_)) note_out(*call);
  ++starting_;
  change.then([self = shared_from_this(), id = sandbox->id] { self->start_sandbox(id); });
  sandboxes_[sandbox->id] = std::move(sandbox);
}

void Function::assign(Change& change, Sandbox& sandbox, std::unique_ptr<Call> call) {
  auto now = Clock::now();
  note_out(*call);
  call->delivered_at = now;
  call->started_ms = clock::unix_ms();
  int64_t waited = micros(now - call->invoked_at);
  call->init_us = call->cold_start ? std::min(waited, micros(now - sandbox.started_at)) : 0;
  call->queued_us = waited - call->init_us;
  sandbox.state = Sandbox::State::kBusy;
  sandbox.deadline = now + config_.timeout;
  watch(change, sandbox.deadline);

  net::Response response;
  const Invocation& invocation = call->invocation;
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Lambda-Runtime-Aws-Request-Id", invocation.request_id);
  response.headers.add("Lambda-Runtime-Deadline-Ms",
                       std::to_string(call->started_ms + config_.timeout.count()));
  response.headers.add(
      "Lambda-Runtime-Invoked-Function-Arn",
      call->qualifier.empty() ? arn_ : fmt::format("{}:{}", arn_, call->qualifier));
  if (!invocation.trace_header.empty()) {
    response.headers.add("Lambda-Runtime-Trace-Id", invocation.trace_header);
  }
  if (!invocation.client_context.empty()) {
    response.headers.add("Lambda-Runtime-Client-Context", invocation.client_context);
  }
  // The text is shared until it is copied into the message, outside the lock.
  change.then([responder = std::move(sandbox.next), response = std::move(response),
               payload = invocation.payload]() mutable {
    response.body = payload.str();
    responder(std::move(response));
  });
  sandbox.calls->add(invocation.request_id, clock::unix_ns());
  sandbox.call = std::move(call);
}

void Function::finish(Change& change, Sandbox& sandbox, InvocationResult result,
                      std::move_only_function<void()> then) {
  std::unique_ptr<Call> call = std::move(sandbox.call);
  result.sandbox = sandbox.id;
  result.run_us = micros(Clock::now() - call->delivered_at);
  deliver(change, std::move(call), sandbox.log, std::move(result), std::move(then));
}

void Function::fail_waiting(Change& change, Sandbox& sandbox, Outcome outcome,
                            std::string payload) {
  std::unique_ptr<Call> call = queue_.take();
  auto now = Clock::now();
  int64_t waited = micros(now - call->invoked_at);
  call->cold_start = true;
  call->started_ms = clock::unix_ms();
  call->init_us = std::min(waited, micros(now - sandbox.started_at));
  call->queued_us = waited - call->init_us;
  InvocationResult result = failed_result(outcome, std::move(payload));
  result.sandbox = sandbox.id;
  deliver(change, std::move(call), sandbox.log, std::move(result), nullptr);
}

void Function::deliver(Change& change, std::unique_ptr<Call> call, std::shared_ptr<LogCapture> log,
                       InvocationResult result, std::move_only_function<void()> then) {
  result.cold_start = call->cold_start;
  result.started_ms = call->started_ms;
  result.queued_us = call->queued_us;
  result.init_us = call->init_us;
  ++totals_.invocations;
  if (result.outcome != Outcome::kSucceeded) ++totals_.errors;
  if (result.cold_start) ++totals_.cold_starts;
  change.then([self = shared_from_this(), log = std::move(log), result = std::move(result),
               call = std::move(call), then = std::move(then),
               on_loop = change.on_loop()]() mutable {
    if (log) {
      LogCapture::Printed printed = log->take();
      result.log = std::move(printed.text);
      result.log_read_at = std::move(printed.read_at);
      result.log_stderr = std::move(printed.from_stderr);
      result.log_lines_lost = printed.lines_lost;
    }
    if (self->delivers_once()) result.out = std::move(call->out);
    if (then) then();
    if (self->log_) self->log_->append(call->invocation.request_id, result);
    if (std::string line = platform_line(call->invocation.request_id, result); !line.empty()) {
      if (!result.log.empty() && !result.log.ends_with('\n')) result.log += '\n';
      result.log += line;
      result.log_read_at.emplace_back(result.log.size(), clock::unix_ns());
    }
    result.log_tail =
        result.log.substr(result.log.size() - std::min(result.log.size(), kLogTailBytes));
    if (self->context_.options->printed && !result.log.empty())
      self->context_.options->printed(call->invocation.request_id, result);
    auto run = [gate = self->context_.gate, callback = std::move(call->callback),
                result = std::move(result)]() mutable {
      const sync::ReaderLock lock(gate->mutex);
      if (!gate->closed) callback(std::move(result));
    };
    if (on_loop) return run();
    self->context_.loop->post(std::move(run));
  });
}

void Function::kill(Change& change, Sandbox& sandbox) {
  if (sandbox.state == Sandbox::State::kStarting) --starting_;
  if (sandbox.state == Sandbox::State::kReturning) --returning_;
  if (sandbox.state == Sandbox::State::kParked) std::erase(parked_, sandbox.id);
  sandbox.state = Sandbox::State::kDying;
  if (sandbox.process == 0) return;
  change.then(
      [supervisor = context_.supervisor, process = sandbox.process] { supervisor->kill(process); });
}

void Function::watch(Change& change, Clock::time_point at) {
  if (at >= timer_at_) return;
  timer_at_ = at;
  change.then(
      [self = weak_from_this(), loop = context_.loop, at, generation = ++timer_generation_] {
        auto delay = std::max(at - Clock::now(), Clock::duration::zero());
        loop->run_after(delay, [self, generation] {
          if (auto alive = self.lock()) alive->on_timer(generation);
        });
      });
}

void Function::on_timer(uint64_t generation) {
  Change change(*this, Change::Thread::kLoop);
  if (closed_ || generation != timer_generation_) return;
  timer_at_ = Clock::time_point::max();
  auto now = Clock::now();
  for (auto& [id, sandbox] : sandboxes_) {
    const bool watched = sandbox->state == Sandbox::State::kStarting ||
                         sandbox->state == Sandbox::State::kBusy ||
                         sandbox->state == Sandbox::State::kReturning ||
                         (sandbox->state == Sandbox::State::kEnding && !retiring_);
    if (!watched) continue;
    if (sandbox->deadline > now) {
      watch(change, sandbox->deadline);
    } else if (sandbox->state == Sandbox::State::kStarting) {
      fail_init(change, *sandbox, Outcome::kTimedOut, [this](std::string_view call) {
        return timed_out_payload(call, config_.init_timeout);
      });
      kill(change, *sandbox);
    } else if (sandbox->state == Sandbox::State::kBusy) {
      // Killed before the log is read, so that nothing is printed after what the result shows.
      std::string payload =
          timed_out_payload(sandbox->call->invocation.request_id, config_.timeout);
      kill(change, *sandbox);
      finish(change, *sandbox, failed_result(Outcome::kTimedOut, std::move(payload)));
    } else if (sandbox->state == Sandbox::State::kEnding) {
      --told_to_end_;  // not by retire()
      kill(change, *sandbox);
    } else if (!queue_.empty()) {
      kill(change, *sandbox);
    }
  }
  balance(change);
}

}  // namespace weft::lambda
