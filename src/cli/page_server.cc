#include "cli/page_server.h"

#include <array>
#include <cstdlib>

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api/page/page.h"
#include "net/origin.h"
#include "net/url.h"
#include "server/options.h"

extern char** environ;

namespace weft::cli {
namespace {

constexpr int kLoops = 2;

std::string url_of(const std::string& address, uint16_t port) {
  const bool v6 = address.find(':') != std::string::npos;
  return v6 ? fmt::format("http://[{}]:{}", address, port)
            : fmt::format("http://{}:{}", address, port);
}

}  // namespace

base::Result<std::unique_ptr<PageServer>> PageServer::open(const DataFlags& data,
                                                           const std::string& listen,
                                                           const trace::Redactor& payloads) {
  server::ServeOptions where;
  if (auto parsed = server::parse_listen_flag(listen, where); !parsed) {
    return std::unexpected(parsed.error());
  }
  auto opened = open_data(data);
  if (!opened) return std::unexpected(opened.error());
  std::unique_ptr<PageServer> server(new PageServer());
  server->data_ = std::move(*opened);
  server->host_ =
      std::make_unique<running::ReadingHost>(*server->data_.query, server->data_.counted());
  server->threads_.emplace();
  server->loop_.start(kLoops);
  auto http = net::HttpServer::listen(
      server->loop_, where.address, where.port,
      net::guarded(
          [answer = api::make_api_handler(*server->host_, *server->threads_, {}, payloads)](
              net::Request request, net::Responder responder) {
            if (api::is_api_request(request)) {
              return answer(std::move(request), std::move(responder));
            }
            net::Response response{.status = 302};
            response.headers.set("Location", std::string(api::kPagePath));
            responder(std::move(response));
          },
          server::is_loopback(where.address)),
      {.body_limit = api::api_body_limit});
  if (!http) return std::unexpected(http.error());
  server->http_ = std::move(*http);
  server->url_ = url_of(where.address, server->http_->port());
  return server;
}

PageServer::~PageServer() {
  // Requests in work need the host; what they answer needs the loop no more.
  if (http_) http_->close();
  threads_.reset();
  http_.reset();
  loop_.stop();
}

std::string PageServer::page() const { return url_ + std::string(api::kPagePath); }

std::string PageServer::page_of(const std::string& arn) const {
  const std::string_view kind = arn::arn_parts(arn).kind;
  const std::string_view place = kind == "mapRun"         ? "maprun/"
                                 : kind == "stateMachine" ? "machine/"
                                                          : "exec/";
  return fmt::format("{}{}{}", page(), place, net::percent_encode(arn, ":/"));
}

bool open_browser(const std::string& url) {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
  };
  if (!set("DISPLAY") && !set("WAYLAND_DISPLAY") && !set("BROWSER")) return false;
  const std::string program = set("BROWSER") ? std::getenv("BROWSER") : "xdg-open";
  std::array<char*, 3> arguments = {const_cast<char*>(program.c_str()),
                                    const_cast<char*>(url.c_str()), nullptr};
  posix_spawn_file_actions_t quiet;
  posix_spawn_file_actions_init(&quiet);
  posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed =
      posix_spawnp(&child, program.c_str(), &quiet, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&quiet);
  if (failed != 0) return false;
  // xdg-open hands on and ends; a browser itself stays.
  int status = 0;
  return ::waitpid(child, &status, WNOHANG) != child || status == 0;
}

}  // namespace weft::cli
