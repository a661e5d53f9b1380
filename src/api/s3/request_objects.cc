#include "api/s3/request_objects.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "api/s3/aws_chunked.h"
#include "api/s3/body_checks.h"
#include "api/s3/conditions.h"
#include "integrations/s3/object_tags.h"

namespace weft::api {
namespace {

using s3::S3ErrorCode;

constexpr size_t kMetadataBytesMax = 2048;
constexpr size_t kReadBytes = 1024 * 1024;
constexpr std::string_view kStoredHeaders[] = {"content-type",        "cache-control",
                                               "content-disposition", "content-encoding",
                                               "content-language",    "expires"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

// "aws-chunked,gzip" -> "gzip": the first only describes the transfer.
std::string without_aws_chunked(std::string_view encoding) {
  std::string out;
  while (!encoding.empty()) {
    size_t comma = encoding.find(',');
    std::string_view part = encoding.substr(0, comma);
    encoding = comma == std::string_view::npos ? std::string_view() : encoding.substr(comma + 1);
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.empty() || lower(part) == "aws-chunked") continue;
    out += (out.empty() ? "" : ",") + std::string(part);
  }
  return out;
}

bool is_aws_chunked(const S3Call& call) {
  return call.header("x-amz-content-sha256").starts_with("STREAMING-") ||
         lower(call.header("content-encoding")).find("aws-chunked") != std::string::npos;
}

// Gives the raw body to `sink` piece by piece.
s3::S3Result<void> read_body(const net::Request& request, const AwsChunkedDecoder::Sink& sink) {
  if (!request.spooled) return sink(request.body);
  std::string buffer(kReadBytes, '\0');
  for (uint64_t offset = 0; offset < request.spooled->size();) {
    ssize_t length =
        ::pread(request.spooled->fd(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
    if (length <= 0) return s3::s3_fail_errno("read", "the request body", errno);
    if (auto taken = sink(std::string_view(buffer.data(), static_cast<size_t>(length))); !taken)
      return taken;
    offset += static_cast<uint64_t>(length);
  }
  return {};
}

s3::S3Result<void> check_decoded_length(const S3Call& call, uint64_t size) {
  std::string_view announced = call.header("x-amz-decoded-content-length");
  uint64_t length = 0;
  auto [end, error] =
      std::from_chars(announced.data(), announced.data() + announced.size(), length);
  if (!announced.empty() && (error != std::errc() || length != size))
    return s3::s3_fail(S3ErrorCode::kIncompleteBody);
  return {};
}

}  // namespace

s3::S3Result<std::vector<std::pair<std::string, std::string>>> stored_headers(
    const net::Headers& headers) {
  std::vector<std::pair<std::string, std::string>> out;
  size_t metadata_bytes = 0;
  for (const auto& [name, value] : headers.fields) {
    std::string field = lower(name);
    if (field == s3::kTaggingHeader && !value.empty()) {
      auto tags = s3::parse_tags(value);
      if (!tags) return std::unexpected(tags.error());
      out.emplace_back(field, s3::tags_text(*tags));
      continue;
    }
    bool is_metadata = field.starts_with("x-amz-meta-");
    if (is_metadata)
      metadata_bytes += field.size() - std::string_view("x-amz-meta-").size() + value.size();
    bool is_stored = std::find(std::begin(kStoredHeaders), std::end(kStoredHeaders), field) !=
                     std::end(kStoredHeaders);
    if (!is_metadata && !is_stored) continue;
    std::string kept = field == "content-encoding" ? without_aws_chunked(value) : value;
    if (is_metadata || !kept.empty()) out.emplace_back(std::move(field), std::move(kept));
  }
  if (metadata_bytes > kMetadataBytesMax) return s3::s3_fail(S3ErrorCode::kMetadataTooLarge);
  return out;
}

s3::S3Result<s3::ObjectWriter> write_body(const S3Call& call, s3::S3Result<s3::ObjectWriter> writer,
                                          net::Response& response) {
  if (!writer) return writer;
  auto checks = BodyChecks::of(call.request.headers);
  if (!checks) return std::unexpected(checks.error());
  auto append = [&](std::string_view bytes) {
    checks->append(bytes);
    return writer->append(bytes);
  };
  AwsChunkedDecoder decoder;
  if (is_aws_chunked(call)) {
    auto read = read_body(call.request,
                          [&](std::string_view bytes) { return decoder.feed(bytes, append); });
    if (!read) return std::unexpected(read.error());
    if (!decoder.is_complete()) return s3::s3_fail(S3ErrorCode::kIncompleteBody);
    if (auto checked = check_decoded_length(call, writer->size()); !checked)
      return std::unexpected(checked.error());
  } else if (auto read = read_body(call.request, append); !read) {
    return std::unexpected(read.error());
  }
  if (auto checked = checks->check(decoder.trailers()); !checked)
    return std::unexpected(checked.error());
  if (auto verified = checks->verified()) response.headers.set(verified->first, verified->second);
  return writer;
}

s3::S3Result<std::string> body_text(const S3Call& call, BodyChecksums checksums) {
  if (call.request.body_size() > kDocumentBytesMax) return s3::s3_fail(S3ErrorCode::kMalformedXml);
  auto checks = BodyChecks::of(call.request.headers, checksums == BodyChecksums::kOfBody);
  if (!checks) return std::unexpected(checks.error());
  std::string out;
  AwsChunkedDecoder decoder;
  auto keep = [&](std::string_view bytes) -> s3::S3Result<void> {
    out += bytes;
    return {};
  };
  auto read = is_aws_chunked(call)
                  ? read_body(call.request,
                              [&](std::string_view bytes) { return decoder.feed(bytes, keep); })
                  : read_body(call.request, keep);
  if (!read) return std::unexpected(read.error());
  checks->append(out);
  if (auto checked = checks->check(decoder.trailers()); !checked)
    return std::unexpected(checked.error());
  return out;
}

s3::S3Result<CopySource> open_copy_source(const S3Call& call) {
  std::string_view header = call.header("x-amz-copy-source");
  auto decoded = net::percent_decode(header.substr(0, header.find('?')));
  std::string_view source = decoded ? std::string_view(*decoded) : std::string_view();
  if (source.starts_with('/')) source.remove_prefix(1);
  size_t slash = source.find('/');
  if (slash == std::string_view::npos || slash + 1 == source.size()) {
    return s3::s3_fail(S3ErrorCode::kInvalidArgument,
                       fmt::format("x-amz-copy-source is \"{}\", expected bucket/key", header));
  }
  const net::Query of_source =
      net::Query::parse(header.substr(std::min(header.find('?'), header.size() - 1) + 1));
  if (const auto version = of_source.find("versionId"); version && *version != "null") {
    return s3::s3_fail(S3ErrorCode::kNotImplemented,
                       "Weft's S3 does not offer versions (\"versionId\" of x-amz-copy-source)");
  }
  CopySource out;
  out.bucket_name = source.substr(0, slash);
  auto bucket = call.buckets->find(out.bucket_name);
  if (!bucket) return s3::s3_fail(S3ErrorCode::kNoSuchBucket);
  auto object = bucket->get(source.substr(slash + 1));
  if (!object) return std::unexpected(object.error());
  auto checked = check_conditions(call.request.headers, object->info, "x-amz-copy-source-");
  if (!checked) return std::unexpected(checked.error());
  out.object = std::move(*object);
  return out;
}

s3::S3Result<bool> only_if_absent(const S3Call& call) {
  auto header = call.request.headers.find("if-none-match");
  if (!header) return false;
  if (*header == "*") return true;
  return s3::s3_fail(S3ErrorCode::kNotImplemented, "If-None-Match of a write must be \"*\"");
}

}  // namespace weft::api
