#pragma once

#include <cstdint>
#include <optional>

#include <sys/types.h>

namespace weft::lambda {

// The number that the system gives to the client's end of a connection between two ports of
// 127.0.0.1, while some process has that open. Any thread; takes tens of microseconds.
std::optional<uint64_t> client_socket(uint16_t client_port, uint16_t server_port);

// Whether `process` or one of its descendants has the socket of that number open. False also where
// the system does not let us look.
bool has_socket(pid_t process, uint64_t socket);

}  // namespace weft::lambda
