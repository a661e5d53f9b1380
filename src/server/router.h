#pragma once

#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>

#include "net/http.h"
#include "telemetry/join.h"

namespace weft::server {

// Sends each request of the one port to the service it belongs to. The server listens before the
// services exist (functions must know its port), so they are set later; until then, and after
// close(), requests are answered with 503. Thread-safe.
class Router {
 public:
  // The function for HttpServer::listen. Keeps the router alive.
  static net::Handler handler(std::shared_ptr<Router> router);

  // For Limits::body_limit and Limits::body_refusal: what each service takes, and how it refuses
  // more.
  static uint64_t body_limit(const net::Request& request);
  static net::Response refuse_body(const net::Request& request, int status);

  // Functions' telemetry: the request, and what tells the call the sending process worked on (null
  // when it came to a port that all share).
  using Telemetry = std::function<void(net::Request, net::Responder, telemetry::CallAt)>;
  // For listeners that take telemetry only, and for the functions' own listeners.
  static net::Handler telemetry_handler(std::shared_ptr<Router> router);
  static Telemetry telemetry(std::shared_ptr<Router> router);

  void set_telemetry(Telemetry telemetry);
  // S3 answers everything that is not the API's.
  void set_s3(net::Handler s3);
  void set_api(net::Handler api);
  // No service is called once this returns.
  void close();

 private:
  void route(net::Request request, net::Responder responder);
  void route_telemetry(net::Request request, net::Responder responder, telemetry::CallAt call_at);

  std::shared_mutex mutex_;
  net::Handler s3_;
  net::Handler api_;
  Telemetry telemetry_;
};

}  // namespace weft::server
