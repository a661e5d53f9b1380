#include "net/client.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "net/client_connection.h"

namespace weft::net {
namespace {

using base::ErrorCode;
using std::chrono::steady_clock;

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// What a request may not hold: nothing of it may end its line.
base::Result<void> check(const ClientRequest& request) {
  if (!is_token(request.method)) {
    return base::fail(ErrorCode::kInvalidArgument,
                      fmt::format("'{}' is no HTTP method", request.method));
  }
  for (const auto& [name, value] : request.headers.fields) {
    if (!is_token(name) ||
        value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
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

struct HttpClient::Impl {
  explicit Impl(ClientLimits given) : limits(std::move(given)) {
    boost::system::error_code error;
    if (limits.ca_file.empty()) {
      tls.set_default_verify_paths(error);
    } else {
      tls.load_verify_file(limits.ca_file, error);
    }
    // Without certificates every handshake fails, and says why.
    tls.set_verify_mode(boost::asio::ssl::verify_peer, error);
  }

  using Connection = std::unique_ptr<ClientConnection>;

  // The newest idle connection to that server, or nothing.
  Connection take(const std::string& origin) {
    const std::lock_guard lock(mutex);
    for (auto at = idle.begin(); at != idle.end();) {
      if (at->first != origin) {
        ++at;
        continue;
      }
      Connection connection = std::move(at->second);
      at = idle.erase(at);
      if (connection->quiet()) return connection;
    }
    return nullptr;
  }

  void keep(const std::string& origin, Connection connection) {
    const std::lock_guard lock(mutex);
    idle.emplace_front(origin, std::move(connection));
    while (idle.size() > limits.idle_connections) idle.pop_back();
  }

  ClientLimits limits;
  boost::asio::ssl::context tls{boost::asio::ssl::context::tls_client};
  std::mutex mutex;
  std::list<std::pair<std::string, Connection>> idle;  // by origin, newest first
};

HttpClient::HttpClient(ClientLimits limits) : impl_(std::make_unique<Impl>(std::move(limits))) {}

HttpClient::~HttpClient() = default;

base::Result<Response> HttpClient::request(const ClientRequest& request) {
  return this->request(request, impl_->limits.request_timeout);
}

base::Result<Response> HttpClient::request(const ClientRequest& request,
                                           std::chrono::milliseconds timeout) {
  auto url = Url::parse(request.url);
  if (!url) return std::unexpected(url.error());
  if (auto checked = check(request); !checked) return std::unexpected(checked.error());
  const auto deadline = steady_clock::now() + timeout;
  const std::string origin = url->origin();
  const size_t limit = impl_->limits.response_bytes;

  Impl::Connection connection = impl_->take(origin);
  if (connection) {
    auto answer = connection->exchange(request, limit, deadline);
    if (answer && connection->reusable()) impl_->keep(origin, std::move(connection));
    // A server may close an idle connection at the moment it is used again.
    const bool again = !answer && connection->failed_before_answer() &&
                       is_idempotent(request.method) && steady_clock::now() < deadline;
    if (!again) return answer;
  }
  connection = std::make_unique<ClientConnection>(*url, impl_->tls);
  const auto connect_by = std::min(deadline, steady_clock::now() + impl_->limits.connect_timeout);
  if (auto connected = connection->connect(connect_by); !connected) {
    return std::unexpected(connected.error());
  }
  auto answer = connection->exchange(request, limit, deadline);
  if (answer && connection->reusable()) impl_->keep(origin, std::move(connection));
  return answer;
}

}  // namespace weft::net
