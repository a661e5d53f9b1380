#include "integrations/http/http_caller.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "clock/system_clock.h"
#include "integrations/http/http_task.h"
#include "json/arena.h"
#include "sync/mutex.h"

namespace weft::http {
namespace {

using base::ErrorCode;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

// AWS ends a call after that, whatever TimeoutSeconds says.
constexpr std::chrono::seconds kCallTimeout{60};

int64_t since_us(steady_clock::time_point begin) {
  return duration_cast<microseconds>(steady_clock::now() - begin).count();
}

HttpOutcome failure_of(const base::Error& error) {
  switch (error.code) {
    case ErrorCode::kLimit:
      return {.too_large = true};
    case ErrorCode::kInvalidArgument:
      return {.error = "States.Permissions",
              .cause = fmt::format("HTTP tasks may not connect there: {} (--http-allow)",
                                   error.message)};
    default:
      return {.error = "States.Http.Socket", .cause = error.message};
  }
}

void tell(const net::ClientRequest& request, integrations::HttpExchange& exchange) {
  exchange.protocol = request.url.substr(0, request.url.find(':'));
  exchange.method = request.method;
  exchange.url = request.url;
  exchange.request_headers = headers_text(request.headers);
  exchange.request_body = request.body;
}

bool has_trace_context(const net::Headers& headers) {
  return headers.find("traceparent") || headers.find("x-datadog-trace-id");
}

}  // namespace

struct HttpCaller::Call {
  enum class Phase { kWaiting, kRunning, kEnded };

  std::string request_id;
  net::ClientRequest request;
  Done done;
  Phase phase = Phase::kWaiting;
  uint64_t number = 0;  // the client's
  steady_clock::time_point phase_began = steady_clock::now();
  bool keep_response = false;
  CallResult result;
};

HttpCaller::HttpCaller(CallerOptions options)
    : options_(std::move(options)),
      client_(std::make_unique<net::HttpClient>(net::ClientLimits{
          .request_timeout = kCallTimeout,
          .response_bytes = options_.response_bytes,
          .idle_connections = options_.calls_max,
          .may_connect = [this](std::string_view host, const net::IpAddress& address) {
            return options_.destinations.may_connect(host, address);
          }})) {}

HttpCaller::~HttpCaller() { shutdown(); }

const Connection* HttpCaller::find(std::string_view arn) const {
  const auto found =
      std::ranges::find(options_.connections, connection_name(arn), &Connection::name);
  return found == options_.connections.end() ? nullptr : &*found;
}

base::Result<void> HttpCaller::call(const std::string& request_id, std::string_view parameters,
                                    const net::Headers& trace, Done done,
                                    integrations::HttpExchange* exchange) {
  json::Arena arena;
  auto task = HttpTask::parse(parameters, arena);
  if (!task) return std::unexpected(task.error());
  const Connection* connection = nullptr;
  if (!task->connection_arn.empty()) {
    connection = find(task->connection_arn);
    if (connection == nullptr) {
      return base::fail(ErrorCode::kNotFound,
                        fmt::format("There is no connection '{0}': give it as --connection "
                                    "{0}=FILE",
                                    connection_name(task->connection_arn)));
    }
  }
  auto request = task->request(connection, options_.region, arena);
  if (!request) return std::unexpected(request.error());
  if (!has_trace_context(request->headers)) {
    request->headers.fields.insert(request->headers.fields.end(), trace.fields.begin(),
                                   trace.fields.end());
  }
  if (exchange != nullptr) {
    base::Result<net::ClientRequest> shown = *request;
    if (!exchange->with_secrets) shown = task->request(nullptr, options_.region, arena);
    if (!shown) return std::unexpected(shown.error());
    tell(*shown, *exchange);
  }
  auto call = std::make_shared<Call>(request_id, std::move(*request), std::move(done));
  call->keep_response = exchange != nullptr;
  const sync::MutexLock lock(mutex_);
  calls_.emplace(request_id, call);
  if (running_ < options_.calls_max) {
    begin(call);
  } else {
    waiting_.push_back(std::move(call));
  }
  return {};
}

void HttpCaller::begin_waiting() {
  while (running_ < options_.calls_max && !waiting_.empty()) {
    const auto next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next->phase != Call::Phase::kWaiting) continue;
    next->result.queued_us = since_us(next->phase_began);
    begin(next);
  }
}

void HttpCaller::begin(const std::shared_ptr<Call>& call) {
  ++running_;
  call->result.started_ms = clock::unix_ms();
  call->phase = Call::Phase::kRunning;
  call->phase_began = steady_clock::now();
  call->number = client_->start(
      std::move(call->request),
      [this, call](base::Result<net::Response> response) { finish(call, std::move(response)); });
}

void HttpCaller::finish(const std::shared_ptr<Call>& call, base::Result<net::Response> response) {
  {
    const sync::MutexLock lock(mutex_);
    if (call->phase == Call::Phase::kEnded) return;
    call->phase = Call::Phase::kEnded;
    calls_.erase(call->request_id);
    --running_;
    begin_waiting();
  }
  call->result.run_us = since_us(call->phase_began);
  call->result.outcome = response ? outcome_of(*response) : failure_of(response.error());
  if (call->keep_response && response) call->result.response = std::move(*response);
  call->done(std::move(call->result));
}

void HttpCaller::cancel(const std::string& request_id) {
  const sync::MutexLock lock(mutex_);
  const auto found = calls_.find(request_id);
  if (found == calls_.end()) return;
  const auto call = std::move(found->second);
  calls_.erase(found);
  if (std::exchange(call->phase, Call::Phase::kEnded) != Call::Phase::kRunning) return;
  client_->cancel(call->number);
  --running_;
  begin_waiting();
}

void HttpCaller::shutdown() {
  {
    const sync::MutexLock lock(mutex_);
    waiting_.clear();
  }
  client_.reset();
}

}  // namespace weft::http
