#include "integrations/s3/remote_objects.h"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "aws/s3_client.h"
#include "base/time.h"
#include "integrations/s3/remote_results.h"
#include "net/url.h"

namespace weft::s3 {
namespace {

using base::ErrorCode;
using base::fail;

// The most that one request asks for, in bytes.
constexpr size_t kRangeBytesMax = 8u << 20;

struct Remote {
  std::shared_ptr<aws::S3Client> client;
  std::string bucket;
};

std::string unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

std::unexpected<base::Error> failed(const net::Response& response) {
  return fail(response.status == 404 ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
              aws::s3_failure(response));
}

// An object of another server, read in ranges of one ETag.
class RemoteBytes : public maprun::items::Bytes {
 public:
  RemoteBytes(Remote remote, ObjectName name, std::string etag, uint64_t size, Unwanted unwanted)
      : remote_(std::move(remote)),
        name_(std::move(name)),
        etag_(std::move(etag)),
        size_(size),
        unwanted_(std::move(unwanted)) {}

  const std::string& version() const override { return etag_; }
  uint64_t size() const override { return size_; }

  base::Result<std::string> read(uint64_t offset, size_t size) override {
    std::string bytes;
    const uint64_t end = offset >= size_ ? offset : std::min(size_, offset + size);
    while (offset < end) {
      if (auto wanted = check_wanted(unwanted_); !wanted) return std::unexpected(wanted.error());
      auto range = read_range(offset, std::min<uint64_t>(end - offset, kRangeBytesMax));
      if (!range) return range;
      offset += range->size();
      bytes += *range;
    }
    return bytes;
  }

 private:
  base::Result<std::string> read_range(uint64_t offset, uint64_t size) {
    aws::S3Request request{
        .bucket = remote_.bucket,
        .key = name_.key,
        .headers = {{"If-Match", "\"" + etag_ + "\""},
                    {"Range", fmt::format("bytes={}-{}", offset, offset + size - 1)}}};
    if (!name_.version_id.empty()) request.query.emplace_back("versionId", name_.version_id);
    auto response = remote_.client->call(request);
    if (!response) return std::unexpected(response.error());
    if (response->status == 412 || response->status == 404 || response->status == 416)
      return std::unexpected(object_changed());
    const bool whole = response->status == 200 && offset == 0 && response->body.size() == size_;
    if (response->status != 206 && !whole) return failed(*response);
    // Servers that know no If-Match tell the version at least.
    const std::string_view etag = response->headers.get("ETag");
    if (!etag.empty() && unquoted(etag) != etag_) return std::unexpected(object_changed());
    response->body.resize(std::min<uint64_t>(response->body.size(), size));
    if (response->body.size() < size)
      return fail(ErrorCode::kUnavailable, "the S3 server sends less than it was asked for");
    return std::move(response->body);
  }

  Remote remote_;
  ObjectName name_;
  std::string etag_;
  uint64_t size_ = 0;
  const Unwanted unwanted_;
};

base::Result<std::shared_ptr<maprun::items::Bytes>> open_remote(const Remote& remote,
                                                                const ObjectName& name,
                                                                const Unwanted& unwanted) {
  aws::S3Request request{.method = "HEAD", .bucket = remote.bucket, .key = name.key};
  if (!name.version_id.empty()) request.query.emplace_back("versionId", name.version_id);
  auto head = remote.client->call(request);
  if (!head) return std::unexpected(head.error());
  if (head->status != 200) {  // which says nothing more: a GET does
    request.method = "GET";
    request.headers.emplace_back("Range", "bytes=0-0");
    auto why = remote.client->call(request);
    if (!why) return std::unexpected(why.error());
    return failed(why->status >= 400 ? *why : *head);
  }
  const std::string_view length = head->headers.get("Content-Length");
  uint64_t size = 0;
  const auto read = std::from_chars(length.data(), length.data() + length.size(), size);
  std::string etag = unquoted(head->headers.get("ETag"));
  if (read.ec != std::errc() || etag.empty())
    return fail(ErrorCode::kUnavailable, "the S3 server tells neither size nor ETag of the object");
  return std::make_shared<RemoteBytes>(remote, name, std::move(etag), size, unwanted);
}

std::string text_of(pugi::xml_node node, const char* name) { return node.child(name).text().get(); }

base::Result<ListPage> list_remote(const Remote& remote, const std::string& prefix,
                                   const std::string& after, size_t max_keys) {
  aws::S3Request request{
      .bucket = remote.bucket,
      .query = {
          {"list-type", "2"}, {"encoding-type", "url"}, {"max-keys", std::to_string(max_keys)}}};
  if (!prefix.empty()) request.query.emplace_back("prefix", prefix);
  if (!after.empty()) request.query.emplace_back("start-after", after);
  auto response = remote.client->call(request);
  if (!response) return std::unexpected(response.error());
  if (response->status != 200) return failed(*response);
  pugi::xml_document document;
  const auto parsed = document.load_buffer(response->body.data(), response->body.size());
  const pugi::xml_node root = document.child("ListBucketResult");
  if (!parsed || !root)
    return fail(ErrorCode::kUnavailable, "the S3 server's listing is no ListBucketResult");
  const bool encoded = text_of(root, "EncodingType") == "url";
  ListPage page{
      .objects = {}, .next_token = {}, .truncated = text_of(root, "IsTruncated") == "true"};
  for (const pugi::xml_node entry : root.children("Contents")) {
    ObjectSummary object;
    object.key = text_of(entry, "Key");
    if (encoded) {
      std::ranges::replace(object.key, '+', ' ');
      object.key = net::percent_decode(object.key).value_or(object.key);
    }
    object.etag = text_of(entry, "ETag");
    object.size = entry.child("Size").text().as_ullong();
    object.last_modified_ms = base::parse_iso(text_of(entry, "LastModified")).value_or(0);
    object.storage_class = text_of(entry, "StorageClass");
    if (object.storage_class.empty()) object.storage_class = "STANDARD";
    page.objects.push_back(std::move(object));
  }
  return page;
}

class AllBuckets : public ObjectSource {
 public:
  AllBuckets(const BucketRegistry* own, const RemoteSettings& settings)
      : own_(own), own_objects_(own_buckets(own)) {
    const auto client = [&](const std::string& endpoint_url) {
      auto& one = clients_[endpoint_url];
      if (one == nullptr) {
        one = std::make_shared<aws::S3Client>(aws::S3Options{.endpoint_url = endpoint_url,
                                                             .region = settings.region,
                                                             .credentials = settings.credentials});
      }
      return one;
    };
    for (const RemoteBucket& bucket : settings.buckets)
      named_[bucket.name] = {client(bucket.endpoint_url), bucket.bucket};
    if (!settings.endpoint_url.empty()) elsewhere_ = client(settings.endpoint_url);
  }

  base::Result<std::shared_ptr<maprun::items::Bytes>> open(const ObjectName& name,
                                                           const Unwanted& unwanted) override {
    const auto remote = remote_of(name.bucket);
    return remote ? open_remote(*remote, name, unwanted) : own_objects_->open(name, unwanted);
  }
  base::Result<ListPage> list(const std::string& bucket, const std::string& prefix,
                              const std::string& after, size_t max_keys) override {
    const auto remote = remote_of(bucket);
    return remote ? list_remote(*remote, prefix, after, max_keys)
                  : own_objects_->list(bucket, prefix, after, max_keys);
  }
  base::Result<std::unique_ptr<maprun::ResultBucket>> results(const std::string& bucket) override {
    const auto remote = remote_of(bucket);
    return remote ? open_remote_results(remote->client, remote->bucket)
                  : own_objects_->results(bucket);
  }
  void stop() override {
    own_objects_->stop();
    for (const auto& [url, client] : clients_) client->stop();
  }

 private:
  // Where the bucket lies when it is not our own.
  std::optional<Remote> remote_of(const std::string& bucket) const {
    if (const auto named = named_.find(bucket); named != named_.end()) return named->second;
    if (elsewhere_ == nullptr || (own_ != nullptr && own_->owns(bucket))) return std::nullopt;
    return Remote{elsewhere_, bucket};
  }

  const BucketRegistry* own_;
  std::unique_ptr<ObjectSource> own_objects_;
  std::map<std::string, std::shared_ptr<aws::S3Client>> clients_;  // by endpoint
  std::map<std::string, Remote> named_;
  std::shared_ptr<aws::S3Client> elsewhere_;
};

}  // namespace

base::Result<RemoteBucket> parse_remote_bucket(std::string_view name, std::string_view url) {
  const auto parsed = net::Url::parse(url);
  if (!parsed) return std::unexpected(parsed.error());
  std::string_view bucket = parsed->target;
  while (bucket.starts_with('/')) bucket.remove_prefix(1);
  while (bucket.ends_with('/')) bucket.remove_suffix(1);
  if (bucket.find_first_of("/?") != std::string_view::npos) {
    return fail(ErrorCode::kInvalidArgument,
                "expected the address of an S3 server, and behind it at most a bucket's name");
  }
  return RemoteBucket{std::string(name), parsed->origin(),
                      std::string(bucket.empty() ? name : bucket)};
}

std::unique_ptr<ObjectSource> all_buckets(const BucketRegistry* own,
                                          const RemoteSettings& settings) {
  return std::make_unique<AllBuckets>(own, settings);
}

}  // namespace weft::s3
