#include "server/objects.h"

#include <fmt/format.h>

#include "aws/system_credentials.h"
#include "integrations/s3/remote_objects.h"

namespace weft::server {

base::Result<std::unique_ptr<s3::ObjectSource>> open_objects(const ServeOptions& options,
                                                             const s3::BucketRegistry& buckets) {
  s3::RemoteSettings settings;
  const auto wrong = [](const std::string& flag, const base::Error& error) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("{}: {}", flag, error.message));
  };
  std::string first;
  for (const BucketFlag& flag : options.buckets) {
    if (flag.url.empty()) continue;
    const std::string text = fmt::format("--bucket {}={}", flag.name, flag.url);
    auto bucket = s3::parse_remote_bucket(flag.name, flag.url);
    if (!bucket) return wrong(text, bucket.error());
    settings.buckets.push_back(std::move(*bucket));
    if (first.empty()) first = text;
  }
  if (!options.s3_endpoint.empty()) {
    first = "--s3-endpoint " + options.s3_endpoint;
    auto endpoint = s3::parse_remote_bucket("", options.s3_endpoint);
    if (!endpoint) return wrong(first, endpoint.error());
    if (!endpoint->bucket.empty()) {
      return base::fail(base::ErrorCode::kInvalidArgument,
                        first + ": expected the address of an S3 server, without a path");
    }
    settings.endpoint_url = endpoint->endpoint_url;
  }
  if (first.empty()) return s3::own_buckets(&buckets);
  auto credentials = aws::system_credentials("");
  if (!credentials) return wrong(first, credentials.error());
  settings.credentials = std::move(*credentials);
  settings.region = aws::system_region();
  return s3::all_buckets(&buckets, settings);
}

}  // namespace weft::server
