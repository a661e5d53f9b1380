// The part of Function that answers the Runtime API.

#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "integrations/lambda/change.h"
#include "integrations/lambda/error_payload.h"
#include "integrations/lambda/function.h"
#include "integrations/lambda/runtime_api.h"
#include "sync/mutex.h"

namespace weft::lambda {
namespace {

using Outcome = InvocationResult::Outcome;

net::Response wrong_request_id() {
  return runtime_api_error(400, "InvalidRequestID",
                           "The request id is not that of the present invocation.");
}

// The outcome of an answer. Answers beyond the state data limit are not parsed: their caller
// refuses them for their size.
InvocationResult judge_response(std::string_view request_id, std::string body) {
  InvocationResult result;
  result.outcome = Outcome::kSucceeded;
  std::string fault = body.size() > base::kStateDataBytesMax ? "" : json_fault(body);
  if (!fault.empty())
    return failed_result(Outcome::kFunctionError, invalid_response_payload(request_id, fault));
  result.payload = base::Text(std::move(body));
  return result;
}

}  // namespace

void Function::on_next(uint32_t sandbox, net::Responder responder) {
  Change change(*this, Change::Thread::kLoop);
  Sandbox* found = find(sandbox);
  bool expected = found != nullptr && found->state != Sandbox::State::kBusy &&
                  found->state != Sandbox::State::kDying && found->state != Sandbox::State::kEnded;
  if (!expected) {
    auto refusal = runtime_api_error(403, "InvalidStateTransition",
                                     "The present invocation has no answer yet.");
    change.then([responder = std::move(responder), refusal = std::move(refusal)]() mutable {
      responder(std::move(refusal));
    });
    return;
  }
  bool first = found->state == Sandbox::State::kStarting;
  if (first) {
    --starting_;
    failed_starts_ = 0;
  }
  if (found->state == Sandbox::State::kReturning) --returning_;
  if (found->state == Sandbox::State::kParked) {
    // It asks again on a new connection; the old one is dead.
    std::erase(parked_, sandbox);
    change.then([old = std::move(found->next)] {});
  }
  found->next = std::move(responder);
  if (found->state == Sandbox::State::kEnding) return;  // told already
  if (retiring_ || found->stale) {
    found->state = Sandbox::State::kParked;
    parked_.push_back(sandbox);
    return retiring_ ? end(change, *found) : replace(change, *found);
  }
  if (queue_.empty()) {
    found->state = Sandbox::State::kParked;
    parked_.push_back(sandbox);
    return;
  }
  std::unique_ptr<Call> call = queue_.take();
  call->cold_start = first;
  assign(change, *found, std::move(call));
  balance(change);
}

void Function::on_response(uint32_t sandbox, std::string_view request_id, net::Request request,
                           net::Responder responder) {
  bool too_large =
      request.spooled != nullptr || request.body.size() > base::kLambdaResponseBytesMax;
  net::Response reply = runtime_api_accepted();
  InvocationResult result;
  if (too_large) {
    result = failed_result(Outcome::kFunctionError, response_too_large_payload());
    reply = runtime_api_error(413, "RequestEntityTooLarge",
                              "Exceeded maximum allowed payload size (6291556 bytes).");
  } else {
    result = judge_response(request_id, std::move(request.body));
  }
  answer(sandbox, request_id, std::move(result), std::move(reply), std::move(responder));
}

void Function::on_error(uint32_t sandbox, std::string_view request_id, net::Request request,
                        net::Responder responder) {
  answer(sandbox, request_id, failed_result(Outcome::kFunctionError, std::move(request.body)),
         runtime_api_accepted(), std::move(responder));
}

void Function::answer(uint32_t sandbox, std::string_view request_id, InvocationResult result,
                      net::Response reply, net::Responder responder) {
  Change change(*this, Change::Thread::kLoop);
  Sandbox* found = find_busy(sandbox, request_id);
  if (found == nullptr) {
    change.then([responder = std::move(responder)]() mutable { responder(wrong_request_id()); });
    return;
  }
  found->state = Sandbox::State::kReturning;
  ++returning_;
  found->deadline = Clock::now() + config_.timeout;
  watch(change, found->deadline);
  // The log is read before the process learns that it may go on.
  finish(change, *found, std::move(result),
         [responder = std::move(responder), reply = std::move(reply)]() mutable {
           responder(std::move(reply));
         });
}

void Function::on_init_error(uint32_t sandbox, net::Request request, net::Responder responder) {
  Change change(*this, Change::Thread::kLoop);
  Sandbox* found = find(sandbox);
  if (found == nullptr || found->state != Sandbox::State::kStarting) {
    auto refusal =
        runtime_api_error(403, "InvalidStateTransition", "The process is past its initialization.");
    change.then([responder = std::move(responder), refusal = std::move(refusal)]() mutable {
      responder(std::move(refusal));
    });
    return;
  }
  fail_init(change, *found, Outcome::kFunctionError,
            [&request](std::string_view) { return request.body; });
  change.then([responder = std::move(responder)]() mutable { responder(runtime_api_accepted()); });
  kill(change, *found);
}

void Function::on_telemetry(uint32_t sandbox, net::Request request, net::Responder responder) {
  if (!context_.options->telemetry)
    return responder(runtime_api_error(404, "NotFound", "No such resource."));
  // What was printed before it was sent gets an earlier time than what is printed after the answer.
  if (const auto log = log_of(sandbox)) log->drain();
  request.headers.set("Weft-Process", fmt::format("{}/{}", config_.name, sandbox));
  context_.options->telemetry(std::move(request), std::move(responder), call_at(sandbox));
}

void Function::on_datagram(uint32_t sandbox, std::string_view datagram) {
  context_.options->datagrams(datagram, call_at(sandbox));
}

std::shared_ptr<LogCapture> Function::log_of(uint32_t sandbox) {
  const sync::MutexLock lock(mutex_);
  const Sandbox* found = find(sandbox);
  return found == nullptr ? nullptr : found->log;
}

CallAt Function::call_at(uint32_t sandbox) {
  const sync::MutexLock lock(mutex_);
  const Sandbox* found = find(sandbox);
  if (found == nullptr) return nullptr;
  return [calls = found->calls](int64_t epoch_ns) { return calls->at(epoch_ns); };
}

}  // namespace weft::lambda
