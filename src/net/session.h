#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include "net/http.h"
#include "net/loop_impl.h"
#include "net/request_body.h"
#include "net/request_head.h"
#include "net/server.h"
#include "sync/mutex.h"

namespace weft::net {

using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
template <typename T>
using Awaitable = asio::awaitable<T, Executor>;

// Closed in step with the socket, so that nobody looks at a descriptor that is another's by then.
class SocketConnection final : public Connection {
 public:
  explicit SocketConnection(int socket) : socket_(socket) {}
  bool is_gone() override;
  // Before the socket is closed.
  void close();

 private:
  sync::Mutex mutex_;
  int socket_ WEFT_GUARDED_BY(mutex_);  // -1: closed
};

// What all connections of one server share.
struct ServerState {
  Handler handler;
  Limits limits;
  std::shared_ptr<ByteBudget> spool;
  std::atomic<bool> closing = false;
  std::atomic<size_t> connections = 0;
  std::atomic<size_t> to_give_way = 0;  // how many idle connections are to end for others
};

// One connection: reads a request, waits for its answer, writes it, until the peer or a time-out
// ends it. Lives on one loop thread, owned by its coroutine.
class Session final : public Watched, public std::enable_shared_from_this<Session> {
 public:
  // Counted among the server's connections already.
  Session(std::shared_ptr<ServerState> server, const std::shared_ptr<LoopThread>& thread,
          Socket socket);
  ~Session() override;

  // Spawns the coroutine. On the session's thread.
  void start();
  void on_tick(std::chrono::steady_clock::time_point now) override;
  // Takes the answer of request number `exchange`. On the session's thread.
  void answer(uint64_t exchange, Response response);
  // A streamed body may have something again. On the session's thread.
  void wake();

 private:
  using Parser = boost::beast::http::request_parser<RequestBody>;
  using Error = boost::system::error_code;
  using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                           asio::wait_traits<std::chrono::steady_clock>, Executor>;

  static Awaitable<void> run(std::shared_ptr<Session> self);
  Awaitable<bool> serve_one();
  // Both feed the parser from the connection; the error is clear when the part is complete.
  Awaitable<Error> read_header(Parser& parser);
  Awaitable<Error> read_body(Parser& parser);
  Awaitable<Error> read_more(size_t size);
  // Gives the parser what has been read.
  Error parse(Parser& parser);
  // Checks the head when all of it has been read: then `done` is set, and `fault_` when it must be
  // refused.
  Error check_head_read(size_t& searched, bool& done);
  // Whether this peer may ask here; asks once.
  bool admits_peer();
  // Whether the announced body may come; nothing, or the status it is refused with.
  std::optional<int> admit_body(Parser& parser, const Request& request);
  Awaitable<Error> write(std::string_view head, std::string_view body);
  Awaitable<Error> write(std::string_view head, std::string_view body, std::chrono::seconds stall);
  Awaitable<Error> write_stream(BodySource& source, bool chunked);
  Awaitable<Error> write_file(FileRange range);
  // Writes the response; false when the connection must end.
  Awaitable<bool> send(Response response, bool head_request, bool keep_alive, bool http_1_0);
  // Answers a request that could not be read, then ends the connection gently. `request` is its
  // head where that was read.
  Awaitable<void> refuse(Error error, const Request* request = nullptr);
  Awaitable<void> refuse_with(Response response);
  Response body_refused(const Request& request, int status) const;
  Awaitable<void> linger();
  Awaitable<Response> wait_for_answer();
  Request take_head(Parser& parser);
  void take_body(Parser& parser, Request& request);
  Responder make_responder();
  // For BodySource::start().
  std::function<void()> make_waker();
  void expect_progress_within(std::chrono::seconds timeout);
  // The same of a transfer that began at `start` and has come to `bytes`: on average, too.
  void expect_progress(std::chrono::steady_clock::time_point start, uint64_t bytes,
                       std::chrono::seconds stall);
  // Whether this connection, which is idle or does not come to the end of a head, ends so that
  // others can begin.
  bool gives_way(std::chrono::steady_clock::time_point now);

  std::shared_ptr<ServerState> server_;
  std::weak_ptr<LoopThread> weak_thread_;
  LoopThread& thread_;
  Socket socket_;
  const std::shared_ptr<SocketConnection> connection_;
  Timer answered_;
  boost::beast::flat_buffer buffer_;
  std::string peer_;
  uint16_t peer_port_ = 0;
  uint64_t exchange_ = 0;
  std::optional<Response> response_;
  bool idle_ = true;
  std::chrono::steady_clock::time_point idle_since_;
  std::optional<std::chrono::steady_clock::time_point> head_since_;  // of one that is half there
  ByteLease in_flight_;                                              // of the exchange at hand
  bool streaming_ = false;                                           // write_stream() is at work
  bool woken_ = false;                                               // the source has something
  std::optional<HeadFault> fault_;  // what is wrong with the head that was read
  // Nothing while a handler works.
  std::optional<std::chrono::steady_clock::time_point> deadline_;
};

}  // namespace weft::net
