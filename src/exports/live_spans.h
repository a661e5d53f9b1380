#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>

#include "exports/destination.h"
#include "exports/map_run_spans.h"
#include "exports/source.h"
#include "exports/span_push.h"
#include "history/event.h"
#include "history/rows.h"
#include "sync/mutex.h"

namespace weft::exports {

// Pushes the spans of executions and children to one destination soon after they end (children of
// large Map Runs: when the run has, see MapRunSpans), on a thread of its own. What ends faster than
// the destination takes it waits in a bounded queue, and is dropped and counted beyond that: nobody
// ever waits for a push.
class LiveSpans {
 public:
  // Ended executions that wait (about 100 bytes each).
  static constexpr size_t kQueueMax = 50'000;
  // Functions send their spans a little after they answer.
  static constexpr std::chrono::milliseconds kSettle{1'000};
  // How long spans wait for a full request.
  static constexpr std::chrono::milliseconds kLinger{1'000};

  struct Counts {
    uint64_t sent_spans = 0;
    uint64_t dropped_spans = 0;  // their requests were given up
    // The queue was full, or time was up. Goes down again when a Map Run turns out to be one whose
    // children go at its end: they were not in the queue for nothing.
    uint64_t dropped_executions = 0;
    uint64_t waiting = 0;  // executions
    std::string last_error;
  };

  explicit LiveSpans(Destination destination, DeliveryLimits limits = {});
  // Gives up what waits.
  ~LiveSpans();

  // Begins to push; what ended before waits. Call it once.
  void start(Source source);
  // An execution has ended and is stored; children come with their row. Any thread; returns at
  // once.
  void ended(history::ExecutionKey key, const std::optional<history::ChildRow>& row);
  // A Map Run has, after all its children. As above.
  void run_ended(uint64_t run);
  // Takes no more; what waits is sent until the destination has taken nothing for `patience`,
  // for `most` at most, and what is left then counts as dropped. Later calls change nothing.
  void finish(std::chrono::milliseconds patience, std::chrono::milliseconds most);
  // Waits for that.
  void join();

  Counts counts() const;
  const Destination& destination() const { return destination_; }

 private:
  struct Ended {
    history::ExecutionKey key;
    std::optional<history::ChildRow> row;
    bool map_run = false;  // the Map Run key.run
    std::chrono::steady_clock::time_point ready;
  };
  // What those who report ends need to know of a Map Run.
  struct Open {
    bool later = false;  // its children go at its end
    uint64_t lost = 0;   // children that found the queue full
  };

  void loop();
  // The next to push; nothing when the thread should send or end.
  std::optional<Ended> next();
  void push(const Ended& ended);
  void push_execution(history::ExecutionKey key);
  void push_nested(const records::ExecutionRecord& record);
  void push_child(const Ended& ended);
  void push_run(uint64_t number);
  void advance_runs();
  MapRunSpans* run_of(uint64_t number);
  void give_up() WEFT_REQUIRES(mutex_);
  void note_progress();
  bool late() const;
  void count_dropped(uint64_t executions, const base::Error* unreadable);

  const Destination destination_;
  Source source_;  // since start()
  SpanPush push_;
  std::unordered_map<uint64_t, MapRunSpans> runs_;  // that are open; of the thread
  std::chrono::steady_clock::time_point send_by_;   // when spans wait; of the thread
  // When the open Map Runs that await certain children are asked for them; of the thread.
  std::chrono::steady_clock::time_point advance_at_ = std::chrono::steady_clock::time_point::max();

  mutable sync::Mutex mutex_;
  sync::CondVar changed_;
  std::deque<Ended> queue_ WEFT_GUARDED_BY(mutex_);
  std::unordered_map<uint64_t, Open> open_ WEFT_GUARDED_BY(mutex_);
  bool finishing_ WEFT_GUARDED_BY(mutex_) = false;
  std::chrono::milliseconds patience_ WEFT_GUARDED_BY(mutex_){0};  // since finish()
  std::chrono::steady_clock::time_point end_by_
      WEFT_GUARDED_BY(mutex_);  // of a destination that takes nothing
  std::chrono::steady_clock::time_point end_by_at_most_ WEFT_GUARDED_BY(mutex_);  // of any
  uint64_t dropped_before_ WEFT_GUARDED_BY(mutex_) = 0;  // spans, at finish()
  uint64_t dropped_executions_ WEFT_GUARDED_BY(mutex_) = 0;
  std::string unreadable_ WEFT_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace weft::exports
