#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "aws/sigv4.h"
#include "base/error.h"
#include "net/client.h"

namespace weft::aws {

struct StepFunctionsOptions {
  std::string region;
  std::string endpoint_url;  // "" = AWS's of the region
  Credentials credentials;
  // Replaceable for tests.
  std::function<void(std::chrono::milliseconds)> sleep;
  std::function<base::UnixMs()> now_ms;
};

// Calls operations of AWS Step Functions. What AWS asks to repeat (throttling, its own failures)
// and connections that break are repeated, with pauses that double, up to kAttempts times (those of
// a server that never answers for about 20 s). Any thread.
class StepFunctions {
 public:
  static constexpr int kAttempts = 12;
  static constexpr std::chrono::milliseconds kFirstPause{100};
  static constexpr std::chrono::milliseconds kLongestPause{10'000};

  explicit StepFunctions(StepFunctionsOptions options);

  // The JSON text of the answer to `operation` ("GetExecutionHistory") with `body`, JSON text.
  // Errors carry AWS's name and message: "GetExecutionHistory: ExecutionDoesNotExist: ...".
  base::Result<std::string> call(const std::string& operation, const std::string& body);

 private:
  base::Result<net::Response> send(const std::string& operation, const std::string& body);

  const StepFunctionsOptions options_;
  const std::string url_;
  net::HttpClient client_{net::ClientLimits{.connect_timeout = std::chrono::seconds(5),
                                            .request_timeout = std::chrono::seconds(20)}};
};

// Where AWS answers for `region`, in the partition the region is in.
std::string endpoint_of_region(std::string_view region);

}  // namespace weft::aws
