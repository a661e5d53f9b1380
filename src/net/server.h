#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "net/byte_budget.h"
#include "net/http.h"
#include "net/loop.h"

namespace weft::net {

// Bounds of one server. The defaults suit S3 and the APIs on one port.
struct Limits {
  // Request line and header fields; more is answered with 431.
  size_t header_bytes = 32 * 1024;
  // A body; more is answered with 413. S3's largest single PUT is 5 GiB; the rest is room for chunk
  // signatures.
  uint64_t body_bytes = 6ULL * 1024 * 1024 * 1024;
  // What the body of a request may have, asked when its head is complete (it has no body yet); at
  // most body_bytes counts. Any loop thread. Null: body_bytes.
  std::function<uint64_t(const Request&)> body_limit{};
  // The answer to a request whose body is too large (413) or finds no room in the spool (503), so
  // that each service refuses in its own words. Null: a line of text.
  std::function<Response(const Request&, int status)> body_refusal{};
  // Whether a peer may ask here at all: asked once a connection, when the head of its first request
  // is complete; who may not is answered with 403. Any loop thread. Null: everybody.
  std::function<bool(uint16_t peer_port)> admits{};
  // Bodies above this go to a temporary file.
  size_t memory_body_bytes = 8 * 1024 * 1024;
  // Bytes of all such files at once; a body that finds no room is answered with 503 before it is
  // read, where it says its length.
  uint64_t spool_bytes = 16ULL * 1024 * 1024 * 1024;
  // What the bodies of requests and answers may take in memory at once; servers may share one. Who
  // finds no room is answered with 503. Null: any number of bytes.
  std::shared_ptr<ByteBudget> in_flight{};
  // Where such files are made (unlinked at once); "" = TMPDIR or /tmp.
  std::string spool_directory{};
  // From the first byte of a request to the end of its header.
  std::chrono::seconds header_timeout{10};
  // Between requests of a connection, and without any progress inside a body or a response. No
  // limit applies while a handler works on a request, so a long poll may wait for hours.
  std::chrono::seconds idle_timeout{60};
  // How fast a body must come and an answer be taken on average, but for the first `slow_grace`; 0:
  // at any rate.
  uint64_t bytes_per_second = 1'024;
  std::chrono::seconds slow_grace{30};
  // How long the reader of a streamed body (BodySource) may take nothing of what waits for it.
  std::chrono::seconds stream_stall{10};
  // Connections open at once. For a further one, some that are idle give way: such as never asked
  // anything first, others after five seconds. A few more than this may be open until they do; then
  // further ones are closed at once.
  size_t connections = 20'000;
};

// An HTTP/1.1 server on one listening socket: keep-alive, chunked and large bodies, Expect:
// 100-continue, HEAD, file responses. What RFC 9112 does not allow is refused (request_head.h).
class HttpServer {
 public:
  // Listens on `address` ("127.0.0.1", "::1", "0.0.0.0") and `port` (0 = any free one) and serves
  // on `loop`, which must outlive the server. Errors: kInvalidArgument (address), kIo ("cannot
  // listen on 127.0.0.1:9338: address already in use").
  static base::Result<std::unique_ptr<HttpServer>> listen(Loop& loop, const std::string& address,
                                                          uint16_t port, Handler handler,
                                                          Limits limits = {});
  // Closes.
  ~HttpServer();

  // The port in use.
  uint16_t port() const;
  // Stops accepting and closes idle connections; requests in work still get their answers. Any
  // thread.
  void close();

 private:
  struct Impl;
  explicit HttpServer(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace weft::net
