#include "net/client.h"

#include <algorithm>
#include <atomic>
#include <future>
#include <list>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include "net/client_connection.h"

namespace weft::net {
namespace {

using base::ErrorCode;
using std::chrono::steady_clock;
namespace asio = boost::asio;

// An idle connection is not used again after this: servers close theirs, those of Node.js after
// five seconds, and a request that crosses the end is lost.
constexpr std::chrono::seconds kIdleMax{4};

base::Result<void> check(const ClientRequest& request) {
  if (!is_token(request.method)) {
    return base::fail(ErrorCode::kInvalidArgument,
                      fmt::format("'{}' is no HTTP method", request.method));
  }
  for (const auto& [name, value] : request.headers.fields) {
    if (!is_header(name, value)) {
      return base::fail(ErrorCode::kInvalidArgument,
                        fmt::format("the HTTP header '{}' has an invalid name or value", name));
    }
  }
  return {};
}

// Repeating it does what doing it once does (RFC 9110, 9.2.2).
bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
         method == "OPTIONS";
}

}  // namespace

bool is_header(std::string_view name, std::string_view value) {
  return is_token(name) &&
         value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

struct HttpClient::Impl {
  struct Call {
    uint64_t number = 0;
    ClientRequest request;
    steady_clock::time_point deadline;
    Done done;
    ClientConnection* connection = nullptr;  // the one at work
    bool cancelled = false;
  };
  using Connection = std::unique_ptr<ClientConnection>;
  struct Idle {
    std::string origin;
    steady_clock::time_point since;
    Connection connection;
  };

  explicit Impl(ClientLimits given) : limits(std::move(given)) {
    boost::system::error_code error;
    if (limits.ca_file.empty()) {
      tls.set_default_verify_paths(error);
    } else {
      tls.load_verify_file(limits.ca_file, error);
    }
    // Without certificates every handshake fails, and says why.
    tls.set_verify_mode(asio::ssl::verify_peer, error);
  }

  ~Impl() {
    loop.stop();
    if (thread.joinable()) thread.join();
    // Before the loop, whose end destroys what still waits in it.
    idle.clear();
  }

  uint64_t start(ClientRequest request, std::chrono::milliseconds timeout, Done done);
  void cancel(uint64_t number);

  // ---- on the client's thread
  // The newest idle connection to that server, or nothing.
  Connection take(const std::string& origin);
  void keep(const std::string& origin, Connection connection);
  ClientAwaitable<base::Result<Response>> answer(Call& call);
  ClientAwaitable<void> perform(std::shared_ptr<Call> call);

  const ClientLimits limits;
  asio::ssl::context tls{asio::ssl::context::tls_client};
  std::atomic<uint64_t> last_number{0};
  std::unordered_map<uint64_t, std::shared_ptr<Call>> calls;
  asio::io_context loop{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{loop.get_executor()};
  std::list<Idle> idle;  // newest first
  std::once_flag started;
  std::thread thread;
};

HttpClient::Impl::Connection HttpClient::Impl::take(const std::string& origin) {
  const auto oldest = steady_clock::now() - kIdleMax;
  while (!idle.empty() && idle.back().since < oldest) idle.pop_back();
  for (auto at = idle.begin(); at != idle.end();) {
    if (at->origin != origin) {
      ++at;
      continue;
    }
    Connection connection = std::move(at->connection);
    at = idle.erase(at);
    if (connection->quiet()) return connection;
  }
  return nullptr;
}

void HttpClient::Impl::keep(const std::string& origin, Connection connection) {
  idle.emplace_front(origin, steady_clock::now(), std::move(connection));
  while (idle.size() > limits.idle_connections) idle.pop_back();
}

ClientAwaitable<base::Result<Response>> HttpClient::Impl::answer(Call& call) {
  const ClientRequest& request = call.request;
  auto url = Url::parse(request.url);
  if (!url) co_return std::unexpected(url.error());
  if (auto checked = check(request); !checked) co_return std::unexpected(checked.error());
  const std::string origin = url->origin();

  Connection connection = take(origin);
  const bool used = connection != nullptr;
  if (used) {
    call.connection = connection.get();
    auto answer = co_await connection->exchange(request, limits.response_bytes, call.deadline);
    if (answer && connection->reusable()) keep(origin, std::move(connection));
    // A server may close an idle connection at the moment it is used again.
    const bool again = !answer && connection->failed_before_answer() && !call.cancelled &&
                       is_idempotent(request.method) && steady_clock::now() < call.deadline;
    if (!again) co_return answer;
  }
  connection = std::make_unique<ClientConnection>(loop, *url, tls);
  call.connection = connection.get();
  const auto connect_by = std::min(call.deadline, steady_clock::now() + limits.connect_timeout);
  auto connected = co_await connection->connect(limits.may_connect, connect_by);
  if (!connected) co_return std::unexpected(connected.error());
  auto answer = co_await connection->exchange(request, limits.response_bytes, call.deadline);
  if (answer && connection->reusable()) keep(origin, std::move(connection));
  co_return answer;
}

ClientAwaitable<void> HttpClient::Impl::perform(std::shared_ptr<Call> call) {
  auto result = co_await answer(*call);
  calls.erase(call->number);
  if (!call->cancelled) call->done(std::move(result));
}

uint64_t HttpClient::Impl::start(ClientRequest request, std::chrono::milliseconds timeout,
                                 Done done) {
  std::call_once(started, [this] { thread = std::thread([this] { loop.run(); }); });
  auto call = std::make_shared<Call>(++last_number, std::move(request),
                                     steady_clock::now() + timeout, std::move(done));
  asio::post(loop, [this, call] {
    calls.emplace(call->number, call);
    asio::co_spawn(loop, perform(call), asio::detached);
  });
  return call->number;
}

void HttpClient::Impl::cancel(uint64_t number) {
  asio::post(loop, [this, number] {
    const auto found = calls.find(number);
    if (found == calls.end()) return;
    found->second->cancelled = true;
    if (found->second->connection != nullptr) found->second->connection->abort();
  });
}

HttpClient::HttpClient(ClientLimits limits) : impl_(std::make_unique<Impl>(std::move(limits))) {}

HttpClient::~HttpClient() = default;

uint64_t HttpClient::start(ClientRequest request, Done done) {
  return impl_->start(std::move(request), impl_->limits.request_timeout, std::move(done));
}

void HttpClient::cancel(uint64_t number) { impl_->cancel(number); }

base::Result<Response> HttpClient::request(ClientRequest request) {
  return this->request(std::move(request), impl_->limits.request_timeout);
}

base::Result<Response> HttpClient::request(ClientRequest request,
                                           std::chrono::milliseconds timeout) {
  std::promise<base::Result<Response>> promise;
  auto answer = promise.get_future();
  impl_->start(std::move(request), timeout,
               [promise = std::move(promise)](base::Result<Response> result) mutable {
                 promise.set_value(std::move(result));
               });
  return answer.get();
}

}  // namespace weft::net
