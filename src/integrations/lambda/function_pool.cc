#include "integrations/lambda/function_pool.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "arn/function_name.h"
#include "clock/system_clock.h"
#include "integrations/lambda/bootstraps.h"
#include "integrations/lambda/call_ledger.h"
#include "integrations/lambda/function.h"
#include "integrations/lambda/launch_plan.h"
#include "integrations/lambda/process_budget.h"
#include "integrations/lambda/supervisor.h"
#include "net/loop.h"
#include "sync/mutex.h"

namespace weft::lambda {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;

// Members in order of construction; functions go before the supervisor that watches their
// processes.
struct FunctionPool::Impl {
  net::Loop* loop = nullptr;
  std::shared_ptr<Options> shared_options = std::make_shared<Options>();
  Options& options = *shared_options;
  std::shared_ptr<CallbackGate> gate = std::make_shared<CallbackGate>();
  std::unique_ptr<BootstrapDirectory> bootstraps;
  std::shared_ptr<Supervisor> supervisor;
  std::shared_ptr<CallLedger> ledger;
  std::shared_ptr<ProcessBudget> processes;
  // Fixed after create: read without a lock.
  std::map<std::string, std::shared_ptr<Function>, std::less<>> functions;

  // Processes and threads that each other user may have: what AWS gives one environment, for each.
  std::map<std::string, uint64_t> processes_max;

  base::Result<void> add(FunctionConfig config, Runtimes& runtimes);
  void refuse(const Invocation& invocation, const arn::FunctionName& name, Callback callback);
  // Tells the outcome of a call that reaches no function.
  void tell(std::string error, std::string cause, Callback callback);
};

base::Result<void> FunctionPool::Impl::add(FunctionConfig config, Runtimes& runtimes) {
  if (functions.contains(config.name)) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Function '{}' is given twice.", config.name));
  }
  auto plan = make_launch_plan(config, options, runtimes);
  if (!plan) return std::unexpected(plan.error());
  if (plan->user) plan->user->processes_max = processes_max[config.user];
  std::unique_ptr<FunctionLog> log;
  if (!options.log_directory.empty()) {
    auto opened =
        FunctionLog::open((fs::path(options.log_directory) / (config.name + ".log")).string());
    if (!opened) return std::unexpected(opened.error());
    log = std::move(*opened);
  }
  std::string name = config.name;
  FunctionContext context{loop, supervisor, gate, shared_options, ledger, processes};
  functions[name] =
      std::make_shared<Function>(std::move(context), std::move(config), std::move(*plan),
                                 function_arn(options, name), std::move(log));
  return {};
}

base::Result<std::unique_ptr<FunctionPool>> FunctionPool::create(
    net::Loop& loop, Options options, std::vector<FunctionConfig> functions) {
  auto impl = std::make_unique<Impl>();
  impl->loop = &loop;
  impl->options = std::move(options);
  impl->processes = std::make_shared<ProcessBudget>(impl->options.processes_max);
  if (!impl->options.log_directory.empty()) {
    std::error_code error;
    fs::create_directories(impl->options.log_directory, error);
    if (error) {
      return fail(ErrorCode::kIo, fmt::format("Cannot create the log directory '{}': {}.",
                                              impl->options.log_directory, error.message()));
    }
  }
  const bool other_users =
      std::ranges::any_of(functions, [](const auto& each) { return !each.user.empty(); });
  auto bootstraps = BootstrapDirectory::create(impl->options.runtime_directory, other_users);
  if (!bootstraps) return std::unexpected(bootstraps.error());
  impl->bootstraps = std::move(*bootstraps);
  auto supervisor = Supervisor::create();
  if (!supervisor) return std::unexpected(supervisor.error());
  impl->supervisor = std::move(*supervisor);
  if (!impl->options.call_ledger.empty()) {
    auto ledger = CallLedger::open(impl->options.call_ledger, ask_machine());
    if (!ledger) return std::unexpected(ledger.error());
    impl->ledger = std::move(*ledger);
    impl->ledger->note_faults();
  }
  Runtimes runtimes{.directory = impl->bootstraps->path(),
                    .node_bootstrap = impl->bootstraps->node(),
                    .python_bootstrap = impl->bootstraps->python(),
                    .node_program = {},
                    .python_program = {}};
  constexpr uint64_t kProcessesEach = 1'024;
  for (const FunctionConfig& config : functions)
    impl->processes_max[config.user] += kProcessesEach * static_cast<uint64_t>(config.concurrency);
  for (FunctionConfig& config : functions) {
    auto added = impl->add(std::move(config), runtimes);
    if (!added) return std::unexpected(added.error());
  }
  return std::unique_ptr<FunctionPool>(new FunctionPool(std::move(impl)));
}

FunctionPool::FunctionPool(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

FunctionPool::~FunctionPool() { shutdown(); }

void FunctionPool::invoke(Invocation invocation, Callback callback) {
  arn::FunctionName name = arn::parse_function_name(invocation.function);
  auto found = impl_->functions.find(name.name);
  if (found == impl_->functions.end()) return impl_->refuse(invocation, name, std::move(callback));
  if (std::string why = found->second->undeliverable(invocation); !why.empty()) {
    // That it fails is not durable yet: of what must not be delivered twice it stays known.
    if (!found->second->delivers_once()) impl_->ledger->forget(invocation.request_id);
    return impl_->tell("Lambda.Unknown", std::move(why), std::move(callback));
  }
  found->second->invoke(std::move(invocation), std::move(name.qualifier), std::move(callback));
}

void FunctionPool::Impl::refuse(const Invocation& invocation, const arn::FunctionName& name,
                                Callback callback) {
  tell("Lambda.ResourceNotFoundException",
       fmt::format("Function not found: {}:{} (Service: AWSLambda; Status Code: 404; Error Code: "
                   "ResourceNotFoundException; "
                   "Request ID: {}; Proxy: null)",
                   function_arn(options, name.name),
                   name.qualifier.empty() ? "$LATEST" : name.qualifier.c_str(),
                   invocation.request_id),
       std::move(callback));
}

void FunctionPool::Impl::tell(std::string error, std::string cause, Callback callback) {
  InvocationResult result;
  result.outcome = InvocationResult::Outcome::kServiceError;
  result.started_ms = clock::unix_ms();
  result.error = std::move(error);
  result.cause = std::move(cause);
  loop->post([gate = gate, callback = std::move(callback), result = std::move(result)]() mutable {
    const sync::ReaderLock lock(gate->mutex);
    if (!gate->closed) callback(std::move(result));
  });
}

void FunctionPool::cancel(std::string_view request_id) {
  for (auto& [name, function] : impl_->functions) {
    if (function->cancel(request_id)) return;
  }
}

bool FunctionPool::delivers_once() const {
  return std::ranges::any_of(impl_->functions,
                             [](const auto& each) { return each.second->delivers_once(); });
}

bool FunctionPool::withdraw(std::string_view request_id) {
  return std::ranges::any_of(impl_->functions,
                             [&](const auto& named) { return named.second->withdraw(request_id); });
}

std::optional<InvocationProgress> FunctionPool::progress(std::string_view request_id) const {
  for (const auto& [name, function] : impl_->functions) {
    if (auto progress = function->progress(request_id)) return progress;
  }
  return std::nullopt;
}

std::vector<FunctionStatus> FunctionPool::status() const {
  std::vector<FunctionStatus> result;
  for (const auto& [name, function] : impl_->functions) result.push_back(function->status());
  return result;
}

std::vector<FunctionDescription> FunctionPool::describe() const {
  std::vector<FunctionDescription> result;
  for (const auto& [name, function] : impl_->functions) result.push_back(function->describe());
  return result;
}

std::optional<FunctionDescription> FunctionPool::describe(std::string_view name) const {
  const auto found = impl_->functions.find(name);
  if (found == impl_->functions.end()) return std::nullopt;
  return found->second->describe();
}

std::string FunctionPool::arn(const std::string& name) const {
  return function_arn(impl_->options, name);
}

void FunctionPool::refresh(std::string_view name) {
  const auto found = impl_->functions.find(std::string(name));
  if (found != impl_->functions.end()) found->second->refresh();
}

Retired FunctionPool::retire(std::chrono::milliseconds grace) {
  const auto deadline = Function::Clock::now() + grace;
  for (auto& [name, function] : impl_->functions) function->retire();
  Retired retired;
  for (auto& [name, function] : impl_->functions) {
    const Retired one = function->await_retired(deadline);
    retired.ended += one.ended;
    retired.killed += one.killed;
  }
  return retired;
}

void FunctionPool::shutdown() {
  {
    const sync::WriterLock lock(impl_->gate->mutex);
    impl_->gate->closed = true;
    if (impl_->ledger) impl_->ledger->leave();
  }
  for (auto& [name, function] : impl_->functions) function->close();
  impl_->supervisor->stop();
}

}  // namespace weft::lambda
