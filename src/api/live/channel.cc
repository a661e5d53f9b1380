#include "api/live/channel.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "api/live/values.h"
#include "api/query/handler.h"
#include "base/give_way.h"
#include "base/hash.h"
#include "json/parse.h"
#include "net/url.h"

namespace weft::api {
namespace {

constexpr std::string_view kLivePath = "/_weft/v1/live";
constexpr std::string_view kTopicsEnd = "/topics";
constexpr std::chrono::milliseconds kRound{250};
constexpr uint64_t kListRounds = 4;   // a list of 100 costs more than one run
constexpr uint64_t kBeatRounds = 60;  // 15 s

// Nobody else finds out to what a page listens, or changes it.
std::string fresh_id() {
  std::random_device device;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", device(), device(), device(), device());
}

base::Result<std::vector<std::string>> topics_of_body(const net::Request& request) {
  json::Arena arena;
  const auto body = json::parse(request.body, arena);
  const json::Value listed = body && body->is_object() ? body->find("topics") : json::Value();
  std::vector<std::string> topics;
  if (listed.is_array()) {
    for (uint32_t i = 0; i < listed.size(); ++i) {
      if (listed.item(i).is_string()) topics.emplace_back(listed.item(i).as_string());
    }
    if (topics.size() == listed.size()) return topics;
  }
  return base::fail(base::ErrorCode::kInvalidArgument,
                    R"(The body: expected {"topics":["list","maprun:arn:..."]})");
}

// In how many rounds each of so many pages is told once.
uint64_t turns_of(std::string_view topic, size_t pages) {
  const uint64_t turns = (pages + LiveChannel::kToldAtOnce - 1) / LiveChannel::kToldAtOnce;
  return std::clamp(turns, topic == "list" ? kListRounds : 1, LiveChannel::kTurnsMax);
}

// Which of these rounds is a page's own.
uint64_t turn_of(const LiveClient& client) { return base::fnv64(client.id()); }

bool is_json(const net::Request& request) {
  return request.headers.get("Content-Type").starts_with("application/json");
}

}  // namespace

LiveChannel::LiveChannel(running::Host& host, bool watch) : host_(host) {
  if (watch) thread_ = std::thread([this] { this->watch(); });
}

LiveChannel::~LiveChannel() {
  {
    const sync::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool LiveChannel::knows(std::string_view path) {
  return path == kLivePath ||
         (path.starts_with(std::string(kLivePath) + "/") && path.ends_with(kTopicsEnd));
}

net::Response LiveChannel::answer(const net::Request& request) {
  const bool opens = request.path == kLivePath;
  if (opens && request.method == "GET") return open(request);
  if (!opens && request.method == "POST") return change(request);
  return query_error(405, "MethodNotAllowed",
                     fmt::format("{} answers {} only", request.path, opens ? "GET" : "POST"));
}

net::Response LiveChannel::open(const net::Request& request) {
  std::vector<std::string> topics;
  for (const auto& [name, value] : net::Query::parse(request.query).parameters) {
    if (name == "topic") topics.push_back(value);
  }
  if (const auto good = LiveClient::check(topics); !good) return query_error(good.error());
  auto client = std::make_shared<LiveClient>(fresh_id(), std::move(topics));
  {
    const sync::MutexLock lock(mutex_);
    std::erase_if(clients_, [](const auto& one) { return one.second.expired(); });
    if (clients_.size() >= kClientsMax) {
      net::Response full = query_error(
          503, "TooManyPages",
          fmt::format("{} pages listen already, as many as may; others ask again and again",
                      kClientsMax));
      full.headers.set("Retry-After", "30");
      return full;
    }
    clients_.emplace(client->id(), client);
  }
  ++opened_;
  changed_.notify_all();
  net::Response response;
  response.headers.set("Content-Type", "text/event-stream");
  response.headers.set("Cache-Control", "no-store");
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.stream = std::move(client);
  return response;
}

net::Response LiveChannel::change(const net::Request& request) {
  if (!is_json(request)) {
    return query_error(415, "UnsupportedMediaType", "Content-Type: expected application/json");
  }
  std::string_view id = request.path;
  id.remove_prefix(kLivePath.size() + 1);
  id.remove_suffix(std::min(kTopicsEnd.size(), id.size()));
  std::shared_ptr<LiveClient> client;
  {
    const sync::MutexLock lock(mutex_);
    const auto found = clients_.find(id);
    if (found != clients_.end()) client = found->second.lock();
  }
  if (!client) return query_error(404, "NotFound", "Nobody listens by this id any more");
  auto topics = topics_of_body(request);
  if (!topics) return query_error(topics.error());
  if (const auto good = LiveClient::check(*topics); !good) return query_error(good.error());
  client->set_topics(std::move(*topics));
  net::Response response;
  response.headers.set("Content-Type", "application/json");
  response.body = "{}";
  return response;
}

std::vector<std::shared_ptr<LiveClient>> LiveChannel::clients() const {
  std::vector<std::shared_ptr<LiveClient>> open;
  const sync::MutexLock lock(mutex_);
  for (auto one = clients_.begin(); one != clients_.end();) {
    if (auto client = one->second.lock()) {
      open.push_back(std::move(client));
      ++one;
    } else {
      one = clients_.erase(one);
    }
  }
  return open;
}

void LiveChannel::look(uint64_t round) {
  const auto listeners = clients();
  std::map<std::string, std::vector<LiveClient*>> wanted;
  for (const auto& client : listeners) {
    for (std::string& topic : client->topics()) wanted[std::move(topic)].push_back(client.get());
  }
  for (auto& [topic, all] : wanted) {
    const uint64_t turns = turns_of(topic, all.size());
    std::erase_if(all, [&](const LiveClient* client) {
      return !client->is_new_to(topic) && (round + turn_of(*client)) % turns != 0;
    });
    if (all.empty()) continue;
    const LiveValues values = live_values(host_, topic);
    for (LiveClient* client : all) client->offer(topic, values);
  }
  if (round % kBeatRounds != 0) return;
  for (const auto& client : listeners) client->beat();
}

std::string LiveChannel::counts_json() const {
  return fmt::format(R"({{"clients":{},"opened":{}}})", clients().size(), opened_.load());
}

void LiveChannel::watch() {
  base::give_way();
  for (uint64_t now = 0;; ++now) {
    {
      const auto next = std::chrono::steady_clock::now() + kRound;
      const sync::MutexLock lock(mutex_);
      while (!stopping_ && clients_.empty()) changed_.wait(mutex_);
      while (!stopping_ && changed_.wait_until(mutex_, next)) {
      }
      if (stopping_) return;
    }
    look(now);
  }
}

}  // namespace weft::api
