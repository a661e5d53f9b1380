#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aws/sigv4.h"
#include "integrations/s3/object_source.h"

namespace weft::s3 {

// A bucket of another S3 server.
struct RemoteBucket {
  std::string name;          // here
  std::string endpoint_url;  // without a path
  std::string bucket;        // its name there
};

struct RemoteSettings {
  std::vector<RemoteBucket> buckets;
  std::string endpoint_url;  // of every bucket that is neither one of these nor our own; "" = none
  std::string region;
  aws::Credentials credentials;
};

// "https://host[:port]" or "https://host[:port]/BUCKET" of the bucket `name`. kInvalidArgument.
base::Result<RemoteBucket> parse_remote_bucket(std::string_view name, std::string_view url);

// The buckets of this process and those of other servers. `own` may be null and outlives it.
std::unique_ptr<ObjectSource> all_buckets(const BucketRegistry* own,
                                          const RemoteSettings& settings);

}  // namespace weft::s3
