#include "net/server.h"

#include <cerrno>
#include <utility>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "net/session.h"

namespace weft::net {
namespace {

using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
using Endpoint = asio::ip::tcp::endpoint;

constexpr int kBacklog = 4096;
constexpr std::chrono::milliseconds kAcceptRetryDelay{100};

std::string lower_first(std::string text) {
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] + 32);
  return text;
}

base::Result<void> open_acceptor(Acceptor& acceptor, const Endpoint& endpoint,
                                 const std::string& shown) {
  boost::system::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (!error) return {};
  return base::fail(base::ErrorCode::kIo,
                    fmt::format("cannot listen on {}:{}: {}", shown, endpoint.port(),
                                lower_first(error.message())));
}

}  // namespace

struct HttpServer::Impl : std::enable_shared_from_this<Impl> {
  Impl(Loop& owner, std::shared_ptr<ServerState> shared)
      : loop(owner.impl()), state(std::move(shared)), acceptor(loop.first().context) {}

  Loop::Impl& loop;
  std::shared_ptr<ServerState> state;
  Acceptor acceptor;
  uint16_t port = 0;
  TimerHandle retry;

  void accept(Loop& owner) {
    // Raw: a handler that owned the thread it waits on would keep both alive.
    LoopThread* thread = loop.pick();
    acceptor.async_accept(thread->context, [self = shared_from_this(), thread, &owner](
                                               const boost::system::error_code& error,
                                               Socket socket) {
      if (!self->acceptor.is_open()) return;
      if (error) {
        // Out of descriptors, most likely: try again when some connection may have ended.
        self->retry = owner.run_after(kAcceptRetryDelay, [self, &owner] { self->accept(owner); });
        return;
      }
      self->serve(thread, std::move(socket));
      self->accept(owner);
    });
  }

  void serve(LoopThread* thread, Socket socket) {
    const size_t max = state->limits.connections;
    const size_t open = state->connections;
    if (open >= max) {
      // Nobody was asked yet: now, else at the next tick.
      if (state->to_give_way.exchange(max / 16 + 1) == 0) {
        for (auto& each : loop.threads)
          asio::post(each->context, [each = each.get()] { each->tick_now(); });
      }
    }
    if (open >= max + max / 8 + 1) return;
    // Here, not in its thread: many may be accepted before that runs.
    state->connections.fetch_add(1);
    asio::post(thread->context, [state = state, thread, socket = std::move(socket)]() mutable {
      std::make_shared<Session>(state, thread->shared_from_this(), std::move(socket))->start();
    });
  }
};

HttpServer::HttpServer(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

base::Result<std::unique_ptr<HttpServer>> HttpServer::listen(Loop& loop, const std::string& address,
                                                             uint16_t port, Handler handler,
                                                             Limits limits) {
  boost::system::error_code error;
  auto ip = asio::ip::make_address(address, error);
  if (error) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("cannot listen on {}:{}: expected an IPv4 or IPv6 address, for "
                                  "example 127.0.0.1",
                                  address, port));
  }
  auto state = std::make_shared<ServerState>();
  state->handler = std::move(handler);
  state->limits = std::move(limits);
  state->spool = std::make_shared<ByteBudget>(state->limits.spool_bytes);
  auto impl = std::make_shared<Impl>(loop, std::move(state));
  if (auto opened = open_acceptor(impl->acceptor, Endpoint(ip, port), address); !opened) {
    return std::unexpected(opened.error());
  }
  impl->port = impl->acceptor.local_endpoint(error).port();
  // The acceptor belongs to the loop thread from here on.
  asio::post(impl->loop.first().context, [impl, &loop] { impl->accept(loop); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() { close(); }

uint16_t HttpServer::port() const { return impl_->port; }

void HttpServer::close() {
  if (impl_->state->closing.exchange(true)) return;
  asio::post(impl_->loop.first().context, [impl = impl_] {
    boost::system::error_code ignored;
    impl->acceptor.close(ignored);
    impl->retry.cancel();
    for (auto& thread : impl->loop.threads) {
      asio::post(thread->context, [thread = thread.get()] { thread->tick_now(); });
    }
  });
}

}  // namespace weft::net
