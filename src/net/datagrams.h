#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/loop.h"

namespace weft::net {

// Receives UDP datagrams on one socket. What comes faster than it is handled is lost in the kernel,
// as with every UDP socket.
class DatagramListener {
 public:
  // Called on the first loop thread, which it must not block; the bytes are gone when it returns.
  using Handler = std::function<void(std::string_view datagram)>;

  // Listens on `address` and `port` (0 = any free one). `loop` outlives the listener. Errors:
  // kInvalidArgument (address), kIo ("cannot listen on 127.0.0.1:8125 (UDP): address already in
  // use").
  static base::Result<std::unique_ptr<DatagramListener>> listen(Loop& loop,
                                                                const std::string& address,
                                                                uint16_t port, Handler handler);
  // Closes.
  ~DatagramListener();

  // The port in use.
  uint16_t port() const;
  // No handler starts once the loop thread has seen it. Any thread.
  void close();

 private:
  struct Impl;
  explicit DatagramListener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace weft::net
