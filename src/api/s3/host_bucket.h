#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weft::api {

// A bucket that stands in the name of a host: virtual-hosted style addresses.
struct HostBucket {
  std::string name;
  bool of_s3 = false;  // the host says that it is S3's ("photos.s3.localhost")
};

// The bucket that a Host header names: "photos.localhost:9338", "photos.s3.localhost",
// "photos.s3.us-east-1.localhost", the same below amazonaws.com with its `s3`. Nothing for hosts of
// path-style addresses. The name may be none that a bucket can have. Source: AWS page "Virtual
// hosting of general purpose buckets".
std::optional<HostBucket> bucket_of_host(std::string_view host);

}  // namespace weft::api
