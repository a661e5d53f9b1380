#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "net/loop.h"
#include "net/server.h"
#include "sync/mutex.h"

// Only for tests.

namespace weft::aws {

// A server that gives these answers one after the other, and keeps the requests. Those may be read
// while none is at work.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::deque<net::Response> answers) : answers_(std::move(answers)) {
    loop_.start(1);
    server_ = *net::HttpServer::listen(loop_, "127.0.0.1", 0,
                                       [this](net::Request request, net::Responder respond) {
                                         const sync::MutexLock lock(mutex_);
                                         requests.push_back(std::move(request));
                                         net::Response answer = std::move(answers_.front());
                                         answers_.pop_front();
                                         respond(std::move(answer));
                                       });
  }
  ~ScriptedServer() {
    server_.reset();
    loop_.stop();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }

  std::vector<net::Request> requests;
  std::vector<std::chrono::milliseconds> pauses;  // what a client was to sleep

 private:
  sync::Mutex mutex_;
  std::deque<net::Response> answers_ WEFT_GUARDED_BY(mutex_);
  net::Loop loop_;
  std::unique_ptr<net::HttpServer> server_;
};

inline net::Response answer(int status, std::string body) {
  net::Response response{.status = status};
  response.body = std::move(body);
  return response;
}

}  // namespace weft::aws
