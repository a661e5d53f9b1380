#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include "base/error.h"
#include "net/client.h"
#include "net/url.h"

// The Asio side of HttpClient. Included only by the .cc files of this folder.

namespace weft::net {

template <typename T>
using ClientAwaitable = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;

// One connection of a client. Used on the thread of its loop only, for one request at a time.
class ClientConnection {
 public:
  // `context` is for https; both must outlive the connection.
  ClientConnection(boost::asio::io_context& loop, const Url& url,
                   boost::asio::ssl::context& context);
  ~ClientConnection();

  // Looks the name up, connects to an address that `may_connect` (unless empty) agrees to, shakes
  // hands. Errors: kUnavailable, kInvalidArgument (it agrees to none).
  ClientAwaitable<base::Result<void>> connect(const MayConnect& may_connect,
                                              std::chrono::steady_clock::time_point deadline);
  // Sends a request and reads its answer. Errors: kUnavailable, kLimit.
  ClientAwaitable<base::Result<Response>> exchange(const ClientRequest& request,
                                                   size_t response_bytes,
                                                   std::chrono::steady_clock::time_point deadline);
  // What is awaited fails now.
  void abort();

  // The last exchange leaves the connection open for another.
  bool reusable() const;
  // Nothing has come, not even the end of the connection, since the last answer.
  bool quiet() const;
  // The last exchange failed before anything of its answer came.
  bool failed_before_answer() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace weft::net
