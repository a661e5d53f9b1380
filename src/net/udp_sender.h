#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/file_descriptor.h"

namespace weft::net {

// Sends datagrams to one address. One thread at a time.
class UdpSender {
 public:
  // Looks `host` up; blocks for that. Errors: kUnavailable.
  static base::Result<UdpSender> open(const std::string& host, uint16_t port);

  // Never blocks; false when it could not be sent now. True says nothing about its arrival.
  bool send(std::string_view datagram);

 private:
  explicit UdpSender(FileDescriptor socket) : socket_(std::move(socket)) {}
  FileDescriptor socket_;
};

}  // namespace weft::net
