// The part of Function that starts sandboxes and learns of their end.

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/time.h"
#include "clock/system_clock.h"
#include "integrations/lambda/change.h"
#include "integrations/lambda/error_payload.h"
#include "integrations/lambda/function.h"
#include "integrations/lambda/runtime_api.h"
#include "net/origin.h"
#include "sync/mutex.h"

namespace weft::lambda {
namespace {

using Outcome = InvocationResult::Outcome;

// After so many failed starts in a row, with no sandbox left, all waiting calls fail.
constexpr int kFailedStartsMax = 3;
constexpr std::string_view kOwnAddress = "127.0.0.1";
// What a process has to end in when its code has changed: a call may wait for its place.
constexpr std::chrono::milliseconds kReplaceGrace{2'000};
constexpr std::chrono::milliseconds kBackoffMin{100};
constexpr std::chrono::milliseconds kBackoffMax{5'000};

std::chrono::milliseconds backoff(int failed_starts) {
  auto delay = kBackoffMin;
  for (int i = 1; i < failed_starts && delay < kBackoffMax; ++i) delay *= 2;
  return std::min(delay, kBackoffMax);
}

// AWS's form: 2024/12/04/[$LATEST]1f.
std::string log_stream_name(uint32_t sandbox) {
  std::string day = base::format_iso_ms(clock::unix_ms()).substr(0, 10);
  std::replace(day.begin(), day.end(), '-', '/');
  return fmt::format("{}/[$LATEST]{:032x}", day, sandbox);
}

}  // namespace

void Function::start_sandbox(uint32_t sandbox) {
  auto launched = launch(sandbox);
  if (launched) return;
  on_exit(sandbox, ProcessExit{.start_error = launched.error().message});
}

base::Result<std::unique_ptr<net::DatagramListener>> Function::listen_for_datagrams(
    uint32_t sandbox) {
  if (!context_.options->datagrams) return nullptr;
  return net::DatagramListener::listen(*context_.loop, std::string(kOwnAddress), 0,
                                       [self = weak_from_this(), sandbox](std::string_view bytes) {
                                         if (auto alive = self.lock())
                                           alive->on_datagram(sandbox, bytes);
                                       });
}

std::vector<std::string> Function::environment_of(uint32_t sandbox, uint16_t port,
                                                  uint16_t datagram_port) const {
  std::vector<std::string> environment;
  for (const auto& [key, value] : plan_.environment) environment.push_back(key + "=" + value);
  const std::string address = fmt::format("{}:{}", kOwnAddress, port);
  if (context_.options->telemetry_environment) {
    for (const auto& [key, value] :
         context_.options->telemetry_environment("http://" + address, datagram_port)) {
      if (!plan_.environment.contains(key)) environment.push_back(key + "=" + value);
    }
  }
  environment.push_back("AWS_LAMBDA_RUNTIME_API=" + address);
  environment.push_back("AWS_LAMBDA_LOG_STREAM_NAME=" + log_stream_name(sandbox));
  return environment;
}

base::Result<void> Function::launch(uint32_t sandbox) {
  // Runtimes made with curl answer as forms do; the limits admit the sandbox's own processes alone.
  auto server = net::HttpServer::listen(
      *context_.loop, std::string(kOwnAddress), 0,
      net::guarded(runtime_api(weak_from_this(), sandbox), true, {}, net::Forms::kTaken),
      runtime_api_limits(weak_from_this(), sandbox));
  if (!server) return std::unexpected(server.error());
  auto datagrams = listen_for_datagrams(sandbox);
  if (!datagrams) return std::unexpected(datagrams.error());
  auto log = LogCapture::create();
  if (!log) return std::unexpected(log.error());
  Supervisor::Start start;
  start.program = {.arguments = plan_.arguments,
                   .environment = environment_of(sandbox, (*server)->port(),
                                                 *datagrams ? (*datagrams)->port() : uint16_t{0}),
                   .directory = plan_.directory,
                   .memory_bytes = process_memory(config_),
                   .user = plan_.user};
  start.log = *log;
  start.on_exit = [self = weak_from_this(), sandbox](const ProcessExit& exit) {
    if (auto alive = self.lock()) alive->on_exit(sandbox, exit);
  };

  Change change(*this, Change::Thread::kOther);
  Sandbox* found = find(sandbox);
  bool wanted = found != nullptr && found->state == Sandbox::State::kStarting;
  if (!wanted) {
    // Given up before it began; its slot is free at once.
    if (found != nullptr) sandboxes_.erase(sandbox);
    change.then([server = std::move(*server)] {});
    balance(change);
    return {};
  }
  found->server = std::move(*server);
  found->datagrams = std::move(*datagrams);
  found->log = *log;
  found->process = context_.supervisor->start(std::move(start));
  return {};
}

bool Function::admits(uint32_t sandbox, uint16_t peer_port) {
  Supervisor::ProcessId process = 0;
  uint16_t port = 0;
  {
    const sync::MutexLock lock(mutex_);
    const Sandbox* found = find(sandbox);
    if (found == nullptr || found->server == nullptr) return false;
    process = found->process;
    port = found->server->port();
  }
  return context_.supervisor->holds_connection(process, peer_port, port);
}

void Function::fail_init(Change& change, Sandbox& sandbox, Outcome outcome,
                         const PayloadOf& payload_of) {
  ++failed_starts_;
  not_before_ = Clock::now() + backoff(failed_starts_);
  bool others = std::any_of(sandboxes_.begin(), sandboxes_.end(), [&](const auto& entry) {
    return entry.second.get() != &sandbox && entry.second->state != Sandbox::State::kDying;
  });
  size_t blamed = failed_starts_ >= kFailedStartsMax && !others ? queue_.size() : size_t{1};
  for (size_t i = std::min(blamed, queue_.size()); i > 0; --i) {
    std::string payload = payload_of(queue_.front().invocation.request_id);
    fail_waiting(change, sandbox, outcome, std::move(payload));
  }
}

void Function::end(Change& change, Sandbox& sandbox) {
  if (sandbox.state == Sandbox::State::kEnding) return;
  if (sandbox.state == Sandbox::State::kReturning) --returning_;
  if (sandbox.state == Sandbox::State::kParked) std::erase(parked_, sandbox.id);
  sandbox.state = Sandbox::State::kEnding;
  ++told_to_end_;
  change.then([supervisor = context_.supervisor, process = sandbox.process] {
    supervisor->terminate(process);
  });
}

void Function::replace(Change& change, Sandbox& sandbox) {
  end(change, sandbox);
  sandbox.deadline = Clock::now() + kReplaceGrace;
  watch(change, sandbox.deadline);
}

void Function::refresh() {
  Change change(*this, Change::Thread::kOther);
  if (closed_ || retiring_) return;
  for (auto& [id, sandbox] : sandboxes_) {
    switch (sandbox->state) {
      case Sandbox::State::kStarting:  // it may have read the old code
        kill(change, *sandbox);
        break;
      case Sandbox::State::kParked:
        replace(change, *sandbox);
        break;
      default:
        sandbox->stale = true;
    }
  }
  failed_starts_ = 0;  // of the old code
  not_before_ = {};
  balance(change);
}

void Function::retire() {
  Change change(*this, Change::Thread::kOther);
  retiring_ = true;
  for (auto& [id, sandbox] : sandboxes_) {
    const auto state = sandbox->state;
    if (state == Sandbox::State::kStarting) kill(change, *sandbox);
    if (state == Sandbox::State::kParked || state == Sandbox::State::kReturning)
      end(change, *sandbox);
  }
}

Retired Function::await_retired(Clock::time_point deadline) {
  Change change(*this, Change::Thread::kOther);
  const auto ending = [](const auto& entry) {
    return entry.second->state == Sandbox::State::kEnding;
  };
  while (std::ranges::any_of(sandboxes_, ending) && ended_.wait_until(mutex_, deadline)) {
  }
  Retired retired;
  for (auto& [id, sandbox] : sandboxes_) {
    if (sandbox->state != Sandbox::State::kEnding) continue;
    kill(change, *sandbox);
    ++retired.killed;
  }
  retired.ended = told_to_end_ - retired.killed;
  return retired;
}

void Function::on_exit(uint32_t sandbox, const ProcessExit& exit) {
  Change change(*this, Change::Thread::kOther);
  Sandbox* found = find(sandbox);
  if (closed_ || found == nullptr) return;
  const bool ending = found->state == Sandbox::State::kEnding;
  auto payload_of = [&exit](std::string_view call) { return exit_payload(call, exit); };
  if (found->state == Sandbox::State::kStarting) {
    fail_init(change, *found, Outcome::kFunctionError, payload_of);
  } else if (found->state == Sandbox::State::kBusy) {
    std::string payload = payload_of(found->call->invocation.request_id);
    finish(change, *found, failed_result(Outcome::kFunctionError, std::move(payload)));
  }
  kill(change, *found);
  if (retiring_) {
    found->state = Sandbox::State::kEnded;
    ended_.notify_all();
    return;
  }
  if (ending) --told_to_end_;  // not by retire()
  change.then([gone = std::move(sandboxes_.at(sandbox))] {});
  sandboxes_.erase(sandbox);
  balance(change);
}

}  // namespace weft::lambda
