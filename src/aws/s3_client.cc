#include "aws/s3_client.h"

#include <array>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "aws/backoff.h"
#include "clock/system_clock.h"
#include "net/url.h"

namespace weft::aws {
namespace {

using base::ErrorCode;
using base::fail;
using std::chrono::milliseconds;

// What a name of a bucket or key may keep in a path; keys keep their slashes.
constexpr std::string_view kKeepInKey = "/";

bool passes(const net::Response& response) {
  return response.status == 429 || response.status == 500 || response.status == 502 ||
         response.status == 503 || response.status == 504;
}

std::string path_of(const S3Request& request) {
  std::string path = "/" + net::percent_encode(request.bucket);
  if (!request.key.empty()) path += "/" + net::percent_encode(request.key, kKeepInKey);
  return path;
}

std::string query_of(const S3Request& request) {
  std::string query;
  for (const auto& [name, value] : request.query) {
    query += fmt::format("{}{}={}", query.empty() ? "?" : "&", net::percent_encode(name),
                         net::percent_encode(value));
  }
  return query;
}

// AWS's own address for another region, where `host` is one of AWS's.
std::optional<std::string> regional(std::string_view host, std::string_view region) {
  if (!host.starts_with("s3.") || host.find(".amazonaws.com") == std::string_view::npos)
    return std::nullopt;
  return fmt::format("https://s3.{}.amazonaws.com{}", region, host.ends_with(".cn") ? ".cn" : "");
}

// An answer on its way from the client's thread.
struct Awaited {
  std::optional<base::Result<net::Response>> answer;
};

}  // namespace

S3Client::S3Client(S3Options options)
    : options_([&] {
        if (!options.now_ms) options.now_ms = clock::unix_ms;
        return std::move(options);
      }()) {}

void S3Client::stop() {
  const sync::MutexLock lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

bool S3Client::pause(milliseconds time) {
  if (options_.sleep) {
    options_.sleep(time);
    return true;
  }
  const auto until = std::chrono::steady_clock::now() + time;
  const sync::MutexLock lock(mutex_);
  while (!stopped_ && changed_.wait_until(mutex_, until)) continue;
  return !stopped_;
}

S3Client::Place S3Client::place_of(const std::string& bucket) {
  const sync::MutexLock lock(mutex_);
  const auto moved = moved_.find(bucket);
  if (moved != moved_.end()) return moved->second;
  return {options_.endpoint_url, options_.region};
}

base::Result<net::Response> S3Client::wait_for(net::ClientRequest request) {
  auto awaited = std::make_shared<Awaited>();
  const uint64_t number =
      client_.start(std::move(request), [this, awaited](base::Result<net::Response> answer) {
        const sync::MutexLock lock(mutex_);
        awaited->answer = std::move(answer);
        changed_.notify_all();
      });
  sync::MutexLock lock(mutex_);
  while (!awaited->answer && !stopped_) changed_.wait(mutex_);
  if (awaited->answer) return std::move(*awaited->answer);
  lock.unlock();
  client_.cancel(number);
  return fail(ErrorCode::kUnavailable, "Weft ends");
}

base::Result<net::Response> S3Client::send(const S3Request& request, const Place& place) {
  const auto url = net::Url::parse(place.endpoint_url);
  if (!url) return std::unexpected(url.error());
  const std::string path = path_of(request);
  SignableRequest signable{.method = request.method,
                           .path = path,
                           .query = request.query,
                           .headers = request.headers,
                           .body = request.body};
  signable.headers.emplace_back("Host", url->authority());
  signable.headers.emplace_back("X-Amz-Content-Sha256", sha256_hex(request.body));
  for (auto& header :
       sign(signable, options_.credentials, {place.region, "s3", options_.now_ms()})) {
    signable.headers.push_back(std::move(header));
  }
  return wait_for({.method = request.method,
                   .url = url->origin() + path + query_of(request),
                   .headers = {std::move(signable.headers)},
                   .body = request.body});
}

std::optional<S3Client::Place> S3Client::redirect(const net::Response& response,
                                                  const Place& from) const {
  const bool moved = response.status == 301 || response.status == 302 || response.status == 307 ||
                     response.status == 308;
  if (!moved && response.status != 400) return std::nullopt;
  Place to = from;
  const std::string_view region = response.headers.get("x-amz-bucket-region");
  const auto at = net::Url::parse(from.endpoint_url);
  if (!region.empty() && region != from.region) {
    to.region = region;
    if (auto other = at ? regional(at->host, region) : std::nullopt) to.endpoint_url = *other;
    return to;
  }
  if (!moved) return std::nullopt;
  const auto location = net::Url::parse(response.headers.get("location"));
  if (!location || location->origin() == (at ? at->origin() : "")) return std::nullopt;
  to.endpoint_url = location->origin();
  return to;
}

base::Result<net::Response> S3Client::call(const S3Request& request) {
  Backoff backoff(kFirstPause, kLongestPause);
  Place place = place_of(request.bucket);
  base::Error last;
  int redirects = 0;
  for (int attempt = 0; attempt < kAttempts;) {
    if (attempt > 0 && !pause(backoff.next())) break;
    auto response = send(request, place);
    if (!response) {
      last = response.error();
      if (last.code != ErrorCode::kUnavailable) break;
      const sync::MutexLock lock(mutex_);
      if (stopped_) break;
      ++attempt;
      continue;
    }
    auto moved = redirects < kRedirects ? redirect(*response, place) : std::nullopt;
    if (moved) {
      ++redirects;
      place = *moved;
      const sync::MutexLock lock(mutex_);
      moved_[request.bucket] = place;
      continue;
    }
    if (!passes(*response)) return response;
    last = {ErrorCode::kUnavailable, s3_failure(*response)};
    ++attempt;
  }
  return std::unexpected(last);
}

std::string s3_failure(const net::Response& response) {
  pugi::xml_document document;
  document.load_buffer(response.body.data(), response.body.size());
  const pugi::xml_node error = document.child("Error");
  const std::string code = error.child("Code").text().get();
  if (code.empty()) return fmt::format("the S3 server answers with status {}", response.status);
  return fmt::format("{}: {}", code, error.child("Message").text().get());
}

}  // namespace weft::aws
