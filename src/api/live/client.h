#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/http.h"
#include "sync/mutex.h"

namespace weft::api {

// What a topic has to say: the newest data (one line of JSON) by the event's name.
using LiveValues = std::map<std::string, std::string, std::less<>>;

// One page that listens, as the body of its answer: server-sent events (HTML Living Standard,
// section "Server-sent events"). Of each topic's event it keeps the newest value alone, so that a
// slow reader gets fewer events and never old ones, and what waits is bounded by its topics.
// Any thread.
class LiveClient final : public net::BodySource {
 public:
  // One page looks at few things at a time.
  static constexpr size_t kTopicsMax = 32;
  static constexpr size_t kTopicBytesMax = 2'100;  // a Map Run's ARN has 2,000

  LiveClient(std::string id, std::vector<std::string> topics);

  const std::string& id() const { return id_; }
  std::vector<std::string> topics() const;
  // Whether this page has been told nothing of a topic that it wants.
  bool is_new_to(const std::string& topic) const;
  // In place of those before; what waits of others is dropped.
  void set_topics(std::vector<std::string> topics);
  // Sends of `values` those that this page has not been sent, where it wants the topic.
  void offer(const std::string& topic, const LiveValues& values);
  // A comment, so that whoever stands between does not take the silence for the end.
  void beat();
  // kInvalidArgument for what is no list of topics.
  static base::Result<void> check(const std::vector<std::string>& topics);

  void start(std::function<void()> wake) override;
  std::optional<std::string> take() override;

 private:
  // Topic and event.
  using Key = std::pair<std::string, std::string>;

  const std::string id_;
  mutable sync::Mutex mutex_;
  std::vector<std::string> topics_ WEFT_GUARDED_BY(mutex_);
  std::map<Key, std::string> sent_ WEFT_GUARDED_BY(mutex_);  // or waiting to be
  std::map<Key, std::string> pending_ WEFT_GUARDED_BY(mutex_);
  std::string first_ WEFT_GUARDED_BY(mutex_);  // what stands before all events
  uint64_t sequence_ WEFT_GUARDED_BY(mutex_) = 0;
  std::function<void()> wake_ WEFT_GUARDED_BY(mutex_);
};

}  // namespace weft::api
