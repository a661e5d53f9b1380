#include "api/s3/host_bucket.h"

#include <gtest/gtest.h>

namespace weft::api {
namespace {

// "photos", "photos (S3)" where the host says that it is S3's, "-" for none.
std::string bucket(std::string_view host) {
  const auto found = bucket_of_host(host);
  if (!found) return "-";
  return found->name + (found->of_s3 ? " (S3)" : "");
}

TEST(HostBucket, HostsThatNameABucketAndHostsThatDoNot) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"photos.localhost", "photos"},
      {"photos.localhost:9338", "photos"},
      {"Photos.LocalHost:9338", "photos"},
      {"photos.localhost.", "photos"},
      {"a.b.localhost", "a.b"},
      {"photos.s3.localhost:9338", "photos (S3)"},
      {"a.b.s3.localhost", "a.b (S3)"},
      {"photos.s3.us-east-1.localhost", "photos (S3)"},
      {"photos.s3.dualstack.us-east-1.amazonaws.com", "photos (S3)"},
      {"photos.s3.amazonaws.com", "photos (S3)"},
      {"photos.s3.cn-north-1.amazonaws.com.cn", "photos (S3)"},
      {"s3.localhost", "-"},
      {"s3.us-east-1.localhost", "-"},
      {"s3.amazonaws.com", "-"},
      {"states.us-east-1.amazonaws.com", "-"},
      {"localhost", "-"},
      {"localhost:9338", "-"},
      {"127.0.0.1:9338", "-"},
      {"[::1]:9338", "-"},
      {"example.com", "-"},
      {"photos.localhost.example.com", "-"},
      {"", "-"},
  };
  for (const auto& [host, expected] : cases) EXPECT_EQ(bucket(host), expected) << host;
}

}  // namespace
}  // namespace weft::api
