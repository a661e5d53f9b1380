#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/sigv4.h"
#include "base/error.h"
#include "net/client.h"
#include "sync/mutex.h"

namespace weft::aws {

struct S3Options {
  std::string endpoint_url;  // "https://s3.eu-west-1.amazonaws.com", "http://127.0.0.1:9000"
  std::string region;
  Credentials credentials;
  // Replaceable for tests.
  std::function<void(std::chrono::milliseconds)> sleep;
  std::function<base::UnixMs()> now_ms;
};

struct S3Request {
  std::string method = "GET";
  std::string bucket;
  std::string key;                                         // "" = the bucket
  std::vector<std::pair<std::string, std::string>> query;  // not encoded
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// Makes signed requests to an S3 server, buckets in the path. What passes (throttling, failures of
// the server, connections that break) is repeated, with pauses that double, up to kAttempts times;
// redirects to another address or region are followed. Any thread.
class S3Client {
 public:
  static constexpr int kAttempts = 8;
  static constexpr int kRedirects = 4;
  static constexpr std::chrono::milliseconds kFirstPause{100};
  static constexpr std::chrono::milliseconds kLongestPause{5'000};

  explicit S3Client(S3Options options);

  // Blocks. The answer, also when it says that something is not there or must not be (404, 403,
  // 412 ...). Errors: kInvalidArgument (the URL), kUnavailable (nobody answers, or with errors
  // only; stop() was called), kLimit (net::ClientLimits::response_bytes).
  base::Result<net::Response> call(const S3Request& request);
  // Ends the calls that are at work, and lets none begin.
  void stop();

 private:
  struct Place {
    std::string endpoint_url;
    std::string region;
  };
  Place place_of(const std::string& bucket);
  base::Result<net::Response> send(const S3Request& request, const Place& place);
  // Where a redirect leads; nothing when `response` is none.
  std::optional<Place> redirect(const net::Response& response, const Place& from) const;
  base::Result<net::Response> wait_for(net::ClientRequest request);
  // False when the client was stopped.
  bool pause(std::chrono::milliseconds time);

  const S3Options options_;
  sync::Mutex mutex_;
  sync::CondVar changed_;
  bool stopped_ WEFT_GUARDED_BY(mutex_) = false;
  std::map<std::string, Place> moved_ WEFT_GUARDED_BY(mutex_);  // by bucket
  net::HttpClient client_;  // the last: its thread uses the others
};

// "NoSuchKey: The specified key does not exist." of an answer that is an error; its status where it
// says no more.
std::string s3_failure(const net::Response& response);

}  // namespace weft::aws
