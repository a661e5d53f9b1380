#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/http.h"
#include "net/ip_address.h"

namespace weft::net {

// Whether a client may connect to `address`, which the name `host` of a URL stands for. Called on
// the client's thread.
using MayConnect = std::function<bool(std::string_view host, const IpAddress& address)>;

// Bounds of every request of one client.
struct ClientLimits {
  // Until a new connection stands, TLS included. Looking up the name is extra and takes as long as
  // the system's resolver.
  std::chrono::milliseconds connect_timeout{10'000};
  // From the call until the whole answer has arrived, the connect included.
  std::chrono::milliseconds request_timeout{60'000};
  // The body of an answer.
  size_t response_bytes = 64 * 1024 * 1024;
  // Idle connections kept for later requests, over all servers.
  size_t idle_connections = 16;
  // A PEM file of certificate authorities to trust; "" = the system's (SSL_CERT_FILE and
  // SSL_CERT_DIR override those).
  std::string ca_file{};
  // Asked about each address before it is connected to; empty = any.
  MayConnect may_connect{};
};

// A request to make. Host, Content-Length, Connection and User-Agent are added; Host and User-Agent
// only when `headers` lacks them.
struct ClientRequest {
  std::string method = "GET";
  std::string url;  // "https://host[:port]/path?query", its path and query encoded already
  Headers headers;
  std::string body;
};

// Whether a request may carry such a header: nothing of it may end its line.
bool is_header(std::string_view name, std::string_view value);

// Makes HTTP/1.1 requests over http and https, and keeps connections for the next one. Redirects
// are answers like others, and proxies are not used. One thread of its own serves all requests; any
// thread may call.
class HttpClient {
 public:
  using Done = std::move_only_function<void(base::Result<Response>)>;

  explicit HttpClient(ClientLimits limits = {});
  // Drops the requests at hand: their `done` is not called.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Begins a request, however many are at hand, and returns its number. `done` is called once, on
  // the client's thread, where it must not block; it gets what request() returns.
  uint64_t start(ClientRequest request, Done done);
  // Abandons a request: its connection is closed, and `done` not called unless it runs already.
  void cancel(uint64_t number);

  // Blocks until the answer is there: of any status, 404 is no error. Errors: kInvalidArgument (the
  // URL, a header with a line break, an address that may_connect refuses), kUnavailable (no
  // connection, none in time, the certificate, an answer that is no HTTP), kLimit (an answer larger
  // than allowed).
  base::Result<Response> request(ClientRequest request);
  // The same with another bound than ClientLimits.request_timeout.
  base::Result<Response> request(ClientRequest request, std::chrono::milliseconds timeout);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft::net
