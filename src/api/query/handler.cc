#include "api/query/handler.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "api/query/gzip.h"
#include "api/query/question.h"
#include "aws/json_protocol.h"
#include "base/hash.h"
#include "clock/system_clock.h"

namespace weft::api {
namespace {

struct Endpoint {
  std::string_view path;  // after kQueryPrefix
  FoundResult (*find)(const Question&);
  bool post = false;  // asks with a body, and changes nothing
};

constexpr std::array kEndpoints = {
    Endpoint{"child/summary", child_summary},
    Endpoint{"compare", compare},
    Endpoint{"convert", convert, true},
    Endpoint{"exec/critical", execution_critical},
    Endpoint{"exec/events", execution_events},
    Endpoint{"exec/flame", execution_flame},
    Endpoint{"exec/graph", execution_graph},
    Endpoint{"exec/logs", execution_logs},
    Endpoint{"exec/redrive", execution_redrive},
    Endpoint{"exec/summary", execution_summary},
    Endpoint{"exec/tree", execution_tree},
    Endpoint{"executions", executions},
    Endpoint{"machine", machine},
    Endpoint{"machines", machines},
    Endpoint{"maprun/at", map_run_at},
    Endpoint{"maprun/children", map_run_children},
    Endpoint{"maprun/differs", map_run_differs},
    Endpoint{"maprun/errors", map_run_errors},
    Endpoint{"maprun/heatmap", map_run_heatmap},
    Endpoint{"maprun/lanes", map_run_lanes},
    Endpoint{"maprun/strip", map_run_strip},
    Endpoint{"maprun/summary", map_run_summary},
    Endpoint{"maprun/tail", map_run_tail},
    Endpoint{"maprun/tile", map_run_tile},
    Endpoint{"metrics/states", metrics_states},
    Endpoint{"payload", payload},
    Endpoint{"replay", replay, true},
    Endpoint{"search", search},
    Endpoint{"span", execution_span},
    Endpoint{"store/page", store_page},
    Endpoint{"validate", validate, true},
};

// Below this a packet is a packet.
constexpr size_t kGzipBytesMin = 1'000;

const Endpoint* find_endpoint(std::string_view path) {
  if (!path.starts_with(kQueryPrefix)) return nullptr;
  const auto found =
      std::ranges::find(kEndpoints, path.substr(kQueryPrefix.size()), &Endpoint::path);
  return found == kEndpoints.end() ? nullptr : &*found;
}

net::Response found_response(const net::Request& request, Found found) {
  net::Response response;
  const std::string tag = fmt::format("\"{:016x}\"", base::fnv64(found.body));
  response.headers.set("ETag", tag);
  response.headers.set("Cache-Control",
                       found.final ? "private, max-age=31536000, immutable" : "no-cache");
  response.headers.set("Vary", "Accept-Encoding");
  if (request.headers.get("If-None-Match") == tag) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", std::string(found.type));
  response.headers.set("X-Content-Type-Options", "nosniff");
  for (auto& [name, value] : found.headers) response.headers.set(name, std::move(value));
  const bool accepts =
      request.headers.get("Accept-Encoding").find("gzip") != std::string_view::npos;
  if (accepts && found.body.size() >= kGzipBytesMin) {
    response.headers.set("Content-Encoding", "gzip");
    response.body = gzip(found.body);
  } else {
    response.body = std::move(found.body);
  }
  return response;
}

}  // namespace

net::Response query_error(int status, std::string_view code, std::string_view message) {
  json::Arena arena;
  net::Response response{.status = status};
  response.headers.set("Content-Type", "application/json");
  response.headers.set("Cache-Control", "no-store");
  response.body = aws::Answer(arena)
                      .value("error", aws::Answer(arena)
                                          .text("code", code)
                                          .text("message", aws::message_text(message))
                                          .finish())
                      .to_text();
  return response;
}

net::Response query_error(const base::Error& error) {
  const bool missing = error.code == base::ErrorCode::kResourceNotFound ||
                       error.code == base::ErrorCode::kExecutionDoesNotExist;
  return query_error(missing ? 404 : base::http_status(error.code), base::aws_name(error.code),
                     error.message);
}

bool QueryApi::knows(std::string_view path) { return find_endpoint(path) != nullptr; }

net::Response QueryApi::answer(const net::Request& request) {
  const Endpoint* endpoint = find_endpoint(request.path);
  if (endpoint == nullptr) {
    return query_error(404, "NotFound", "There is no page " + request.path);
  }
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (endpoint->post ? request.method != "POST" : !reads) {
    return query_error(405, "MethodNotAllowed",
                       request.path + " answers " + (endpoint->post ? "POST" : "GET") + " only");
  }
  if (endpoint->post && !request.headers.get("Content-Type").starts_with("application/json")) {
    return query_error(415, "UnsupportedMediaType", "Content-Type: expected application/json");
  }
  const net::Query parameters = net::Query::parse(request.query);
  json::Arena arena;
  const Question question{.host = host_,
                          .query = host_.query(),
                          .columns = columns_,
                          .measured = measured_,
                          .payloads = payloads_,
                          .parameters = parameters,
                          .body = request.body,
                          .arena = arena,
                          .now_ms = clock::unix_ms()};
  auto found = endpoint->find(question);
  return found ? found_response(request, std::move(*found)) : query_error(found.error());
}

}  // namespace weft::api
