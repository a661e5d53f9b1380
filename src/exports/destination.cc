#include "exports/destination.h"

#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "net/url.h"

namespace weft::exports {
namespace {

using base::ErrorCode;
using base::fail;
using Kind = Destination::Kind;

struct Form {
  std::string_view name;
  Kind kind;
  std::string_view path;  // of a URL without one
};
constexpr Form kForms[] = {{"otlp", Kind::kOtlp, "/v1/traces"},
                           {"datadog", Kind::kDatadog, "/v0.4/traces"},
                           {"otlp-metrics", Kind::kOtlpMetrics, "/v1/metrics"},
                           {"dogstatsd", Kind::kDogStatsD, ""}};

base::Result<Destination> parse_udp(std::string_view where) {
  Destination out{.kind = Kind::kDogStatsD};
  const size_t colon = where.rfind(':');
  if (colon != std::string_view::npos && colon > 0) {
    const char* end = where.data() + where.size();
    const auto parsed = std::from_chars(where.data() + colon + 1, end, out.port);
    out.host = where.substr(0, colon);
    if (out.host.starts_with('[') && out.host.ends_with(']')) {
      out.host = out.host.substr(1, out.host.size() - 2);
    }
    if (parsed.ec == std::errc() && parsed.ptr == end && out.port != 0) return out;
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("dogstatsd={}: expected HOST:PORT, such as 127.0.0.1:8125", where));
}

}  // namespace

base::Result<Destination> Destination::parse(std::string_view text) {
  const size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  const std::string_view where =
      equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
  for (const Form& form : kForms) {
    if (form.name != name || equals == std::string_view::npos) continue;
    if (form.kind == Kind::kDogStatsD) return parse_udp(where);
    auto url = net::Url::parse(where);
    if (!url) return fail(url.error().code, fmt::format("{}: {}", name, url.error().message));
    Destination out{.kind = form.kind};
    out.url = url->origin() + (url->target == "/" ? std::string(form.path) : url->target);
    return out;
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("'{}': expected otlp=URL, datadog=URL, otlp-metrics=URL or "
                          "dogstatsd=HOST:PORT",
                          text));
}

std::string Destination::to_text() const {
  const std::string_view name = kForms[std::to_underlying(kind)].name;
  return url.empty() ? fmt::format("{} {}:{}", name, host, port) : fmt::format("{} {}", name, url);
}

}  // namespace weft::exports
