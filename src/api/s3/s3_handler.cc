#include "api/s3/s3_handler.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include <fmt/format.h>

#include "api/s3/host_bucket.h"
#include "api/s3/offered.h"
#include "api/s3/request_objects.h"
#include "api/s3/s3_call.h"
#include "api/s3/s3_xml.h"
#include "integrations/s3/object_key.h"

namespace weft::api {
namespace {

using s3::S3ErrorCode;

// Sub-resources that we know and do not offer. `location`, `uploads`, `delete`, `versioning`, and
// `tagging` of objects are offered.
constexpr std::string_view kRefusedSubresources[] = {
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "torrent",
    "versions",
    "website",
    "renameObject",
    "append",
};

std::unexpected<s3::S3Error> not_offered(std::string_view subresource) {
  return s3::s3_fail(S3ErrorCode::kNotImplemented,
                     fmt::format("Weft's S3 does not offer the sub-resource \"?{}\"", subresource));
}

std::string next_request_id() {
  static std::atomic<uint64_t> counter = 0;
  // Distinct within the process, and of S3's shape; the multiplier is odd, so that no two numbers
  // collide.
  return fmt::format("{:016X}", (counter.fetch_add(1) + 1) * 0x9E3779B97F4A7C15ULL);
}

S3Answer get_bucket_location(const S3Call&) {
  // An empty constraint stands for us-east-1.
  return S3Xml("LocationConstraint").response();
}

S3Answer head_bucket(const S3Call&) {
  net::Response response;
  response.headers.set("x-amz-bucket-region", "us-east-1");
  return response;
}

S3Answer on_bucket(const S3Call& call) {
  if (call.query.has("tagging")) return not_offered("tagging");
  if (call.is("HEAD")) return head_bucket(call);
  if (call.is("GET")) {
    if (call.query.has("location")) return get_bucket_location(call);
    if (call.query.has("uploads")) return list_multipart_uploads(call);
    if (call.query.has("versioning")) return S3Xml("VersioningConfiguration").response();
    return call.parameter("list-type") == "2" ? list_objects_v2(call) : list_objects_v1(call);
  }
  if (call.is("POST") && call.query.has("delete")) return delete_objects(call);
  if (call.is("POST"))
    return s3::s3_fail(S3ErrorCode::kNotImplemented,
                       "Weft's S3 does not offer uploads by HTML forms");
  if (call.is("PUT") && call.query.has("versioning")) return not_offered("versioning");
  if (call.is("PUT")) return create_bucket(call);
  if (call.is("DELETE")) return delete_bucket(call);
  return s3::s3_fail(S3ErrorCode::kMethodNotAllowed);
}

S3Answer on_object(const S3Call& call) {
  bool of_upload = call.query.has("uploadId");
  if (call.query.has("tagging")) {
    if (call.is("GET")) return get_object_tagging(call);
    if (call.is("PUT")) return put_object_tagging(call);
    if (call.is("DELETE")) return delete_object_tagging(call);
    return s3::s3_fail(S3ErrorCode::kMethodNotAllowed);
  }
  if (call.is("GET") && of_upload) return list_parts(call);
  if (call.is("GET") || call.is("HEAD")) return get_object(call);
  if (call.is("PUT")) {
    bool copies = call.request.headers.find("x-amz-copy-source").has_value();
    if (of_upload) return copies ? upload_part_copy(call) : upload_part(call);
    return copies ? copy_object(call) : put_object(call);
  }
  if (call.is("POST") && call.query.has("uploads")) return create_multipart_upload(call);
  if (call.is("POST") && of_upload) return complete_multipart_upload(call);
  if (call.is("DELETE")) return of_upload ? abort_multipart_upload(call) : delete_object(call);
  return s3::s3_fail(S3ErrorCode::kMethodNotAllowed);
}

// Takes bucket and key out of the host and the path; the key is still encoded.
std::string_view take_address(S3Call& call) {
  std::string_view path =
      std::string_view(call.request.path).substr(std::min<size_t>(1, call.request.path.size()));
  const size_t slash = path.find('/');
  const std::string_view first = path.substr(0, slash);
  if (auto host = bucket_of_host(call.header("host"))) {
    // Without S3's label the host may be any name of this machine: then the path names the bucket.
    const bool any_name = !host->of_s3 && !first.empty() && !call.buckets->find(host->name) &&
                          call.buckets->find(first);
    if (!any_name) {
      call.bucket_name = std::move(host->name);
      return path;
    }
  }
  call.bucket_name = first;
  return slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
}

S3Answer dispatch(S3Call& call) {
  const std::string_view encoded_key = take_address(call);
  if (call.bucket_name.empty()) {
    const bool root = call.request.path.size() <= 1;
    if (call.is("GET") && root) return list_buckets(call);
    return s3::s3_fail(root ? S3ErrorCode::kMethodNotAllowed : S3ErrorCode::kInvalidUri);
  }
  for (std::string_view refused : kRefusedSubresources) {
    if (call.query.has(refused)) return not_offered(refused);
  }
  call.bucket = call.buckets->find(call.bucket_name);
  const bool is_creation = call.is("PUT") && encoded_key.empty() && !call.query.has("tagging") &&
                           !call.query.has("versioning");
  if (!call.bucket && !is_creation) {
    const bool named = s3::check_bucket_name(call.bucket_name).has_value();
    return s3::s3_fail(named ? S3ErrorCode::kNoSuchBucket : S3ErrorCode::kInvalidBucketName);
  }
  auto key = net::percent_decode(encoded_key);
  if (!key) return s3::s3_fail(S3ErrorCode::kInvalidUri);
  call.key = std::move(*key);
  if (auto offered = check_offered(call); !offered) return std::unexpected(offered.error());
  return call.key.empty() ? on_bucket(call) : on_object(call);
}

net::Response answer(s3::BucketRegistry& buckets, net::Request request) {
  S3Call call;
  call.query = net::Query::parse(request.query);
  call.request = std::move(request);
  call.buckets = &buckets;
  std::string request_id = next_request_id();
  S3Answer answered = dispatch(call);
  net::Response response = answered
                               ? std::move(*answered)
                               : s3_error_response(answered.error(), call.request.path, request_id);
  if (response.status == 405) response.headers.set("Allow", "GET, HEAD, PUT, POST, DELETE");
  response.headers.set("x-amz-request-id", std::move(request_id));
  response.headers.set("Server", "Weft");
  return response;
}

}  // namespace

net::Handler make_s3_handler(s3::BucketRegistry& buckets, net::WorkerPool& workers) {
  return net::blocking(
      workers, [&buckets](net::Request request) { return answer(buckets, std::move(request)); });
}

uint64_t s3_body_limit(const net::Request& request) {
  const net::Query query = net::Query::parse(request.query);
  const bool object = request.method == "PUT" && !query.has("tagging");
  return object ? UINT64_MAX : kDocumentBytesMax;
}

net::Response refuse_s3_body(const net::Request& request, int status) {
  const auto code = status == 503 ? S3ErrorCode::kSlowDown : S3ErrorCode::kEntityTooLarge;
  return s3_error_response(s3::s3_fail(code).error(), request.path, next_request_id());
}

bool is_s3_request(const net::Request& request, bool (*elsewhere)(std::string_view first)) {
  if (request.headers.find("x-amz-target") || !request.path.starts_with('/')) return false;
  const auto host = bucket_of_host(request.headers.get("host"));
  if (host && host->of_s3) return true;
  std::string_view first = std::string_view(request.path).substr(1);
  first = first.substr(0, first.find('/'));
  if (first.empty()) {
    bool is_browser = request.headers.get("accept").find("text/html") != std::string_view::npos;
    const bool reads = request.method == "GET" || request.method == "HEAD";
    const bool names_bucket = host && s3::check_bucket_name(host->name);
    return request.path == "/" && (reads || names_bucket) && !is_browser;
  }
  // The rest is S3's, which refuses what is no name of a bucket in its own words.
  return !elsewhere(first);
}

}  // namespace weft::api
