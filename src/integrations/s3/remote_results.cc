#include "integrations/s3/remote_results.h"

#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <pugixml.hpp>

namespace weft::s3 {
namespace {

using base::ErrorCode;
using base::fail;

// AWS takes no smaller ones than 5 MiB, and 10,000 of them: enough for the largest result file.
constexpr size_t kPartBytes = size_t{8} << 20;

struct ResultPlace {
  std::shared_ptr<aws::S3Client> client;
  std::string bucket;
};

// An answer with status 200 or 204. kIo otherwise: that the server cannot be reached now is, for
// whoever writes, no sign that Weft ends.
base::Result<net::Response> ask(const ResultPlace& remote, aws::S3Request request,
                                std::string_view doing) {
  request.bucket = remote.bucket;
  auto response = remote.client->call(request);
  const auto failed = [&](const std::string& why) {
    return fail(ErrorCode::kIo,
                fmt::format("{} 's3://{}/{}' failed: {}", doing, remote.bucket, request.key, why));
  };
  if (!response) return failed(response.error().message);
  if (response->status != 200 && response->status != 204) return failed(aws::s3_failure(*response));
  return response;
}

pugi::xml_node root_of(pugi::xml_document& document, const net::Response& response,
                       const char* name) {
  document.load_buffer(response.body.data(), response.body.size());
  return document.child(name);
}

void abort_upload(const ResultPlace& remote, const std::string& key, const std::string& id) {
  (void)ask(remote, {.method = "DELETE", .key = key, .query = {{"uploadId", id}}},
            "Giving up the upload of");
}

// Nobody but this Map Run writes at the key, so uploads that wait there are of a process that is
// gone. Servers that list none keep none that we could know.
void abort_uploads_at(const ResultPlace& remote, const std::string& key) {
  auto listed =
      ask(remote, {.query = {{"uploads", ""}, {"prefix", key}}}, "Listing the uploads of");
  if (!listed) return;
  pugi::xml_document document;
  for (const pugi::xml_node upload :
       root_of(document, *listed, "ListMultipartUploadsResult").children("Upload")) {
    if (upload.child("Key").text().get() == key)
      abort_upload(remote, key, upload.child("UploadId").text().get());
  }
}

class RemoteObject : public maprun::ResultObject {
 public:
  RemoteObject(ResultPlace remote, std::string key)
      : remote_(std::move(remote)), key_(std::move(key)) {}
  ~RemoteObject() override {
    if (!upload_id_.empty()) abort_upload(remote_, key_, upload_id_);
  }
  RemoteObject(const RemoteObject&) = delete;
  RemoteObject& operator=(const RemoteObject&) = delete;

  base::Result<void> append(std::string_view bytes) override {
    buffer_ += bytes;
    while (buffer_.size() >= kPartBytes) {
      if (auto put = put_part(); !put) return put;
    }
    return {};
  }

  base::Result<void> finish() override {
    if (upload_id_.empty()) {
      auto put = ask(remote_, {.method = "PUT", .key = key_, .body = std::move(buffer_)}, kWriting);
      if (!put) return std::unexpected(put.error());
      return {};
    }
    if (!buffer_.empty()) {
      if (auto put = put_part(); !put) return put;
    }
    return complete();
  }

 private:
  static constexpr std::string_view kWriting = "Writing";

  base::Result<void> begin_upload() {
    abort_uploads_at(remote_, key_);
    auto begun =
        ask(remote_, {.method = "POST", .key = key_, .query = {{"uploads", ""}}}, kWriting);
    if (!begun) return std::unexpected(begun.error());
    pugi::xml_document document;
    upload_id_ =
        root_of(document, *begun, "InitiateMultipartUploadResult").child("UploadId").text().get();
    if (upload_id_.empty()) return unexpected_answer("the S3 server tells no UploadId");
    return {};
  }

  // From the front of the buffer. Parts are equally large but for the last: some servers want that.
  base::Result<void> put_part() {
    if (upload_id_.empty()) {
      if (auto begun = begin_upload(); !begun) return begun;
    }
    std::string part = buffer_.substr(0, kPartBytes);
    buffer_.erase(0, part.size());
    const std::string number = std::to_string(etags_.size() + 1);
    auto put = ask(remote_,
                   {.method = "PUT",
                    .key = key_,
                    .query = {{"partNumber", number}, {"uploadId", upload_id_}},
                    .body = std::move(part)},
                   kWriting);
    if (!put) return std::unexpected(put.error());
    etags_.emplace_back(put->headers.get("ETag"));
    if (etags_.back().empty()) return unexpected_answer("the S3 server tells no ETag of a part");
    return {};
  }

  base::Result<void> complete() {
    std::string parts = "<CompleteMultipartUpload>";
    for (size_t i = 0; i < etags_.size(); ++i) {
      parts += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1,
                           escaped(etags_[i]));
    }
    parts += "</CompleteMultipartUpload>";
    auto done = ask(remote_,
                    {.method = "POST",
                     .key = key_,
                     .query = {{"uploadId", upload_id_}},
                     .headers = {{"Content-Type", "application/xml"}},
                     .body = std::move(parts)},
                    kWriting);
    if (!done) return std::unexpected(done.error());
    // This answer begins before the server knows how it ends.
    pugi::xml_document document;
    if (!root_of(document, *done, "CompleteMultipartUploadResult"))
      return unexpected_answer(aws::s3_failure(*done));
    upload_id_.clear();
    return {};
  }

  static std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c == '"') {
        out += "&quot;";
      } else if (c == '&') {
        out += "&amp;";
      } else if (c == '<') {
        out += "&lt;";
      } else {
        out += c;
      }
    }
    return out;
  }

  std::unexpected<base::Error> unexpected_answer(std::string_view what) const {
    return fail(ErrorCode::kIo,
                fmt::format("{} 's3://{}/{}' failed: {}", kWriting, remote_.bucket, key_, what));
  }

  ResultPlace remote_;
  std::string key_;
  std::string buffer_;
  std::string upload_id_;           // "" = everything is still in the buffer
  std::vector<std::string> etags_;  // of the parts so far
};

class RemoteResults : public maprun::ResultBucket {
 public:
  explicit RemoteResults(ResultPlace remote) : remote_(std::move(remote)) {}

  base::Result<std::unique_ptr<maprun::ResultObject>> create(const std::string& key) override {
    return std::make_unique<RemoteObject>(remote_, key);
  }
  base::Result<void> remove(const std::string& key) override {
    auto removed = ask(remote_, {.method = "DELETE", .key = key}, "Removing");
    if (!removed) return std::unexpected(removed.error());
    return {};
  }
  base::Result<std::optional<uint64_t>> size_of(const std::string& key) override {
    auto head = remote_.client->call({.method = "HEAD", .bucket = remote_.bucket, .key = key});
    if (!head) return std::unexpected(head.error());
    if (head->status == 404) return std::nullopt;
    const std::string_view length = head->headers.get("Content-Length");
    uint64_t size = 0;
    const auto read = std::from_chars(length.data(), length.data() + length.size(), size);
    if (head->status == 200 && read.ec == std::errc()) return size;
    return fail(ErrorCode::kIo, fmt::format("Looking for 's3://{}/{}' failed: {}", remote_.bucket,
                                            key, aws::s3_failure(*head)));
  }

 private:
  ResultPlace remote_;
};

}  // namespace

base::Result<std::unique_ptr<maprun::ResultBucket>> open_remote_results(
    std::shared_ptr<aws::S3Client> client, const std::string& bucket) {
  auto head = client->call({.method = "HEAD", .bucket = bucket});
  if (head && head->status == 200)
    return std::make_unique<RemoteResults>(ResultPlace{client, bucket});
  if (head && head->status == 404) {
    return fail(ErrorCode::kNotFound,
                fmt::format("The bucket '{}' of the ResultWriter does not exist", bucket));
  }
  return fail(ErrorCode::kIo,
              fmt::format("The bucket '{}' of the ResultWriter cannot be reached: {}", bucket,
                          head ? aws::s3_failure(*head) : head.error().message));
}

}  // namespace weft::s3
