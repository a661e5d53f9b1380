#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "exports/destination.h"
#include "exports/span_push.h"
#include "history/event.h"
#include "history/rows.h"
#include "runtime/query.h"
#include "trace/project.h"

namespace weft::exports {

// Pushes the spans of executions and children to one destination soon after they end, on a thread
// of its own. What ends faster than the destination takes it waits in a bounded queue, and is
// dropped and counted beyond that: nobody ever waits for a push.
class LiveSpans {
 public:
  // Ended executions that wait (about 100 bytes each).
  static constexpr size_t kQueueMax = 50'000;
  // Of one Map Run so many children, and so many failed ones beyond, come with all their spans; the
  // others as one span marked weft.detail=summary.
  static constexpr uint64_t kDetailedChildren = 10'000;
  // Functions send their spans a little after they answer.
  static constexpr std::chrono::milliseconds kSettle{1'000};
  // How long spans wait for a full request.
  static constexpr std::chrono::milliseconds kLinger{1'000};

  struct Counts {
    uint64_t sent_spans = 0;
    uint64_t dropped_spans = 0;       // their requests were given up
    uint64_t dropped_executions = 0;  // the queue was full, or time was up
    uint64_t waiting = 0;             // executions
    std::string last_error;
  };

  explicit LiveSpans(Destination destination, DeliveryLimits limits = {});
  // Gives up what waits.
  ~LiveSpans();

  // Begins to push; what ended before waits. `query` is of an open host; both are used until
  // join(). Call it once.
  void start(const runtime::Query& query, const trace::Redactor& payloads);
  // An execution has ended and is stored; children come with their row. Any thread; returns at
  // once.
  void ended(history::ExecutionKey key, const std::optional<history::ChildRow>& row);
  // Takes no more; what waits is sent until `moment`, and what is left then counts as dropped.
  void finish_by(std::chrono::steady_clock::time_point moment);
  // Waits for that.
  void join();

  Counts counts() const;
  const Destination& destination() const { return destination_; }

 private:
  struct Ended {
    history::ExecutionKey key;
    std::optional<history::ChildRow> row;
    std::chrono::steady_clock::time_point ready;
  };
  // What children of one Map Run share.
  struct Run {
    runtime::MapRunRecord record;
    trace::Placement placement;
    uint64_t detailed = 0;
    uint64_t detailed_failures = 0;
  };

  void loop();
  // The next to push; nothing when the thread should send or end.
  std::optional<Ended> next();
  void push(const Ended& ended);
  void push_child(const Ended& ended);
  Run* run_of(uint64_t number);
  void count_unreadable(const base::Error& error);

  const Destination destination_;
  const runtime::Query* query_ = nullptr;  // both since start()
  const trace::Redactor* payloads_ = nullptr;
  SpanPush push_;
  std::unordered_map<uint64_t, Run> runs_;         // of the thread
  std::chrono::steady_clock::time_point send_by_;  // when spans wait; of the thread

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Ended> queue_;
  bool finishing_ = false;
  std::chrono::steady_clock::time_point end_by_ = std::chrono::steady_clock::time_point::max();
  uint64_t dropped_executions_ = 0;
  std::string unreadable_;
  std::thread thread_;
};

}  // namespace weft::exports
