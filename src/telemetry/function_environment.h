#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace weft::telemetry {

// What makes the tracing libraries in functions send their spans home: the same for all functions.
// Users' own settings win.
std::map<std::string, std::string> function_environment();

// The part that differs by process: where to send, which is the process's own listener
// ("http://127.0.0.1:40123", and on the same address a UDP port for DogStatsD), so that even spans
// that name no request are known by their sender.
std::map<std::string, std::string> intake_environment(std::string_view url, uint16_t datagram_port);

}  // namespace weft::telemetry
