#include "reading/cores.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace weft::reading {
namespace {

// Beyond that a question waits for memory, not for cores.
constexpr size_t kWidthMax = 4;

}  // namespace

size_t Cores::width() const {
  return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kWidthMax);
}

void Cores::run(size_t parts, const std::function<void(size_t)>& part) {
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t one = next++; one < parts; one = next++) part(one);
  };
  std::vector<std::jthread> others;
  for (size_t i = 1; i < std::min(parts, width()); ++i) others.emplace_back(work);
  work();
}

}  // namespace weft::reading
