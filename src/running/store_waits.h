#pragma once

#include <algorithm>
#include <future>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "running/requests.h"
#include "store/store.h"

// Commands and a store that is found damaged: nothing is written any more, and whoever waits for
// something durable is told so.

namespace weft::running {

// kStorage when the store was found damaged.
inline base::Result<void> check_writable(const store::Store& store) {
  const auto damage = store.damage();
  if (!damage) return {};
  return base::fail(base::ErrorCode::kStorage,
                    "The store is damaged, and nothing is written any more: " + *damage);
}

// What a shard or the committer answers. They drop what they were given, and its promise, when the
// store is found damaged: kStorage then.
template <typename T>
base::Result<T> await(const store::Store& store, std::future<base::Result<T>> outcome) {
  try {
    return outcome.get();
  } catch (const std::future_error&) {
    const auto writable = check_writable(store);
    if (!writable) return std::unexpected(writable.error());
    return base::fail(base::ErrorCode::kUnavailable, "The server is stopping");
  }
}

// kUnavailable when the execution waits for something that was not given (Host::held()).
inline base::Result<void> check_running(history::ExecutionKey key,
                                        const std::vector<HeldExecution>& held,
                                        const std::map<uint64_t, MapRunProgress>& held_runs) {
  const auto found = std::ranges::find(held, key, &HeldExecution::key);
  if (found == held.end() && !held_runs.contains(key.run)) return {};
  return base::fail(base::ErrorCode::kUnavailable,
                    "The execution waits, since something it needs was not given when Weft was "
                    "started" +
                        (found == held.end() ? std::string() : ": " + found->needs));
}

}  // namespace weft::running
