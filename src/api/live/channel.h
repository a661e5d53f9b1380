#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "api/live/client.h"
#include "net/http.h"
#include "running/host.h"
#include "sync/mutex.h"

namespace weft::api {

// The live channel of the page (docs/reference/query-api.md, "Live"):
//
//   GET  /_weft/v1/live?topic=list&topic=maprun:ARN   events as long as the client listens
//   POST /_weft/v1/live/ID/topics {"topics":[...]}    listens to others, on the same connection
//
// Each topic is looked at once, however many pages want it, on a thread of its own that sleeps
// while nobody listens and gives way to what runs. The more pages want a topic, the more seldom
// each of them is told, in turns, so that what all of them ask then does not grow with their
// number. A page that goes takes all that was kept for it along. Any thread.
class LiveChannel {
 public:
  static constexpr size_t kClientsMax = 256;
  // Of one topic so many pages are told in one quarter of a second, unless each of them then waits
  // for longer than kTurnsMax quarters.
  static constexpr size_t kToldAtOnce = 6;
  static constexpr uint64_t kTurnsMax = 20;

  // `host` outlives the channel. `watch` false: nothing is sent but by look(), for tests.
  explicit LiveChannel(running::Host& host, bool watch = true);
  ~LiveChannel();

  static bool knows(std::string_view path);
  // Blocking, for moments.
  net::Response answer(const net::Request& request);
  // Looks at the topics that are due and tells who wants them and whose turn it is; `round` counts
  // quarters of a second. Who has been told nothing yet is always told.
  void look(uint64_t round);
  // {"clients":..,"opened":..} now and since the start.
  std::string counts_json() const;

 private:
  net::Response open(const net::Request& request);
  net::Response change(const net::Request& request);
  std::vector<std::shared_ptr<LiveClient>> clients() const;
  void watch();

  running::Host& host_;
  mutable sync::Mutex mutex_;
  sync::CondVar changed_;
  // Those whose connection has ended are gone.
  mutable std::map<std::string, std::weak_ptr<LiveClient>, std::less<>> clients_
      WEFT_GUARDED_BY(mutex_);
  bool stopping_ WEFT_GUARDED_BY(mutex_) = false;
  std::atomic<uint64_t> opened_ = 0;
  std::thread thread_;
};

}  // namespace weft::api
