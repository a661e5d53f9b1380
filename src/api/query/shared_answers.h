#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "net/http.h"
#include "reading/query.h"
#include "sync/mutex.h"

namespace weft::api {

// Answers about Map Runs and executions that go on, for many pages at once: who asks what somebody
// else has asked a moment ago gets that answer, compressed as it is. A moment is so many times what
// the answer took, so that a question takes a bounded part of a core however many ask it. Answers
// to other questions, and about a Map Run whose record or an execution whose history has changed
// since, are found anew. Thread-safe; blocking: of those who ask at once one finds the answer.
class SharedAnswers {
 public:
  using Find = std::function<net::Response(const net::Request&)>;
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  // "1" in answers that somebody else asked for a moment ago: there may be newer ones in a moment,
  // of which nobody will be told. "0" in the others about what goes on.
  static constexpr const char* kKeptHeader = "Weft-Kept";
  static constexpr size_t kEntriesMax = 256;
  static constexpr size_t kBodyBytesMax = 256u << 10;  // larger ones are not kept
  static constexpr int kRestTimes = 20;
  static constexpr std::chrono::milliseconds kMomentMin{500};
  static constexpr std::chrono::milliseconds kMomentMax{5'000};

  // `find` answers a request; `query`, whose records are looked at, outlives this.
  SharedAnswers(const reading::Query& query, Find find, Now now = &std::chrono::steady_clock::now);

  net::Response answer(const net::Request& request);

 private:
  struct Kept {
    std::string question;
    sync::Mutex mutex;
    std::optional<net::Response> response WEFT_GUARDED_BY(mutex);
    std::string state WEFT_GUARDED_BY(mutex);
    std::chrono::steady_clock::time_point found WEFT_GUARDED_BY(mutex);
    std::chrono::steady_clock::duration moment WEFT_GUARDED_BY(mutex){};
  };

  // What must not have changed: the record of the Map Run that the question is about, or the
  // execution's own_version(), while it goes on.
  std::optional<std::string> state_of(const net::Request& request) const;
  std::shared_ptr<Kept> entry(const net::Request& request);

  const reading::Query& query_;
  const Find find_;
  const Now now_;
  sync::Mutex mutex_;
  std::list<std::shared_ptr<Kept>> entries_ WEFT_GUARDED_BY(mutex_);  // last used first
};

}  // namespace weft::api
