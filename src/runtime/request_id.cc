#include "runtime/request_id.h"

#include <fmt/format.h>

namespace weft::runtime {
namespace {

uint64_t mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

}  // namespace

std::string request_id(uint64_t key, history::ExecutionKey execution, uint32_t task) {
  const uint64_t a = mix(key ^ mix(execution.run ^ mix(execution.index ^ mix(task))));
  const uint64_t b = mix(a ^ mix(execution.index ^ key));
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", a >> 32, (a >> 16) & 0xFFFF, a & 0xFFF,
                     0x8000 | ((b >> 48) & 0x3FFF), b & 0xFFFFFFFFFFFFULL);
}

}  // namespace weft::runtime
