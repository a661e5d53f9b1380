#include "api/s3/host_bucket.h"

#include <algorithm>

#include "net/http.h"

namespace weft::api {
namespace {

// Between ".s3." and the domain there may be a Region, and "dualstack" before it.
constexpr int64_t kRegionDotsMax = 1;

// "photos.s3.us-east-1" -> "photos"; nothing without a label `s3` that a bucket stands before.
std::optional<std::string_view> before_s3(std::string_view name) {
  if (name.ends_with(".s3")) return name.substr(0, name.size() - 3);
  const size_t label = name.rfind(".s3.");
  if (label == std::string_view::npos) return std::nullopt;
  const std::string_view region = name.substr(label + 4);
  if (std::ranges::count(region, '.') > kRegionDotsMax) return std::nullopt;
  return name.substr(0, label);
}

}  // namespace

std::optional<HostBucket> bucket_of_host(std::string_view host) {
  if (host.starts_with('[')) return std::nullopt;  // an IPv6 address
  const std::string lower = net::lower_case(host.substr(0, host.find(':')));
  std::string_view name = lower;
  if (name.ends_with('.')) name.remove_suffix(1);
  const bool local = name.ends_with(".localhost");
  for (const std::string_view domain : {".localhost", ".amazonaws.com", ".amazonaws.com.cn"}) {
    if (!name.ends_with(domain)) continue;
    name.remove_suffix(domain.size());
    if (name == "s3" || name.starts_with("s3.")) return std::nullopt;
    if (auto bucket = before_s3(name)) return HostBucket{std::string(*bucket), true};
    if (local) return HostBucket{std::string(name), false};
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace weft::api
