#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "api/s3/conditions.h"
#include "api/s3/joined_checksum.h"
#include "api/s3/request_objects.h"
#include "api/s3/s3_call.h"
#include "api/s3/s3_xml.h"
#include "base/time.h"
#include "integrations/s3/multipart_uploads.h"

namespace weft::api {
namespace {

using s3::MultipartUploads;
using s3::S3ErrorCode;

constexpr size_t kPageMax = 1000;

size_t number_parameter(const S3Call& call, std::string_view name, size_t fallback) {
  std::string_view text = call.parameter(name);
  size_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() ? number
                                                                                   : fallback;
}

int part_number(const S3Call& call) {
  // 0 is refused below as every other wrong number is.
  return static_cast<int>(std::min<size_t>(number_parameter(call, "partNumber", 0),
                                           MultipartUploads::kPartNumberMax + 1));
}

std::string_view unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    return etag.substr(1, etag.size() - 2);
  return etag;
}

std::string quoted(std::string_view etag) { return fmt::format("\"{}\"", etag); }

}  // namespace

S3Answer create_multipart_upload(const S3Call& call) {
  auto headers = stored_headers(call.request.headers);
  if (!headers) return std::unexpected(headers.error());
  auto upload = MultipartUploads(*call.bucket).create(call.key, std::move(*headers));
  if (!upload) return std::unexpected(upload.error());
  S3Xml xml("InitiateMultipartUploadResult");
  add_text(xml.root(), "Bucket", call.bucket_name);
  add_text(xml.root(), "Key", call.key);
  add_text(xml.root(), "UploadId", upload->id);
  return xml.response();
}

S3Answer upload_part(const S3Call& call) {
  net::Response response;
  auto writer = write_body(call, MultipartUploads(*call.bucket).create_part_writer(), response);
  if (!writer) return std::unexpected(writer.error());
  auto part =
      MultipartUploads(*call.bucket)
          .put_part(call.key, call.parameter("uploadId"), part_number(call), std::move(*writer));
  if (!part) return std::unexpected(part.error());
  response.headers.set("ETag", quoted(part->etag));
  return response;
}

S3Answer upload_part_copy(const S3Call& call) {
  auto source = open_copy_source(call);
  if (!source) return std::unexpected(source.error());
  ByteRange bytes{0, source->object.info.size};
  if (auto header = call.request.headers.find("x-amz-copy-source-range")) {
    auto range = parse_range(*header, bytes.length);
    if (!range) return std::unexpected(range.error());
    if (!*range) {
      return s3::s3_fail(S3ErrorCode::kInvalidArgument,
                         "The x-amz-copy-source-range value must be of the form bytes=first-last "
                         "where first and last are the "
                         "zero-based offsets of the first and last bytes to copy");
    }
    bytes = **range;
  }
  auto writer = MultipartUploads(*call.bucket).create_part_writer();
  if (!writer) return std::unexpected(writer.error());
  if (source->object.file) {
    auto copied = writer->append_file(source->object.file->get(), bytes.offset, bytes.length);
    if (!copied) return std::unexpected(copied.error());
  }
  auto part =
      MultipartUploads(*call.bucket)
          .put_part(call.key, call.parameter("uploadId"), part_number(call), std::move(*writer));
  if (!part) return std::unexpected(part.error());
  S3Xml xml("CopyPartResult");
  add_text(xml.root(), "LastModified", base::format_iso_ms(part->last_modified_ms));
  add_text(xml.root(), "ETag", quoted(part->etag));
  return xml.response();
}

S3Answer complete_multipart_upload(const S3Call& call) {
  auto absent = only_if_absent(call);
  if (!absent) return std::unexpected(absent.error());
  auto text = body_text(call, BodyChecksums::kOfObject);
  if (!text) return std::unexpected(text.error());
  pugi::xml_document document;
  if (auto parsed = parse_xml(*text, document); !parsed) return std::unexpected(parsed.error());
  std::vector<s3::PartChoice> choice;
  const pugi::xml_node upload = document.child("CompleteMultipartUpload");
  for (pugi::xml_node part : upload.children("Part")) {
    choice.push_back({part.child("PartNumber").text().as_int(),
                      std::string(unquoted(part.child_value("ETag")))});
  }
  auto check = joined_check(call, upload);
  if (!check) return std::unexpected(check.error());
  auto object = MultipartUploads(*call.bucket)
                    .complete(call.key, call.parameter("uploadId"), choice, *absent, *check);
  if (!object) return std::unexpected(object.error());
  S3Xml xml("CompleteMultipartUploadResult");
  add_text(xml.root(), "Location",
           fmt::format("http://{}{}", call.header("host"), call.request.path));
  add_text(xml.root(), "Bucket", call.bucket_name);
  add_text(xml.root(), "Key", call.key);
  add_text(xml.root(), "ETag", object->quoted_etag());
  return xml.response();
}

S3Answer abort_multipart_upload(const S3Call& call) {
  auto aborted = MultipartUploads(*call.bucket).abort(call.key, call.parameter("uploadId"));
  if (!aborted) return std::unexpected(aborted.error());
  net::Response response;
  response.status = 204;
  return response;
}

S3Answer list_parts(const S3Call& call) {
  auto parts = MultipartUploads(*call.bucket).parts(call.key, call.parameter("uploadId"));
  if (!parts) return std::unexpected(parts.error());
  size_t marker = number_parameter(call, "part-number-marker", 0);
  size_t limit = std::min(number_parameter(call, "max-parts", kPageMax), kPageMax);
  std::erase_if(
      *parts, [&](const s3::PartInfo& part) { return static_cast<size_t>(part.number) <= marker; });
  bool truncated = parts->size() > limit;
  if (truncated) parts->resize(limit);

  S3Xml xml("ListPartsResult");
  add_text(xml.root(), "Bucket", call.bucket_name);
  add_text(xml.root(), "Key", call.key);
  add_text(xml.root(), "UploadId", call.parameter("uploadId"));
  add_number(xml.root(), "PartNumberMarker", marker);
  if (truncated && limit > 0)
    add_number(xml.root(), "NextPartNumberMarker", static_cast<uint64_t>(parts->back().number));
  add_number(xml.root(), "MaxParts", limit);
  add_text(xml.root(), "IsTruncated", truncated ? "true" : "false");
  for (const s3::PartInfo& part : *parts) {
    pugi::xml_node node = xml.root().append_child("Part");
    add_number(node, "PartNumber", static_cast<uint64_t>(part.number));
    add_text(node, "LastModified", base::format_iso_ms(part.last_modified_ms));
    add_text(node, "ETag", quoted(part.etag));
    add_number(node, "Size", part.size);
  }
  return xml.response();
}

S3Answer list_multipart_uploads(const S3Call& call) {
  auto uploads = MultipartUploads(*call.bucket).uploads();
  std::string_view prefix = call.parameter("prefix");
  std::pair<std::string_view, std::string_view> marker{call.parameter("key-marker"),
                                                       call.parameter("upload-id-marker")};
  std::erase_if(uploads, [&](const s3::UploadInfo& upload) {
    bool before = marker.second.empty() ? upload.key <= marker.first
                                        : std::pair<std::string_view, std::string_view>(
                                              upload.key, upload.id) <= marker;
    return !upload.key.starts_with(prefix) || before;
  });
  size_t limit = std::min(number_parameter(call, "max-uploads", kPageMax), kPageMax);
  bool truncated = uploads.size() > limit;
  if (truncated) uploads.resize(limit);

  S3Xml xml("ListMultipartUploadsResult");
  add_text(xml.root(), "Bucket", call.bucket_name);
  add_text(xml.root(), "KeyMarker", marker.first);
  add_text(xml.root(), "UploadIdMarker", marker.second);
  add_text(xml.root(), "Prefix", prefix);
  if (truncated && limit > 0) {
    add_text(xml.root(), "NextKeyMarker", uploads.back().key);
    add_text(xml.root(), "NextUploadIdMarker", uploads.back().id);
  }
  add_number(xml.root(), "MaxUploads", limit);
  add_text(xml.root(), "IsTruncated", truncated ? "true" : "false");
  for (const s3::UploadInfo& upload : uploads) {
    pugi::xml_node node = xml.root().append_child("Upload");
    add_text(node, "Key", upload.key);
    add_text(node, "UploadId", upload.id);
    add_text(node, "StorageClass", "STANDARD");
    add_text(node, "Initiated", base::format_iso_ms(upload.initiated_ms));
  }
  return xml.response();
}

}  // namespace weft::api
