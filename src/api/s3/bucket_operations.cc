#include "api/s3/s3_call.h"

namespace weft::api {

// Settings that a body may carry (a location constraint) mean nothing to a directory.
S3Answer create_bucket(const S3Call& call) {
  if (auto made = call.buckets->create(call.bucket_name); !made)
    return std::unexpected(made.error());
  net::Response response;
  response.headers.set("Location", "/" + call.bucket_name);
  return response;
}

S3Answer delete_bucket(const S3Call& call) {
  if (auto removed = call.buckets->remove(call.bucket_name); !removed)
    return std::unexpected(removed.error());
  net::Response response;
  response.status = 204;
  return response;
}

}  // namespace weft::api
