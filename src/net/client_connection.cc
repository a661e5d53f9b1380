#include "net/client_connection.h"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>
#include <poll.h>

namespace weft::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using base::ErrorCode;
using Tcp = asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Error = boost::system::error_code;
using Message = http::request<http::span_body<const char>>;
using Parser = http::response_parser<http::string_body>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable_t<Executor>());
constexpr uint32_t kHeaderBytes = 64 * 1024;

Message message_of(const ClientRequest& request, const Url& url) {
  Message message;
  message.version(11);
  message.method_string(request.method);
  message.target(url.target);
  for (const auto& [name, value] : request.headers.fields) message.insert(name, value);
  if (message.find(http::field::host) == message.end()) {
    message.set(http::field::host, url.authority());
  }
  if (message.find(http::field::user_agent) == message.end()) {
    message.set(http::field::user_agent, "weft");
  }
  message.body() = {request.body.data(), request.body.size()};
  message.prepare_payload();
  return message;
}

Response response_of(Parser& parser) {
  auto message = parser.release();
  Response response;
  response.status = static_cast<int>(message.result_int());
  for (const auto& field : message) {
    response.headers.fields.emplace_back(field.name_string(), field.value());
  }
  response.body = std::move(message.body());
  return response;
}

IpAddress address_of(const Tcp::endpoint& endpoint) {
  const asio::ip::address& address = endpoint.address();
  return address.is_v4() ? IpAddress::of_v4(address.to_v4().to_bytes())
                         : IpAddress{address.to_v6().to_bytes()};
}

}  // namespace

struct ClientConnection::Impl : std::enable_shared_from_this<Impl> {
  Impl(asio::io_context& loop, const Url& given, asio::ssl::context& context)
      : url(given), resolver(loop), timer(loop), stream(loop, context) {}

  // At `deadline` the socket closes under what is awaited, until disarm().
  void arm(std::chrono::steady_clock::time_point deadline) {
    timed_out = false;
    timer.expires_at(deadline);
    timer.async_wait([self = shared_from_this(), armed = ++armings](const Error& error) {
      // One that went off just before it was cancelled comes here without an error.
      if (error || armed != self->armings) return;
      self->timed_out = true;
      self->abort();
    });
  }

  void disarm() {
    ++armings;
    timer.cancel();
  }

  void abort() {
    aborted = true;
    resolver.cancel();
    Error ignored;
    socket().close(ignored);
  }

  ClientAwaitable<Error> connect(const MayConnect& may_connect) {
    auto [unresolved, found] = co_await resolver.async_resolve(url.host, url.port, kAwait);
    if (unresolved) co_return unresolved;
    // The answer was on its way when it was too late: from here on nothing would end the
    // connecting.
    if (aborted) co_return asio::error::operation_aborted;
    std::vector<Tcp::endpoint> endpoints;
    for (const auto& each : found) {
      const IpAddress address = address_of(each.endpoint());
      if (!may_connect || may_connect(url.host, address)) {
        endpoints.push_back(each.endpoint());
      } else {
        denied = address;
      }
    }
    if (endpoints.empty() && denied) co_return asio::error::access_denied;
    auto [refused, endpoint] = co_await asio::async_connect(socket(), endpoints, kAwait);
    if (refused) co_return refused;
    if (timed_out) co_return asio::error::timed_out;
    denied.reset();
    Error ignored;
    socket().set_option(Tcp::no_delay(true), ignored);
    if (!url.tls) co_return Error();
    SSL_set_tlsext_host_name(stream.native_handle(), url.host.c_str());
    stream.set_verify_callback(asio::ssl::host_name_verification(url.host));
    auto [failed] = co_await stream.async_handshake(asio::ssl::stream_base::client, kAwait);
    co_return failed;
  }

  template <typename Stream>
  ClientAwaitable<Error> exchange_on(Stream& on, const ClientRequest& request, size_t limit) {
    Message message = message_of(request, url);
    auto [unsent, sent_bytes] = co_await http::async_write(on, message, kAwait);
    // A server that refuses a large body may answer before it has read it.
    Error error;
    do {
      parser.emplace();
      parser->header_limit(kHeaderBytes);
      parser->body_limit(limit);
      parser->skip(request.method == "HEAD");
      std::tie(error, std::ignore) = co_await http::async_read(on, buffer, *parser, kAwait);
    } while (!error && parser->get().result_int() / 100 == 1);
    co_return error&& unsent && !parser->got_some() ? unsent : error;
  }

  base::Error failure(const Error& error, std::string_view doing) const {
    if (error == asio::error::access_denied && denied) {
      return {ErrorCode::kInvalidArgument,
              fmt::format("the address {} of {} is denied", denied->text(), url.origin())};
    }
    std::string why = timed_out ? "no answer in time" : error.message();
    if (error == asio::error::eof || error == http::error::end_of_stream) {
      why = "the connection was closed";
    }
    const auto verified =
        url.tls ? SSL_get_verify_result(const_cast<Stream&>(stream).native_handle()) : X509_V_OK;
    if (verified != X509_V_OK) {
      why = fmt::format("its certificate is not accepted: {}",
                        X509_verify_cert_error_string(verified));
    }
    return {ErrorCode::kUnavailable, fmt::format("cannot {} {}: {}", doing, url.origin(), why)};
  }

  using Stream = asio::ssl::stream<Socket>;
  Socket& socket() { return stream.next_layer(); }

  Url url;
  asio::ip::basic_resolver<Tcp, Executor> resolver;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer;
  uint64_t armings = 0;
  Stream stream;
  std::optional<IpAddress> denied;  // an address that may_connect refused
  // What is not parsed yet. Bounded, because no other limit holds for what stands between the
  // pieces of a body and behind it; and so that no field is longer than the parser can keep.
  boost::beast::flat_buffer buffer{kHeaderBytes};
  std::optional<Parser> parser;  // of the last answer
  bool timed_out = false;
  bool aborted = false;
  bool reusable = false;
};

ClientConnection::ClientConnection(asio::io_context& loop, const Url& url,
                                   asio::ssl::context& context)
    : impl_(std::make_shared<Impl>(loop, url, context)) {}

ClientConnection::~ClientConnection() { impl_->disarm(); }

ClientAwaitable<base::Result<void>> ClientConnection::connect(
    const MayConnect& may_connect, std::chrono::steady_clock::time_point deadline) {
  Impl& impl = *impl_;
  impl.arm(deadline);
  const Error error = co_await impl.connect(may_connect);
  impl.disarm();
  if (error || impl.timed_out) co_return std::unexpected(impl.failure(error, "reach"));
  co_return base::Result<void>();
}

ClientAwaitable<base::Result<Response>> ClientConnection::exchange(
    const ClientRequest& request, size_t response_bytes,
    std::chrono::steady_clock::time_point deadline) {
  Impl& impl = *impl_;
  impl.parser.reset();
  impl.reusable = false;
  // The URL's host is this connection's; its path is new with each request.
  auto url = Url::parse(request.url);
  if (!url) co_return std::unexpected(url.error());
  impl.url = std::move(*url);
  impl.arm(deadline);
  const Error error = impl.url.tls
                          ? co_await impl.exchange_on(impl.stream, request, response_bytes)
                          : co_await impl.exchange_on(impl.socket(), request, response_bytes);
  impl.disarm();
  if (error == http::error::body_limit) {
    co_return base::fail(ErrorCode::kLimit, fmt::format("the answer of {} is larger than {} bytes",
                                                        impl.url.origin(), response_bytes));
  }
  if (error) co_return std::unexpected(impl.failure(error, "get an answer from"));
  impl.reusable = impl.parser->get().keep_alive() && impl.buffer.size() == 0;
  co_return response_of(*impl.parser);
}

void ClientConnection::abort() { impl_->abort(); }

bool ClientConnection::reusable() const { return impl_->reusable; }

bool ClientConnection::quiet() const {
  pollfd poll_socket{.fd = impl_->socket().native_handle(), .events = POLLIN, .revents = 0};
  return ::poll(&poll_socket, 1, 0) == 0;
}

bool ClientConnection::failed_before_answer() const {
  return !impl_->timed_out && (!impl_->parser || !impl_->parser->got_some());
}

}  // namespace weft::net
