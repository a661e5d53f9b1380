#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/file_descriptor.h"

namespace weft::net {

// A blocking client that sends and reads raw bytes.
class RawClient {
 public:
  explicit RawClient(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }

  void send(std::string_view text) {
    while (!text.empty()) {
      ssize_t n = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      text.remove_prefix(static_cast<size_t>(n));
    }
  }
  void end_sending() { ::shutdown(socket_.get(), SHUT_WR); }
  // Reads to the end of the head, then as many bytes as it announces (none for `head_only`).
  std::string read_response(bool head_only = false) {
    size_t end;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_some()) return std::exchange(input_, {});
    }
    size_t length = 0;
    size_t field = input_.find("Content-Length: ");
    if (field < end && !head_only) length = std::strtoull(input_.c_str() + field + 16, nullptr, 10);
    while (input_.size() < end + 4 + length && read_some()) {
    }
    std::string out = input_.substr(0, end + 4 + length);
    input_.erase(0, out.size());
    return out;
  }
  std::string read_all() {
    while (read_some()) {
    }
    return input_;
  }
  void close() { socket_.reset(); }

 private:
  bool read_some() {
    char buffer[65536];
    ssize_t n = ::recv(socket_.get(), buffer, sizeof(buffer), 0);
    if (n <= 0) return false;
    input_.append(buffer, static_cast<size_t>(n));
    return true;
  }
  FileDescriptor socket_;
  std::string input_;
};

}  // namespace weft::net
