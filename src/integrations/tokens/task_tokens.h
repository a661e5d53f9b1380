#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "history/event.h"

// Task tokens: what whoever does the work of a task answers with (AWS page "Wait for a callback
// with task token").

namespace weft::tokens {

// An attempt of a task: the ordinal that it has in its execution is its own.
struct TaskPlace {
  history::ExecutionKey key;
  uint32_t task = 0;
  friend bool operator==(const TaskPlace&, const TaskPlace&) = default;
};

// Makes tokens and reads them. A token is the place of its task and an HMAC-SHA256 of that under a
// key which the store keeps: so it costs no write, is the same on every delivery of an attempt, and
// outlives the process; only who was given it can know it. An immutable value; thread-safe.
class TaskTokens {
 public:
  static constexpr size_t kKeyBytes = 32;
  // `key`: kKeyBytes random bytes.
  explicit TaskTokens(std::string key);

  // 72 characters of base64url.
  std::string token(const TaskPlace& place) const;
  // In constant time for every text of a token's length. kInvalidToken: "Invalid Token: 'Invalid
  // token'", for what is no token as for those of another store.
  base::Result<TaskPlace> place(std::string_view token) const;

 private:
  std::string seal(std::string_view place) const;

  std::string key_;
};

}  // namespace weft::tokens
