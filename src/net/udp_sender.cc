#include "net/udp_sender.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

namespace weft::net {

base::Result<UdpSender> UdpSender::open(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, [](addrinfo* list) {
    if (list != nullptr) ::freeaddrinfo(list);
  });
  std::string why = failed == 0 ? "it has no address" : ::gai_strerror(failed);
  for (const addrinfo* each = addresses.get(); failed == 0 && each; each = each->ai_next) {
    FileDescriptor socket(
        ::socket(each->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, each->ai_protocol));
    if (::connect(socket.get(), each->ai_addr, each->ai_addrlen) == 0) {
      return UdpSender(std::move(socket));
    }
    why = std::strerror(errno);
  }
  return base::fail(base::ErrorCode::kUnavailable,
                    fmt::format("cannot send to {}:{}: {}", host, port, why));
}

bool UdpSender::send(std::string_view datagram) {
  // After an answer that nobody listens the next call fails once without sending.
  for (int tries = 0; tries < 2; ++tries) {
    if (::send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) >= 0) return true;
    if (errno != ECONNREFUSED) return false;
  }
  return false;
}

}  // namespace weft::net
