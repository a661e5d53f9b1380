#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

#include "columns/batches.h"

// How one question uses several cores: its rows are cut into parts, what the parts come to is put
// together. Threads are given from outside: columns know none.

namespace weft::columns {

class Together {
 public:
  virtual ~Together() = default;
  // How many parts can run at once, at least 1.
  virtual size_t width() const = 0;
  // Calls `part` with each number below `parts`, from any thread, and returns when all have
  // returned.
  virtual void run(size_t parts, const std::function<void(size_t)>& part) = 0;
};

// Fewer rows are not worth a second thread.
inline constexpr size_t kRowsTogether = 100'000;

// Cuts `rows` into parts, has `work` go over the rows at [from, to) of each with a `State` of its
// own, and gives the states in the order of the rows. One part where `together` is null.
template <typename State, typename Work>
std::vector<State> each_part(RowSpan rows, Together* together, const State& fresh,
                             const Work& work) {
  const size_t width = together == nullptr || rows.size() < kRowsTogether
                           ? 1
                           : std::max<size_t>(1, together->width());
  // Whole blocks: a batch does not reach over the end of one.
  constexpr size_t kBlock = Packed<int64_t>::kBlock;
  const size_t blocks = (rows.size() + kBlock - 1) / kBlock;
  const size_t parts = std::min(width, std::max<size_t>(1, blocks));
  std::vector<State> states(parts, fresh);
  const auto one = [&](size_t part) {
    const size_t from = blocks * part / parts * kBlock;
    const size_t to = std::min(rows.size(), blocks * (part + 1) / parts * kBlock);
    work(from, to, states[part]);
  };
  if (parts == 1) {
    one(0);
  } else {
    together->run(parts, one);
  }
  return states;
}

}  // namespace weft::columns
