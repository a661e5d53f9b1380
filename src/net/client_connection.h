#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/ssl/context.hpp>

#include "base/error.h"
#include "net/client.h"
#include "net/url.h"

// The Asio side of HttpClient. Included only by the .cc files of this folder.

namespace weft::net {

// One connection of a client, with its own small event loop that runs only inside these calls. One
// thread at a time.
class ClientConnection {
 public:
  // `context` is for https and must outlive the connection.
  ClientConnection(const Url& url, boost::asio::ssl::context& context);
  ~ClientConnection();

  // Looks the name up, connects, shakes hands. Errors: kUnavailable.
  base::Result<void> connect(std::chrono::steady_clock::time_point deadline);
  // Sends a request and reads its answer. Errors: kUnavailable, kLimit.
  base::Result<Response> exchange(const ClientRequest& request, size_t response_bytes,
                                  std::chrono::steady_clock::time_point deadline);

  // The last exchange leaves the connection open for another.
  bool reusable() const;
  // Nothing has come, not even the end of the connection, since the last answer.
  bool quiet() const;
  // The last exchange failed before anything of its answer came.
  bool failed_before_answer() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weft::net
