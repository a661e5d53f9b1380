#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "running/shard.h"
#include "sync/mutex.h"

namespace weft::running {

// A thread that runs one shard: its inbox, its timers. The main loop of the program.
class ShardThread {
 public:
  explicit ShardThread(std::unique_ptr<Shard> shard);
  ~ShardThread();  // stop()

  void start();  // resumes what was adopted, then serves the inbox
  void stop();   // finishes the message at hand, drops the rest
  // Any thread; never blocks.
  void post(Message message);
  // Only before start().
  Shard& shard() { return *shard_; }

 private:
  void loop();
  // Takes what is in the inbox, waiting for it until the next timer is due; false: stop.
  bool take();
  // In the middle of a long turn: handles those of the messages that may go first, for a while.
  void serve_first();
  bool ready() const WEFT_REQUIRES(mutex_) { return stopping_ || !inbox_.empty(); }

  std::unique_ptr<Shard> shard_;
  sync::Mutex mutex_;
  sync::CondVar wake_;
  std::vector<Message> inbox_ WEFT_GUARDED_BY(mutex_);
  bool stopping_ WEFT_GUARDED_BY(mutex_) = false;
  // The thread's own: what was taken, and how much of it was handled.
  std::vector<Message> taken_;
  size_t handled_ = 0;
  std::thread thread_;
};

}  // namespace weft::running
