#include "net/datagrams.h"

#include <array>
#include <utility>

#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "net/loop_impl.h"

namespace weft::net {
namespace {

using UdpSocket = asio::basic_datagram_socket<asio::ip::udp, asio::io_context::executor_type>;

// No datagram is larger.
constexpr size_t kDatagramBytesMax = 65'536;
// Datagrams handled before others of the loop get their turn.
constexpr int kBurst = 64;

}  // namespace

struct DatagramListener::Impl : std::enable_shared_from_this<Impl> {
  Impl(LoopThread& thread, Handler take) : socket(thread.context), handler(std::move(take)) {}

  UdpSocket socket;
  Handler handler;
  uint16_t port = 0;

  void wait() {
    socket.async_wait(UdpSocket::wait_read,
                      [self = shared_from_this()](const boost::system::error_code& error) {
                        if (error || !self->socket.is_open()) return;
                        self->receive();
                        self->wait();
                      });
  }

  void receive() {
    // One buffer serves all sockets of the thread, of which there may be thousands.
    static thread_local std::array<char, kDatagramBytesMax> buffer;
    for (int i = 0; i < kBurst; ++i) {
      boost::system::error_code error;
      const size_t bytes = socket.receive(asio::buffer(buffer), 0, error);
      if (error) return;
      handler(std::string_view(buffer.data(), bytes));
    }
  }
};

DatagramListener::DatagramListener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

base::Result<std::unique_ptr<DatagramListener>> DatagramListener::listen(Loop& loop,
                                                                         const std::string& address,
                                                                         uint16_t port,
                                                                         Handler handler) {
  boost::system::error_code error;
  const auto ip = asio::ip::make_address(address, error);
  if (error) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("cannot listen on {}:{} (UDP): expected an IPv4 or IPv6 address, "
                                  "for example 127.0.0.1",
                                  address, port));
  }
  auto impl = std::make_shared<Impl>(loop.impl().first(), std::move(handler));
  const asio::ip::udp::endpoint endpoint(ip, port);
  impl->socket.open(endpoint.protocol(), error);
  if (!error) impl->socket.bind(endpoint, error);
  if (!error) impl->socket.non_blocking(true, error);
  if (error) {
    return base::fail(base::ErrorCode::kIo, fmt::format("cannot listen on {}:{} (UDP): {}", address,
                                                        port, error.message()));
  }
  impl->port = impl->socket.local_endpoint(error).port();
  // The socket belongs to the loop thread from here on.
  asio::post(impl->socket.get_executor(), [impl] { impl->wait(); });
  return std::unique_ptr<DatagramListener>(new DatagramListener(std::move(impl)));
}

DatagramListener::~DatagramListener() { close(); }

uint16_t DatagramListener::port() const { return impl_->port; }

void DatagramListener::close() {
  asio::post(impl_->socket.get_executor(), [impl = impl_] {
    boost::system::error_code ignored;
    impl->socket.close(ignored);
  });
}

}  // namespace weft::net
