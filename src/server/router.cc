#include "server/router.h"

#include <mutex>
#include <utility>

#include "api/router.h"

namespace weft::server {

net::Handler Router::handler(std::shared_ptr<Router> router) {
  return [router = std::move(router)](net::Request request, net::Responder responder) {
    router->route(std::move(request), std::move(responder));
  };
}

void Router::set_s3(net::Handler s3) {
  const std::unique_lock lock(mutex_);
  s3_ = std::move(s3);
}

void Router::set_api(net::Handler api) {
  const std::unique_lock lock(mutex_);
  api_ = std::move(api);
}

void Router::close() {
  const std::unique_lock lock(mutex_);
  s3_ = nullptr;
  api_ = nullptr;
}

void Router::route(net::Request request, net::Responder responder) {
  const std::shared_lock lock(mutex_);
  const net::Handler& service = api::is_api_request(request) ? api_ : s3_;
  if (service) return service(std::move(request), std::move(responder));
  net::Response response{.status = 503};
  response.headers.set("Content-Type", "application/json");
  response.headers.set("Retry-After", "1");
  response.body = R"({"__type":"ServiceUnavailable","message":"Weft is starting or stopping"})";
  responder(std::move(response));
}

}  // namespace weft::server
