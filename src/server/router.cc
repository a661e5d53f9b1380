#include "server/router.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "api/lambda/lambda_handler.h"
#include "api/page/page.h"
#include "api/router.h"
#include "api/s3/s3_handler.h"
#include "json/build.h"
#include "json/write.h"
#include "sync/mutex.h"
#include "telemetry/intake.h"

namespace weft::server {
namespace {

// How paths of services other than S3 begin on the port, besides Lambda's versions.
struct OwnPart {
  std::string_view text;
  bool all = false;     // no path below is S3's; else those are that the service does not take
  bool begins = false;  // the first part of a path begins with the text; else it is the text
};
constexpr OwnPart kOwnParts[] = {
    {"_weft", true}, {"metrics", true}, {"v0.", true, true}, {"v1", true},  {"debugger"},
    {"evp_proxy"},   {"info"},          {"lambda"},          {"profiling"}, {"telemetry"},
};

const OwnPart* own_part(std::string_view first) {
  const auto found = std::ranges::find_if(kOwnParts, [&](const OwnPart& part) {
    return part.begins ? first.starts_with(part.text) : first == part.text;
  });
  return found == std::end(kOwnParts) ? nullptr : found;
}

bool is_s3_request(const net::Request& request) {
  return api::is_s3_request(request, [](std::string_view first) {
    const OwnPart* part = own_part(first);
    return api::is_lambda_version(first) || (part != nullptr && part->all);
  });
}

// For browsers that look at the port, which find the page one step further, and for paths of
// services Weft does not have.
net::Response no_page(const net::Request& request) {
  const bool browser = request.headers.get("Accept").find("text/html") != std::string_view::npos;
  if (request.path == "/" && browser) {
    net::Response moved{.status = 302};
    moved.headers.set("Location", std::string(api::kPagePath));
    return moved;
  }
  const bool reads = request.method == "GET" || request.method == "HEAD";
  net::Response response{.status = request.path != "/" ? 404 : reads ? 200 : 405};
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  if (response.status == 405) response.headers.set("Allow", "GET, HEAD");
  response.body = request.path == "/" ? "Weft serves AWS Step Functions, Lambda and S3 here: point "
                                        "an AWS client's endpoint URL at it.\n"
                                      : "There is nothing at " + request.path + "\n";
  return response;
}

net::Response unavailable() {
  net::Response response{.status = 503};
  response.headers.set("Content-Type", "application/json");
  response.headers.set("Retry-After", "1");
  response.body = R"({"__type":"ServiceUnavailable","message":"Weft is starting or stopping"})";
  return response;
}

}  // namespace

net::Handler Router::handler(std::shared_ptr<Router> router) {
  return [router = std::move(router)](net::Request request, net::Responder responder) {
    router->route(std::move(request), std::move(responder));
  };
}

bool Router::shadows_bucket(std::string_view name) {
  return api::is_lambda_version(name) || own_part(name) != nullptr;
}

uint64_t Router::body_limit(const net::Request& request) {
  if (telemetry::Intake::accepts(request)) return telemetry::Intake::kBodyBytesMax;
  if (api::is_lambda_request(request)) return api::lambda_body_limit(request);
  if (!api::is_api_request(request) && is_s3_request(request)) return api::s3_body_limit(request);
  return api::api_body_limit(request);
}

net::Response Router::refuse_body(const net::Request& request, int status) {
  const bool api = telemetry::Intake::accepts(request) || api::is_api_request(request);
  if (!api && api::is_lambda_request(request)) return api::refuse_lambda_body(request, status);
  if (!api && is_s3_request(request)) return api::refuse_s3_body(request, status);
  const std::string_view length = request.headers.get("Content-Length");
  std::string message = "There is no room for the body just now";
  if (status != 503) {
    message = length.empty() ? fmt::format("The body has more than {} bytes", body_limit(request))
                             : fmt::format("The body has {} bytes, the limit is {}", length,
                                           body_limit(request));
  }
  const std::string_view code = status == 503 ? "ServiceUnavailable" : "RequestTooLarge";
  json::Arena arena;
  json::ObjectBuilder error(arena);
  const bool operation = request.headers.find("X-Amz-Target").has_value();
  error.add_ref(operation ? "__type" : "code", json::Value::string_ref(code));
  error.add_ref("message", json::Value::string_ref(message));
  const std::string text = json::to_text(error.finish());
  net::Response response{.status = status};
  response.headers.set("Content-Type",
                       operation ? "application/x-amz-json-1.0" : "application/json");
  response.body = operation ? text : "{\"error\":" + text + "}";
  return response;
}

void Router::set_s3(net::Handler s3) {
  const sync::WriterLock lock(mutex_);
  s3_ = std::move(s3);
}

void Router::set_api(net::Handler api) {
  const sync::WriterLock lock(mutex_);
  api_ = std::move(api);
}

void Router::set_lambda(net::Handler lambda) {
  const sync::WriterLock lock(mutex_);
  lambda_ = std::move(lambda);
}

void Router::set_telemetry(net::Handler telemetry) {
  const sync::WriterLock lock(mutex_);
  telemetry_ = std::move(telemetry);
}

void Router::close() {
  const sync::WriterLock lock(mutex_);
  s3_ = nullptr;
  telemetry_ = nullptr;
  api_ = nullptr;
  lambda_ = nullptr;
}

void Router::route(net::Request request, net::Responder responder) {
  const bool telemetry = telemetry::Intake::accepts(request);
  const bool api = !telemetry && api::is_api_request(request);
  const bool lambda = !telemetry && !api && api::is_lambda_request(request);
  const sync::ReaderLock lock(mutex_);
  if (!telemetry && !api && !lambda && !is_s3_request(request)) return responder(no_page(request));
  const net::Handler& service = telemetry ? telemetry_ : api ? api_ : lambda ? lambda_ : s3_;
  if (service) return service(std::move(request), std::move(responder));
  responder(unavailable());
}

}  // namespace weft::server
