#include "integrations/http/http_task.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "asl/call_members.h"
#include "integrations/http/connection.h"
#include "json/build.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/url.h"

namespace weft::http {
namespace {

using base::Result;
using json::Value;

// Headers that AWS keeps for itself (AWS page "Call HTTPS APIs", field Headers).
constexpr std::array<std::string_view, 32> kForbiddenHeaders = {
    "a-im",
    "accept-charset",
    "accept-datetime",
    "accept-encoding",
    "authorization",
    "cache-control",
    "connection",
    "content-encoding",
    "content-md5",
    "date",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "origin",
    "pragma",
    "proxy-authorization",
    "referer",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "warning",
};
constexpr std::array<std::string_view, 3> kForbiddenPrefixes = {"x-forwarded-", "x-amz-",
                                                                "x-amzn-"};
constexpr std::array<std::string_view, 7> kMethods = {"GET",   "POST",    "PUT", "DELETE",
                                                      "PATCH", "OPTIONS", "HEAD"};
// AWS reads no more of an answer than fits a state's data.
constexpr std::string_view kRange = "bytes=0-262144";

std::unexpected<base::Error> bad(std::string_view field, std::string_view expected) {
  return base::fail(
      base::ErrorCode::kInvalidArgument,
      fmt::format("The value of the field '{}' has an invalid format: {}", field, expected));
}

Result<std::string> required(const Value& parameters, std::string_view field) {
  const Value value = parameters.find(field);
  if (value.is_undefined()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("The field '{}' is required but was missing", field));
  }
  if (!value.is_string()) return bad(field, "expected a string");
  return std::string(value.as_string());
}

bool is_forbidden(std::string_view header) {
  const std::string lower = net::lower_case(header);
  return std::ranges::find(kForbiddenHeaders, lower) != kForbiddenHeaders.end() ||
         std::ranges::any_of(kForbiddenPrefixes,
                             [&](std::string_view prefix) { return lower.starts_with(prefix); });
}

// A string, or several as an array.
Result<void> add_header(std::string_view name, const Value& value, net::Headers& headers) {
  if (is_forbidden(name))
    return bad("Headers", fmt::format("an HTTP task cannot set the header '{}'", name));
  const bool several = value.is_array();
  for (size_t i = 0; i < (several ? value.size() : 1); ++i) {
    const Value& one = several ? value.item(i) : value;
    if (!one.is_string())
      return bad("Headers", fmt::format("'{}' must be a string or an array of strings", name));
    if (!net::is_header(name, one.as_string()))
      return bad("Headers", fmt::format("'{}' is no HTTP header, or its value no line", name));
    headers.add(name, std::string(one.as_string()));
  }
  return {};
}

Result<void> read_headers(const Value& headers, HttpTask& task) {
  if (headers.is_undefined() || headers.is_null()) return {};
  if (!headers.is_object()) return bad("Headers", "expected an object");
  for (size_t i = 0; i < headers.size(); ++i) {
    if (auto added = add_header(headers.key(i), headers.member(i), task.headers); !added)
      return added;
  }
  return {};
}

Result<void> read_query(const Value& query, HttpTask& task) {
  if (query.is_undefined() || query.is_null()) return {};
  if (!query.is_object()) return bad("QueryParameters", "expected an object");
  for (size_t i = 0; i < query.size(); ++i) {
    const Value& value = query.member(i);
    const std::string name(query.key(i));
    const size_t count = value.is_array() ? value.size() : 1;
    for (size_t item = 0; item < count; ++item) {
      const Value& one = value.is_array() ? value.item(item) : value;
      if (one.is_container())
        return bad("QueryParameters", fmt::format("'{}' must be text or a list of texts", name));
      task.query.emplace_back(name, plain_text(one));
    }
  }
  return {};
}

Result<void> read_transform(const Value& transform, HttpTask& task) {
  if (transform.is_undefined()) return {};
  if (!transform.is_object()) return bad("Transform", "expected an object");
  const Value encoding = transform.find("RequestBodyEncoding");
  if (!encoding.is_undefined()) {
    const std::string_view name = encoding.as_string();
    if (name != "NONE" && name != "URL_ENCODED")
      return bad("RequestBodyEncoding", "expected NONE or URL_ENCODED");
    task.url_encoded = name == "URL_ENCODED";
  }
  const Value format = transform.find("RequestEncodingOptions").find("ArrayFormat");
  if (format.is_undefined()) return {};
  constexpr std::array<std::string_view, 4> kFormats = {"INDICES", "REPEAT", "COMMAS", "BRACKETS"};
  const auto found = std::ranges::find(kFormats, format.as_string());
  if (found == kFormats.end())
    return bad("ArrayFormat", "expected INDICES, REPEAT, COMMAS or BRACKETS");
  task.array_format = static_cast<ArrayFormat>(found - kFormats.begin());
  return {};
}

// InvocationConfig is the newer place, Authentication the older one.
Result<void> read_connection(const Value& parameters, HttpTask& task) {
  for (std::string_view place : {"InvocationConfig", "Authentication"}) {
    const Value config = parameters.find(place);
    if (config.is_undefined()) continue;
    auto arn = required(config, "ConnectionArn");
    if (!arn) return std::unexpected(arn.error());
    task.connection_arn = std::move(*arn);
    return {};
  }
  return {};
}

// `ours` and what the connection has, which wins where names are the same.
template <typename Pairs, typename SameName>
Pairs merged(const Pairs& ours, const Pairs& theirs, SameName same_name) {
  Pairs all = ours;
  std::erase_if(all, [&](const auto& one) {
    return std::ranges::any_of(
        theirs, [&](const auto& other) { return same_name(one.first, other.first); });
  });
  all.insert(all.end(), theirs.begin(), theirs.end());
  return all;
}

// The endpoint with the query; its own bytes beyond ASCII encoded.
std::string url_of(const std::string& endpoint,
                   const std::vector<std::pair<std::string, std::string>>& query) {
  std::string url = endpoint.substr(0, endpoint.find('#'));
  std::string encoded;
  for (const char c : url) {
    const bool ascii = static_cast<unsigned char>(c) < 128;
    encoded += ascii ? std::string(1, c) : net::percent_encode(std::string_view(&c, 1));
  }
  char separator = encoded.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : query) {
    encoded += separator + net::percent_encode(name) + "=" + net::percent_encode(value);
    separator = '&';
  }
  return encoded;
}

}  // namespace

Result<HttpTask> HttpTask::parse(std::string_view parameters, json::Arena& arena) {
  auto parsed = json::parse(parameters, arena);
  if (!parsed) return std::unexpected(parsed.error());
  if (const std::string why = asl::unusable_member("http:invoke", *parsed); !why.empty())
    return base::fail(base::ErrorCode::kInvalidArgument, why);
  HttpTask task;
  auto endpoint = required(*parsed, "ApiEndpoint");
  if (!endpoint) return std::unexpected(endpoint.error());
  if (auto url = net::Url::parse(*endpoint); !url) return bad("ApiEndpoint", url.error().message);
  task.endpoint = std::move(*endpoint);
  auto method = required(*parsed, "Method");
  if (!method) return std::unexpected(method.error());
  if (std::ranges::find(kMethods, *method) == kMethods.end())
    return bad("Method", "expected GET, POST, PUT, DELETE, PATCH, OPTIONS or HEAD");
  task.method = std::move(*method);
  if (auto read = read_headers(parsed->find("Headers"), task); !read)
    return std::unexpected(read.error());
  if (auto read = read_query(parsed->find("QueryParameters"), task); !read)
    return std::unexpected(read.error());
  if (auto read = read_transform(parsed->find("Transform"), task); !read)
    return std::unexpected(read.error());
  if (auto read = read_connection(*parsed, task); !read) return std::unexpected(read.error());
  task.body = parsed->find("RequestBody");
  if (task.url_encoded && !task.body.is_undefined() && !task.body.is_object() &&
      !task.body.is_string())
    return bad("RequestBody", "URL_ENCODED needs an object");
  return task;
}

Result<net::ClientRequest> HttpTask::request(const Connection* connection, std::string_view region,
                                             json::Arena& arena) const {
  static const Connection kNone;
  const Connection& adds = connection != nullptr ? *connection : kNone;
  net::ClientRequest request{.method = method};
  request.headers.fields =
      merged(headers.fields, adds.headers.fields, [](std::string_view a, std::string_view b) {
        return net::lower_case(a) == net::lower_case(b);
      });
  request.url = url_of(endpoint, merged(query, adds.query, std::equal_to<>()));
  Value whole = body;
  if (!adds.body.empty()) {
    if (!body.is_undefined() && !body.is_object())
      return bad("RequestBody", "it must be an object, because the connection adds to it");
    json::ObjectBuilder object(arena);
    for (size_t i = 0; i < body.size(); ++i) object.add(body.key(i), body.member(i));
    for (const auto& [name, value] : adds.body) object.add(name, Value::string(value, arena));
    whole = object.finish();
  }
  if (whole.is_string()) {
    request.body = whole.as_string();
  } else {
    request.body = url_encoded ? form_encode(whole, array_format) : json::to_text(whole);
  }
  if (!whole.is_undefined() && !request.headers.find("Content-Type"))
    request.headers.add("Content-Type", "application/json; charset=UTF-8");
  request.headers.set("User-Agent", fmt::format("Amazon|StepFunctions|HttpInvoke|{}", region));
  request.headers.set("Range", std::string(kRange));
  return request;
}

}  // namespace weft::http
