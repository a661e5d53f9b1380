#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "integrations/s3/bucket_registry.h"
#include "integrations/s3/s3_error.h"
#include "net/http.h"
#include "net/url.h"

namespace weft::api {

// One S3 request, taken apart.
struct S3Call {
  net::Request request;
  net::Query query;
  std::string bucket_name;
  std::string key;  // decoded; "" for operations on the bucket
  std::shared_ptr<s3::BucketDirectory> bucket;
  s3::BucketRegistry* buckets = nullptr;

  bool is(std::string_view method) const { return request.method == method; }
  std::string_view header(std::string_view name) const { return request.headers.get(name); }
  std::string_view parameter(std::string_view name) const {
    return query.find(name).value_or(std::string_view());
  }
};

using S3Answer = s3::S3Result<net::Response>;

// list_operations.cc
S3Answer list_buckets(const S3Call& call);
S3Answer list_objects_v1(const S3Call& call);
S3Answer list_objects_v2(const S3Call& call);
// bucket_operations.cc
S3Answer create_bucket(const S3Call& call);
S3Answer delete_bucket(const S3Call& call);
// tagging_operations.cc
S3Answer get_object_tagging(const S3Call& call);
S3Answer put_object_tagging(const S3Call& call);
S3Answer delete_object_tagging(const S3Call& call);
// object_read_operations.cc
S3Answer get_object(const S3Call& call);  // also HeadObject
// object_write_operations.cc
S3Answer put_object(const S3Call& call);
S3Answer copy_object(const S3Call& call);
S3Answer delete_object(const S3Call& call);
S3Answer delete_objects(const S3Call& call);
// multipart_operations.cc
S3Answer create_multipart_upload(const S3Call& call);
S3Answer upload_part(const S3Call& call);
S3Answer upload_part_copy(const S3Call& call);
S3Answer complete_multipart_upload(const S3Call& call);
S3Answer abort_multipart_upload(const S3Call& call);
S3Answer list_parts(const S3Call& call);
S3Answer list_multipart_uploads(const S3Call& call);

}  // namespace weft::api
