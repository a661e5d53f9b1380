#include "net/session.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <fmt/format.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include "net/response_head.h"

namespace weft::net {
namespace {

namespace http = boost::beast::http;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>());
constexpr size_t kHeaderReadBytes = 8 * 1024;
constexpr size_t kBodyReadBytes = 256 * 1024;
constexpr size_t kSendfileBytes = 1024 * 1024;
constexpr std::chrono::seconds kLingerTimeout{3};

// sendfile knows no MSG_NOSIGNAL: keeps SIGPIPE of a closed peer away from the process while it
// lives.
class SigpipeGuard {
 public:
  SigpipeGuard() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  ~SigpipeGuard() {
    if (raised_) {
      timespec none{};
      sigtimedwait(&set_, nullptr, &none);
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;
  void note(int error_number) { raised_ = raised_ || error_number == EPIPE; }

 private:
  sigset_t set_{};
  sigset_t before_{};
  bool raised_ = false;
};

// sendfile without a signal; an errno or the bytes sent.
std::pair<ssize_t, int> send_from_file(int socket, int file, off_t offset, size_t length) {
  SigpipeGuard guard;
  ssize_t sent = ::sendfile(socket, file, &offset, length);
  int failed = sent < 0 ? errno : 0;
  guard.note(failed);
  return {sent, failed};
}

int refusal_status(const boost::system::error_code& error) {
  if (error == http::error::body_limit) return 413;
  if (error == http::error::header_limit) return 431;
  if (error.category() == boost::system::system_category()) return 503;
  return 400;
}

// Answers the exchange it was made for, once; answers 500 when it is dropped.
class Answer {
 public:
  Answer(std::weak_ptr<LoopThread> thread, std::weak_ptr<Session> session, uint64_t exchange)
      : thread_(std::move(thread)), session_(std::move(session)), exchange_(exchange) {}
  Answer(Answer&& other) noexcept
      : thread_(std::move(other.thread_)),
        session_(std::move(other.session_)),
        exchange_(other.exchange_),
        open_(std::exchange(other.open_, false)) {}
  Answer& operator=(Answer&&) = delete;
  ~Answer() {
    if (!open_) return;
    Response response;
    response.status = 500;
    response.body = "the request was dropped without an answer\n";
    send(std::move(response));
  }
  void operator()(Response response) { send(std::move(response)); }

 private:
  void send(Response response) {
    if (!std::exchange(open_, false)) return;
    auto thread = thread_.lock();
    if (!thread) return;
    if (thread->context.get_executor().running_in_this_thread()) {
      if (auto session = session_.lock()) session->answer(exchange_, std::move(response));
      return;
    }
    asio::post(thread->context, [session = session_, exchange = exchange_,
                                 response = std::move(response)]() mutable {
      if (auto alive = session.lock()) alive->answer(exchange, std::move(response));
    });
  }

  std::weak_ptr<LoopThread> thread_;
  std::weak_ptr<Session> session_;
  uint64_t exchange_;
  bool open_ = true;
};

}  // namespace

Session::Session(std::shared_ptr<ServerState> server, const std::shared_ptr<LoopThread>& thread,
                 Socket socket)
    : server_(std::move(server)),
      weak_thread_(thread),
      thread_(*thread),
      socket_(std::move(socket)),
      connection_(std::make_shared<SocketConnection>(socket_.native_handle())),
      answered_(thread->context) {
  buffer_.max_size(server_->limits.header_bytes + kBodyReadBytes);
}

Session::~Session() {
  connection_->close();
  thread_.watched.erase(this);
  server_->connections.fetch_sub(1);
}

void Session::start() {
  Error ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.native_non_blocking(true, ignored);
  auto endpoint = socket_.remote_endpoint(ignored);
  peer_port_ = endpoint.port();
  peer_ = endpoint.address().to_string() + ":" + std::to_string(peer_port_);
  thread_.watched.insert(this);
  asio::co_spawn(thread_.context, run(shared_from_this()), asio::detached);
}

void Session::on_tick(std::chrono::steady_clock::time_point now) {
  const bool expired = deadline_ && now >= *deadline_;
  const bool useless = streaming_ && (server_->closing || connection_->is_gone());
  if (!expired && !useless && !(idle_ && server_->closing) && !gives_way(now)) return;
  // Pending reads, writes and waits end with an error, which ends the coroutine.
  Error ignored;
  connection_->close();
  socket_.close(ignored);
  if (streaming_) answered_.cancel();
}

bool Session::gives_way(std::chrono::steady_clock::time_point now) {
  constexpr std::chrono::milliseconds kNewcomer{100};
  constexpr std::chrono::seconds kHalfHead{1};
  constexpr std::chrono::seconds kKept{5};
  if (server_->to_give_way == 0 || (!idle_ && !head_since_)) return false;
  const std::chrono::milliseconds kept = head_since_      ? kHalfHead
                                         : exchange_ == 0 ? kNewcomer
                                                          : std::chrono::milliseconds(kKept);
  if (now - head_since_.value_or(idle_since_) < kept) return false;
  size_t left = server_->to_give_way;
  while (left > 0 && !server_->to_give_way.compare_exchange_weak(left, left - 1)) {
  }
  return left > 0;
}

bool SocketConnection::is_gone() {
  const sync::MutexLock lock(mutex_);
  if (socket_ < 0) return true;
  char byte = 0;
  const ssize_t size = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR);
}

void SocketConnection::close() {
  const sync::MutexLock lock(mutex_);
  socket_ = -1;
}

void Session::expect_progress_within(std::chrono::seconds timeout) {
  deadline_ = thread_.now + timeout;
}

void Session::expect_progress(std::chrono::steady_clock::time_point start, uint64_t bytes,
                              std::chrono::seconds stall) {
  const Limits& limits = server_->limits;
  expect_progress_within(stall);
  if (limits.bytes_per_second == 0) return;
  const auto allowed = std::chrono::seconds(bytes / limits.bytes_per_second) + limits.slow_grace;
  deadline_ = std::min(*deadline_, start + allowed);
}

Awaitable<void> Session::run(std::shared_ptr<Session> self) {
  self->expect_progress_within(self->server_->limits.idle_timeout);
  while (co_await self->serve_one()) {
  }
}

Awaitable<bool> Session::serve_one() {
  const Limits& limits = server_->limits;
  Parser parser;
  parser.header_limit(static_cast<uint32_t>(limits.header_bytes));
  parser.body_limit(boost::none);  // set when the head says whose body it is
  parser.get().body().memory_limit = limits.memory_body_bytes;
  parser.get().body().spool_directory = &limits.spool_directory;
  parser.get().body().lease = ByteLease(server_->spool);
  in_flight_ = ByteLease(limits.in_flight);
  parser.get().body().memory_lease = &in_flight_;

  if (Error error = co_await read_header(parser); error) {
    if (idle_ || error == asio::error::operation_aborted) co_return false;
    co_await refuse(error);
    co_return false;
  }
  if (!admits_peer()) {
    co_await refuse_with({.status = 403, .body = "This is for another process\n"});
    co_return false;
  }
  Request request = take_head(parser);
  if (const std::optional<int> status = admit_body(parser, request)) {
    co_await refuse_with(body_refused(request, *status));
    co_return false;
  }
  // Also before a body of no bytes: botocore takes the next answer for this one's where it waited
  // for the go-ahead and did not get it.
  if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) {
    if (co_await write("HTTP/1.1 100 Continue\r\n\r\n", "")) co_return false;
  }
  if (Error error = co_await read_body(parser); error) {
    co_await refuse(error, &request);
    co_return false;
  }

  bool keep_alive = parser.get().keep_alive();
  bool http_1_0 = parser.get().version() < 11;
  bool head_request = parser.get().method() == http::verb::head;
  deadline_.reset();
  ++exchange_;
  take_body(parser, request);
  server_->handler(std::move(request), make_responder());
  Response response = co_await wait_for_answer();
  keep_alive = keep_alive && !server_->closing;
  if (!in_flight_.add_in_turn(response.body.size())) {
    response = {.status = 503, .body = "There is no room for the answer just now\n"};
    response.headers.set("Retry-After", "1");
  }
  bool sent = co_await send(std::move(response), head_request, keep_alive, http_1_0);
  in_flight_.give_back();
  co_return sent&& keep_alive;
}

Awaitable<Response> Session::wait_for_answer() {
  while (!response_) {
    answered_.expires_at(std::chrono::steady_clock::time_point::max());
    co_await answered_.async_wait(kAwait);
  }
  co_return std::exchange(response_, std::nullopt).value();
}

void Session::answer(uint64_t exchange, Response response) {
  if (exchange != exchange_) return;
  response_ = std::move(response);
  answered_.cancel();
}

Responder Session::make_responder() { return Answer(weak_thread_, weak_from_this(), exchange_); }

Awaitable<Session::Error> Session::read_more(size_t size) {
  auto [error, length] = co_await socket_.async_read_some(buffer_.prepare(size), kAwait);
  if (error) co_return error;
  buffer_.commit(length);
  co_return Error();
}

Session::Error Session::parse(Parser& parser) {
  Error error;
  try {
    buffer_.consume(parser.put(buffer_.data(), error));
  } catch (const std::length_error&) {
    return http::error::header_limit;  // a field behind the body that is longer than it can keep
  }
  return error == http::error::need_more ? Error() : error;
}

Session::Error Session::check_head_read(size_t& searched, bool& done) {
  const auto bytes = [this] {
    return std::string_view(static_cast<const char*>(buffer_.data().data()), buffer_.size());
  };
  // Empty lines before a request are what careless clients leave behind a body.
  while (searched == 0 && bytes().starts_with("\r\n")) buffer_.consume(2);
  const HeadEnd end = find_head_end(bytes(), searched);
  searched = buffer_.size();
  const size_t size = end.state == HeadEnd::State::kComplete ? end.size : buffer_.size();
  if (size > server_->limits.header_bytes) return http::error::header_limit;
  if (end.state == HeadEnd::State::kIncomplete) return {};
  done = true;
  fault_ = end.state == HeadEnd::State::kMalformed
               ? HeadFault{400, "A line of the head ends with LF alone"}
               : check_head(bytes().substr(0, end.size));
  return fault_ ? Error(http::error::bad_field) : Error();
}

Awaitable<Session::Error> Session::read_header(Parser& parser) {
  idle_ = true;
  idle_since_ = thread_.now;
  expect_progress_within(server_->limits.idle_timeout);
  size_t searched = 0;
  while (true) {
    bool complete = false;
    if (buffer_.size() > 0) {
      if (std::exchange(idle_, false)) {
        head_since_ = thread_.now;
        expect_progress_within(server_->limits.header_timeout);
      }
      if (Error error = check_head_read(searched, complete); error) co_return error;
    }
    if (complete) break;
    if (Error error = co_await read_more(kHeaderReadBytes); error) co_return error;
  }
  head_since_.reset();
  if (Error error = parse(parser); error) co_return error;
  co_return parser.is_header_done() ? Error() : Error(http::error::bad_field);
}

bool Session::admits_peer() {
  const bool first = exchange_ == 0;
  return !first || !server_->limits.admits || server_->limits.admits(peer_port_);
}

std::optional<int> Session::admit_body(Parser& parser, const Request& request) {
  const Limits& limits = server_->limits;
  uint64_t allowed = limits.body_bytes;
  if (limits.body_limit) allowed = std::min(allowed, limits.body_limit(request));
  parser.body_limit(allowed);
  const auto announced = parser.content_length();
  if (!announced) return std::nullopt;
  if (*announced > allowed) return 413;
  const bool spooled = *announced > limits.memory_body_bytes;
  ByteLease& lease = spooled ? parser.get().body().lease : in_flight_;
  if (!lease.grow_to(*announced)) return 503;
  return std::nullopt;
}

Awaitable<Session::Error> Session::read_body(Parser& parser) {
  parser.eager(true);
  const auto start = thread_.now;
  uint64_t received = buffer_.size();
  while (!parser.is_done()) {
    if (buffer_.size() > 0) {
      if (Error error = parse(parser); error) co_return error;
      if (parser.is_done()) break;
      // Of what stands beside the body's pieces, and behind it.
      if (buffer_.size() > server_->limits.header_bytes) co_return http::error::header_limit;
    }
    expect_progress(start, received, server_->limits.idle_timeout);
    size_t room = std::min(kBodyReadBytes, buffer_.max_size() - buffer_.size());
    const size_t before = buffer_.size();
    if (Error error = co_await read_more(room); error) co_return error;
    received += buffer_.size() - before;
  }
  if (buffer_.size() == 0 && buffer_.capacity() > 2 * kHeaderReadBytes) buffer_.shrink_to_fit();
  co_return Error();
}

Request Session::take_head(Parser& parser) {
  Request request;
  auto& message = parser.get();
  request.method = message.method_string();
  request.target = message.target();
  for (const auto& field : message) {
    request.headers.fields.emplace_back(field.name_string(), field.value());
  }
  std::string_view target = request.target;
  // RFC 9112 section 3.2.2: a whole URL names the host, whatever the Host field says.
  if (!target.starts_with('/') && target != "*") {
    target.remove_prefix(target.find("://") + 3);
    const size_t end = std::min(target.find_first_of("/?"), target.size());
    request.headers.set("Host", std::string(target.substr(0, end)));
    target.remove_prefix(end);
  }
  const size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (request.path.empty()) request.path = "/";
  if (question != std::string_view::npos) request.query = target.substr(question + 1);
  request.peer = peer_;
  request.connection = connection_;
  return request;
}

void Session::take_body(Parser& parser, Request& request) {
  auto& body = parser.get().body();
  if (!body.file.is_open()) {
    request.body = std::move(body.memory);
    return;
  }
  // The room in the spool is free again when the last owner of the body lets go.
  auto lease = std::make_shared<ByteLease>(std::move(body.lease));
  request.spooled =
      std::shared_ptr<SpooledBody>(new SpooledBody(std::move(body.file), body.size),
                                   [lease](const SpooledBody* spooled) { delete spooled; });
}

void Session::wake() {
  woken_ = true;
  answered_.cancel();
}

std::function<void()> Session::make_waker() {
  return [thread = weak_thread_, session = weak_from_this()] {
    const auto alive = thread.lock();
    if (!alive) return;
    asio::post(alive->context, [session] {
      if (const auto self = session.lock()) self->wake();
    });
  };
}

Awaitable<Session::Error> Session::write_stream(BodySource& source, bool chunked) {
  // What lies in the kernel's buffer is old by the time it is read.
  constexpr int kSendBufferBytes = 128 * 1024;
  Error error;
  socket_.set_option(asio::socket_base::send_buffer_size(kSendBufferBytes), error);
  streaming_ = true;
  woken_ = false;
  source.start(make_waker());
  error = Error();
  while (!error) {
    std::optional<std::string> piece = source.take();
    if (!piece) break;
    if (!piece->empty()) {
      std::string head;
      if (chunked) {
        head = fmt::format("{:x}\r\n", piece->size());
        *piece += "\r\n";
      }
      error = co_await write(head, *piece, server_->limits.stream_stall);
      continue;
    }
    deadline_.reset();
    while (!woken_ && socket_.is_open()) {
      answered_.expires_at(std::chrono::steady_clock::time_point::max());
      co_await answered_.async_wait(kAwait);
    }
    woken_ = false;
    if (!socket_.is_open()) error = asio::error::operation_aborted;
  }
  streaming_ = false;
  if (!error && chunked) error = co_await write("0\r\n\r\n", "");
  co_return error;
}

Awaitable<Session::Error> Session::write(std::string_view head, std::string_view body) {
  return write(head, body, server_->limits.idle_timeout);
}

Awaitable<Session::Error> Session::write(std::string_view head, std::string_view body,
                                         std::chrono::seconds stall) {
  std::array<asio::const_buffer, 2> buffers{asio::buffer(head), asio::buffer(body)};
  const auto start = thread_.now;
  uint64_t written = 0;
  while (buffers[0].size() + buffers[1].size() > 0) {
    expect_progress(start, written, stall);
    auto [error, sent] = co_await socket_.async_write_some(buffers, kAwait);
    if (error) co_return error;
    written += sent;
    size_t from_head = std::min(sent, buffers[0].size());
    buffers[0] += from_head;
    buffers[1] += sent - from_head;
  }
  co_return Error();
}

Awaitable<Session::Error> Session::write_file(FileRange range) {
  const auto start = thread_.now;
  const uint64_t length_of_all = range.length;
  while (range.length > 0) {
    expect_progress(start, length_of_all - range.length, server_->limits.idle_timeout);
    size_t length = std::min<uint64_t>(range.length, kSendfileBytes);
    auto [sent, failed] = send_from_file(socket_.native_handle(), range.file->get(),
                                         static_cast<off_t>(range.offset), length);
    if (failed == EAGAIN) {
      auto [error] = co_await socket_.async_wait(Socket::wait_write, kAwait);
      if (error) co_return error;
      continue;
    }
    if (failed != 0 && failed != EINTR) co_return Error(failed, boost::system::system_category());
    // A file that became shorter cannot fill the announced length any more.
    if (sent == 0) co_return asio::error::eof;
    if (sent > 0) {
      range.offset += static_cast<uint64_t>(sent);
      range.length -= static_cast<uint64_t>(sent);
    }
    // Others have their turn between two pieces.
    if (range.length > 0) co_await asio::post(thread_.context, asio::use_awaitable_t<Executor>());
  }
  co_return Error();
}

Awaitable<bool> Session::send(Response response, bool head_request, bool keep_alive,
                              bool http_1_0) {
  ResponseFraming framing{.date = thread_.http_date,
                          .body_size = response.file ? response.file->length : response.body.size(),
                          .head_request = head_request,
                          .keep_alive = keep_alive && !response.stream,
                          .http_1_0 = http_1_0,
                          .streamed = response.stream != nullptr};
  std::string head = format_response_head(response, framing);
  bool bodiless = head_request || is_bodiless(response.status);
  if (response.stream) {
    if (co_await write(head, "")) co_return false;
    if (!bodiless) co_await write_stream(*response.stream, !http_1_0);
    co_return false;
  }
  bool from_file = response.file.has_value() && !bodiless;
  std::string_view body =
      bodiless || from_file ? std::string_view() : std::string_view(response.body);
  if (co_await write(head, body)) co_return false;
  if (from_file) {
    if (co_await write_file(std::move(*response.file))) co_return false;
  }
  co_return true;
}

Response Session::body_refused(const Request& request, int status) const {
  if (server_->limits.body_refusal) return server_->limits.body_refusal(request, status);
  Response response;
  response.status = status;
  response.headers.set("Content-Type", "text/plain");
  response.body = status == 413 ? "The body is larger than the limit\n"
                                : "There is no room for the body just now\n";
  return response;
}

Awaitable<void> Session::refuse(Error error, const Request* request) {
  if (error == asio::error::eof || error == asio::error::connection_reset ||
      error == asio::error::operation_aborted) {
    co_return;
  }
  const int status = fault_ ? fault_->status : refusal_status(error);
  const bool of_body = request != nullptr && (status == 413 || status == 503);
  Response response;
  response.status = status;
  response.headers.set("Content-Type", "text/plain");
  response.body = (fault_ ? fault_->text : error.message()) + "\n";
  co_await refuse_with(of_body ? body_refused(*request, status) : std::move(response));
}

Awaitable<void> Session::refuse_with(Response response) {
  if (response.status == 503) response.headers.set("Retry-After", "1");
  if (co_await send(std::move(response), false, false, false)) co_await linger();
}

Awaitable<void> Session::linger() {
  // Closing with unread input would send a reset, which can overtake the response.
  Error error;
  socket_.shutdown(Socket::shutdown_send, error);
  auto deadline = thread_.now + kLingerTimeout;
  while (!error) {
    deadline_ = deadline;
    buffer_.clear();
    error = co_await read_more(kBodyReadBytes);
  }
}

}  // namespace weft::net
