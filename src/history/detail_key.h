#pragma once

#include <cstdint>

#include "history/event.h"

namespace weft::history {

// Where detail of an execution is stored, the spans and log lines that its functions sent: its own
// key; of a nested execution that a child of a Map Run started, itself or through other nested
// ones, that child's key and its own sequence number. So it lies with the child's, and goes with
// it.
struct DetailKey : ExecutionKey {
  uint64_t nested = 0;
  DetailKey() = default;
  DetailKey(ExecutionKey key, uint64_t nested_index = 0)  // NOLINT(google-explicit-constructor)
      : ExecutionKey(key), nested(nested_index) {}
  DetailKey(uint64_t run_number, uint64_t place, uint64_t nested_index = 0)
      : ExecutionKey{.run = run_number, .index = place}, nested(nested_index) {}
  // Whose detail it is.
  ExecutionKey execution() const {
    return nested == 0 ? ExecutionKey(*this) : ExecutionKey{0, nested};
  }
  friend bool operator==(const DetailKey&, const DetailKey&) = default;
  friend auto operator<=>(const DetailKey&, const DetailKey&) = default;
};

}  // namespace weft::history
