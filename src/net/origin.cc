#include "net/origin.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "net/ip_address.h"
#include "net/url.h"

namespace weft::net {
namespace {

// "localhost" of "localhost:9338", "::1" of "[::1]:9338". All of it when it has no such form.
std::string_view name_of(std::string_view host) {
  const bool literal = host.starts_with('[');
  const size_t end = std::min(host.find(literal ? ']' : ':'), host.size());
  if (literal && end == host.size()) return host;
  const std::string_view name = literal ? host.substr(1, end - 1) : host.substr(0, end);
  const std::string_view port = host.substr(literal ? end + 1 : end);
  if (port.empty()) return name;
  const bool is_port =
      port.front() == ':' && port.find_first_not_of("0123456789", 1) == std::string_view::npos;
  return is_port ? name : host;
}

// "states.eu-west-1.amazonaws.com", a name that AWS alone can give.
bool is_service_name(std::string_view name) {
  constexpr std::string_view kService = "states.";
  constexpr std::string_view kDomain = ".amazonaws.com";
  return name.starts_with(kService) && name.ends_with(kDomain) &&
         name.find('.', kService.size()) == name.size() - kDomain.size();
}

bool is_local_name(std::string_view name) {
  // What AWS's clients put before the host for StartSyncExecution, whatever the host is.
  constexpr std::string_view kSync = "sync-";
  if (name.starts_with(kSync)) name.remove_prefix(kSync.size());
  if (is_service_name(name)) return true;
  return name == "localhost" || name.ends_with(".localhost") || IpAddress::parse(name);
}

// Whether a person opens a page: what a site answers to that, the site that links to it never sees.
bool is_navigation(const Request& request) {
  return (request.method == "GET" || request.method == "HEAD") &&
         request.headers.get("Sec-Fetch-Mode") == "navigate" &&
         request.headers.get("Sec-Fetch-Dest") == "document";
}

// A field by which the sender is judged that came more than once: what is looked at here and what
// others look at may differ.
std::optional<std::string_view> repeated_field(const Request& request) {
  for (std::string_view name : {"Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest"}) {
    if (request.headers.count(name) > 1) return name;
  }
  return std::nullopt;
}

bool is_allowed(const Request& request, const std::vector<std::string>& allowed) {
  if (allowed.empty()) return false;
  const auto origin = request.headers.find("Origin");
  return origin && std::ranges::find(allowed, lower_case(*origin)) != allowed.end();
}

// The question whether a page may ask something (Fetch standard, "CORS-preflight request").
bool is_preflight(const Request& request) {
  return request.method == "OPTIONS" && request.headers.find("Access-Control-Request-Method");
}

void allow_reading(Response& response, const std::string& origin) {
  response.headers.set("Access-Control-Allow-Origin", origin);
  response.headers.set("Access-Control-Expose-Headers", "*");
  response.headers.add("Vary", "Origin");
}

Response preflight_answer(const Request& request, const std::string& origin) {
  Response response{.status = 204};
  allow_reading(response, origin);
  response.headers.set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
  response.headers.set("Access-Control-Allow-Headers",
                       std::string(request.headers.get("Access-Control-Request-Headers")));
  response.headers.set("Access-Control-Max-Age", "600");
  if (request.headers.find("Access-Control-Request-Private-Network"))
    response.headers.set("Access-Control-Allow-Private-Network", "true");
  return response;
}

// Whether any page can have it sent, without a question before it and, by old browsers, without a
// word of where it comes from.
bool is_form(const Request& request) {
  if (request.method != "POST") return false;
  const std::string type = lower_case(request.headers.get("Content-Type"));
  const std::string_view essence = std::string_view(type).substr(0, type.find_first_of("; \t"));
  constexpr std::string_view kFormTypes[] = {"", "text/plain", "application/x-www-form-urlencoded",
                                             "multipart/form-data"};
  if (std::ranges::find(kFormTypes, essence) == std::end(kFormTypes)) return false;
  // Of AWS's clients, signed or not, and of tracing libraries: what browsers ask about before.
  constexpr std::string_view kPrograms[] = {"authorization", "x-amz-",     "amz-sdk-",
                                            "datadog-",      "x-datadog-", "dd-"};
  return std::ranges::none_of(request.headers.fields, [&](const auto& field) {
    const std::string name = lower_case(field.first);
    return std::ranges::any_of(kPrograms, [&](auto mark) { return name.starts_with(mark); });
  });
}

// A host is checked before it is shown, an origin is what somebody made up: only what JSON takes as
// it is.
std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 200)) {
    out += c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : c;
  }
  return out;
}

}  // namespace

base::Result<std::string> parse_origin(std::string_view text) {
  const auto url = Url::parse(text);
  std::string origin;
  if (url) origin = lower_case((url->tls ? "https://" : "http://") + url->authority());
  if (origin.empty() || origin != lower_case(text)) {
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        fmt::format("'{}': expected an origin such as https://app.example:8443", text));
  }
  return origin;
}

std::optional<std::string> refusal(const Request& request, bool local,
                                   const std::vector<std::string>& allowed, Forms forms) {
  const std::string host = lower_case(request.headers.get("Host"));
  if (local && !host.empty() && !is_local_name(name_of(host))) {
    return fmt::format(
        "Host {}: expected an IP address or localhost, the names of this machine that nobody else "
        "can give it",
        host);
  }
  if (const auto field = repeated_field(request))
    return fmt::format("{}: expected one such header field, not several", *field);
  if (is_allowed(request, allowed)) return std::nullopt;
  const std::string_view site = request.headers.get("Sec-Fetch-Site");
  if ((site == "cross-site" || site == "same-site") && !is_navigation(request)) {
    return fmt::format("Sec-Fetch-Site {}: pages of other sites have no access here", site);
  }
  if (forms == Forms::kRefused && is_form(request)) {
    const std::string_view type = request.headers.get("Content-Type");
    return fmt::format(
        "Content-Type {}: forms of any page can send that; expected another one, such as "
        "application/json, or a signed request (Authorization)",
        type.empty() ? "is missing" : type);
  }
  const auto origin = request.headers.find("Origin");
  if (!origin) return std::nullopt;
  const std::string from = lower_case(*origin);
  if (from == "http://" + host) return std::nullopt;
  // Where something before it speaks TLS: the browser says itself whose page that is.
  if (from == "https://" + host && site == "same-origin") return std::nullopt;
  return fmt::format("Origin {}: expected http://{}, pages of other sites have no access here",
                     from, host);
}

Handler guarded(Handler handler, bool local, std::vector<std::string> allowed, Forms forms) {
  return [handler = std::move(handler), local, allowed = std::move(allowed), forms](
             Request request, Responder responder) {
    const auto why = refusal(request, local, allowed, forms);
    if (!why && is_allowed(request, allowed)) {
      const std::string origin(request.headers.get("Origin"));
      if (is_preflight(request)) return responder(preflight_answer(request, origin));
      responder = [origin, responder = std::move(responder)](Response response) mutable {
        allow_reading(response, origin);
        responder(std::move(response));
      };
    }
    if (!why) return handler(std::move(request), std::move(responder));
    Response response{.status = 403};
    response.headers.set("Content-Type", "application/json");
    response.body = R"({"error":{"code":"Forbidden","message":")" + shown(*why) + "\"}}";
    responder(std::move(response));
  };
}

}  // namespace weft::net
