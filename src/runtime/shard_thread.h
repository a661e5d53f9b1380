#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "runtime/shard.h"

namespace weft::runtime {

// A thread that runs one shard: its inbox, its timers. The main loop of the program.
class ShardThread {
 public:
  ShardThread(std::unique_ptr<Shard> shard, const base::Clock& clock);
  ~ShardThread();  // stop()

  void start();  // resumes what was adopted, then serves the inbox
  void stop();   // finishes the message at hand, drops the rest
  // Any thread; never blocks.
  void post(Message message);
  // Only before start().
  Shard& shard() { return *shard_; }

 private:
  void loop();

  std::unique_ptr<Shard> shard_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Message> inbox_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace weft::runtime
