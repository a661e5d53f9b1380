#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/http.h"
#include "sync/mutex.h"

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

  // Whether the port has paths of other services than S3 below "/name/", so that no bucket may be
  // called so. Here is the only list of them.
  static bool shadows_bucket(std::string_view name);

  // What functions send to the shared port; listeners of their own hand it to the intake directly.
  void set_telemetry(net::Handler telemetry);
  // S3 answers everything that is not the API's.
  void set_s3(net::Handler s3);
  void set_api(net::Handler api);
  void set_lambda(net::Handler lambda);
  // No service is called once this returns.
  void close();

 private:
  void route(net::Request request, net::Responder responder);

  sync::SharedMutex mutex_;
  net::Handler s3_ WEFT_GUARDED_BY(mutex_);
  net::Handler api_ WEFT_GUARDED_BY(mutex_);
  net::Handler lambda_ WEFT_GUARDED_BY(mutex_);
  net::Handler telemetry_ WEFT_GUARDED_BY(mutex_);
};

}  // namespace weft::server
