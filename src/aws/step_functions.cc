#include "aws/step_functions.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "aws/backoff.h"
#include "clock/system_clock.h"
#include "json/arena.h"
#include "json/parse.h"
#include "net/url.h"

namespace weft::aws {
namespace {

// A server that was reached and says nothing is not asked again after this.
constexpr base::UnixMs kSilenceMs = 15'000;

using base::ErrorCode;
using base::fail;
using std::chrono::milliseconds;

// Errors that go away by themselves.
constexpr std::array<std::string_view, 5> kPassing = {"ThrottlingException", "Throttling",
                                                      "TooManyRequestsException",
                                                      "RequestLimitExceeded", "ServiceUnavailable"};

struct Failure {
  std::string name;  // "ExecutionDoesNotExist"
  std::string message;
};

Failure failure_of(const net::Response& response) {
  json::Arena arena;
  const auto body = json::parse(response.body, arena);
  Failure failure;
  if (body) {
    const std::string_view type = body->find("__type").as_string();
    failure.name = type.substr(type.find('#') + 1);  // npos + 1 = 0
    const json::Value message = body->find("message");
    failure.message = (message.is_string() ? message : body->find("Message")).as_string();
  }
  if (failure.name.empty()) failure.name = fmt::format("HTTP status {}", response.status);
  return failure;
}

bool passes(const net::Response& response, const Failure& failure) {
  return response.status >= 500 || response.status == 429 ||
         std::ranges::find(kPassing, failure.name) != kPassing.end();
}

}  // namespace

std::string endpoint_of_region(std::string_view region) {
  return fmt::format("https://states.{}.amazonaws.com{}", region,
                     region.starts_with("cn-") ? ".cn" : "");
}

StepFunctions::StepFunctions(StepFunctionsOptions options)
    : options_([&] {
        if (!options.sleep)
          options.sleep = [](milliseconds time) { std::this_thread::sleep_for(time); };
        if (!options.now_ms) options.now_ms = clock::unix_ms;
        return std::move(options);
      }()),
      url_(options_.endpoint_url.empty() ? endpoint_of_region(options_.region)
                                         : options_.endpoint_url) {}

base::Result<net::Response> StepFunctions::send(const std::string& operation,
                                                const std::string& body) {
  const auto url = net::Url::parse(url_);
  if (!url) return std::unexpected(url.error());
  SignableRequest request{.method = "POST",
                          .path = "/",
                          .headers = {{"Host", url->authority()},
                                      {"Content-Type", "application/x-amz-json-1.0"},
                                      {"X-Amz-Target", "AWSStepFunctions." + operation}},
                          .body = body};
  for (auto& header :
       sign(request, options_.credentials, {options_.region, "states", options_.now_ms()})) {
    request.headers.push_back(std::move(header));
  }
  return client_.request({.method = "POST",
                          .url = url->origin() + "/",
                          .headers = {std::move(request.headers)},
                          .body = body});
}

base::Result<std::string> StepFunctions::call(const std::string& operation,
                                              const std::string& body) {
  Backoff backoff(kFirstPause, kLongestPause);
  base::Error last;
  const base::UnixMs begun = options_.now_ms();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (attempt > 0) options_.sleep(backoff.next());
    auto response = send(operation, body);
    if (!response) {
      last = base::Error(response.error().code, operation + ": " + response.error().message);
      if (response.error().code != ErrorCode::kUnavailable) return std::unexpected(last);
      // Nobody is there, or somebody who says nothing.
      if (attempt >= 3 || options_.now_ms() - begun >= kSilenceMs) return std::unexpected(last);
      continue;
    }
    if (response->status == 200) return std::move(response->body);
    const Failure failure = failure_of(*response);
    last = base::Error(failure.name.ends_with("DoesNotExist") ? ErrorCode::kExecutionDoesNotExist
                                                              : ErrorCode::kInvalidArgument,
                       fmt::format("{}: {}: {}", operation, failure.name, failure.message));
    if (!passes(*response, failure)) break;
  }
  return std::unexpected(last);
}

}  // namespace weft::aws
