#include "api/live/client.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace weft::api {
namespace {

bool has(const std::vector<std::string>& topics, const std::string& topic) {
  return std::ranges::find(topics, topic) != topics.end();
}

}  // namespace

LiveClient::LiveClient(std::string id, std::vector<std::string> topics)
    : id_(std::move(id)), topics_(std::move(topics)) {
  // How soon a browser tries again when the connection is lost, in ms; and by which name it changes
  // what it listens to.
  first_ = fmt::format("retry: 2000\n\nevent: hello\ndata: {{\"id\":\"{}\"}}\n\n", id_);
}

base::Result<void> LiveClient::check(const std::vector<std::string>& topics) {
  if (topics.size() > kTopicsMax) {
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        fmt::format("topics: {} were given, at most {} are taken", topics.size(), kTopicsMax));
  }
  for (const std::string& topic : topics) {
    const bool known =
        topic == "list" || topic.starts_with("exec:arn:") || topic.starts_with("maprun:arn:");
    if (known && topic.size() <= kTopicBytesMax) continue;
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("topic '{}': expected list, exec:ARN or maprun:ARN",
                                  topic.substr(0, kTopicBytesMax)));
  }
  return {};
}

std::vector<std::string> LiveClient::topics() const {
  const sync::MutexLock lock(mutex_);
  return topics_;
}

bool LiveClient::is_new_to(const std::string& topic) const {
  const sync::MutexLock lock(mutex_);
  const auto told = sent_.lower_bound({topic, ""});
  return has(topics_, topic) && (told == sent_.end() || told->first.first != topic);
}

void LiveClient::set_topics(std::vector<std::string> topics) {
  const sync::MutexLock lock(mutex_);
  topics_ = std::move(topics);
  const auto unwanted = [&](const auto& one) {
    mutex_.assert_held();  // runs within this call
    return !has(topics_, one.first.first);
  };
  std::erase_if(pending_, unwanted);
  std::erase_if(sent_, unwanted);
}

void LiveClient::offer(const std::string& topic, const LiveValues& values) {
  const sync::MutexLock lock(mutex_);
  if (!has(topics_, topic)) return;
  bool anything = false;
  for (const auto& [event, data] : values) {
    std::string& before = sent_[{topic, event}];
    if (before == data) continue;
    before = data;
    pending_[{topic, event}] = data;
    anything = true;
  }
  if (anything && wake_) wake_();
}

void LiveClient::beat() {
  const sync::MutexLock lock(mutex_);
  if (first_.empty() && pending_.empty()) first_ = ":\n\n";
  if (wake_) wake_();
}

void LiveClient::start(std::function<void()> wake) {
  const sync::MutexLock lock(mutex_);
  wake_ = std::move(wake);
}

std::optional<std::string> LiveClient::take() {
  const sync::MutexLock lock(mutex_);
  std::string out = std::exchange(first_, {});
  for (const auto& [key, data] : pending_) {
    fmt::format_to(std::back_inserter(out), "id: {}\nevent: {}\ndata: {}\n\n", ++sequence_,
                   key.second, data);
  }
  pending_.clear();
  return out;
}

}  // namespace weft::api
