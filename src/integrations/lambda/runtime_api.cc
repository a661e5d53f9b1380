#include "integrations/lambda/runtime_api.h"

#include <string_view>
#include <utility>

#include "base/limits.h"
#include "json/write.h"

namespace weft::lambda {
namespace {

constexpr std::string_view kPrefix = "/2018-06-01/runtime/";
constexpr std::string_view kInvocation = "invocation/";

void route(Function& function, uint32_t sandbox, net::Request request, net::Responder responder) {
  std::string path = request.path;
  std::string_view rest = path;
  if (!rest.starts_with(kPrefix))
    return function.on_telemetry(sandbox, std::move(request), std::move(responder));
  rest.remove_prefix(kPrefix.size());
  bool post = request.method == "POST";
  if (rest == "invocation/next" && request.method == "GET") {
    return function.on_next(sandbox, std::move(responder));
  }
  if (rest == "init/error" && post) {
    return function.on_init_error(sandbox, std::move(request), std::move(responder));
  }
  if (rest.starts_with(kInvocation) && post) {
    rest.remove_prefix(kInvocation.size());
    size_t slash = rest.find('/');
    std::string_view id = rest.substr(0, slash);
    std::string_view action = slash == std::string_view::npos ? "" : rest.substr(slash + 1);
    if (action == "response") {
      return function.on_response(sandbox, id, std::move(request), std::move(responder));
    }
    if (action == "error") {
      return function.on_error(sandbox, id, std::move(request), std::move(responder));
    }
  }
  responder(runtime_api_error(404, "NotFound", "No such resource."));
}

}  // namespace

net::Handler runtime_api(std::weak_ptr<Function> function, uint32_t sandbox) {
  return [function = std::move(function), sandbox](net::Request request, net::Responder responder) {
    auto alive = function.lock();
    if (!alive) return responder(runtime_api_error(500, "Gone", "The function was removed."));
    route(*alive, sandbox, std::move(request), std::move(responder));
  };
}

net::Limits runtime_api_limits(std::weak_ptr<Function> function, uint32_t sandbox) {
  net::Limits limits;
  limits.admits = [function = std::move(function), sandbox](uint16_t peer_port) {
    const auto alive = function.lock();
    return alive && alive->admits(sandbox, peer_port);
  };
  limits.body_bytes = 1ULL << 30;
  limits.memory_body_bytes = base::kLambdaResponseBytesMax + 1;
  limits.idle_timeout = std::chrono::hours(24);
  limits.connections = 64;
  limits.bytes_per_second = 0;  // the call's own time bounds it
  return limits;
}

net::Response runtime_api_error(int status, std::string_view type, std::string_view message) {
  net::Response response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = "{\"errorMessage\":";
  json::write_string(message, response.body);
  response.body += ",\"errorType\":";
  json::write_string(type, response.body);
  response.body += "}\n";
  return response;
}

net::Response runtime_api_accepted() {
  net::Response response;
  response.status = 202;
  response.headers.add("Content-Type", "application/json");
  response.body = "{\"status\":\"OK\"}\n";
  return response;
}

}  // namespace weft::lambda
