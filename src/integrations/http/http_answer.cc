#include "integrations/http/http_answer.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "json/parse.h"
#include "json/utf8.h"
#include "json/write.h"

namespace weft::http {
namespace {

// "application/json" of "Application/JSON; charset=utf-8".
std::string media_type(const net::Response& response) {
  std::string_view type = response.headers.get("content-type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return net::lower_case(type);
}

bool is_unsupported(std::string_view type) {
  return type == "application/octet-stream" || type.starts_with("image/") ||
         type.starts_with("video/") || type.starts_with("audio/");
}

bool is_json(std::string_view type) {
  return type == "application/json" || type.ends_with("+json");
}

// Names in lower case, so that a definition finds them however a server writes them.
void write_headers(const net::Headers& headers, std::string& out) {
  std::vector<std::pair<std::string, std::vector<std::string_view>>> grouped;
  std::unordered_map<std::string, size_t> places;
  for (const auto& [name, value] : headers.fields) {
    const std::string key = net::lower_case(name);
    const auto [place, fresh] = places.emplace(key, grouped.size());
    if (fresh) grouped.emplace_back(key, 0);
    grouped[place->second].second.push_back(value);
  }
  out += '{';
  for (const auto& [name, values] : grouped) {
    if (out.back() != '{') out += ',';
    json::write_string(name, out);
    out += ":[";
    for (std::string_view value : values) {
      if (out.back() != '[') out += ',';
      // A header may hold any byte.
      json::write_string(json::is_utf8(value) ? value : "", out);
    }
    out += ']';
  }
  out += '}';
}

}  // namespace

HttpOutcome outcome_of(const net::Response& response) {
  const std::string_view phrase = net::status_phrase(response.status);
  if (response.status < 200 || response.status > 299) {
    return {.error = fmt::format("States.Http.StatusCode.{}", response.status),
            .cause = std::string(phrase)};
  }
  const std::string type = media_type(response);
  if (!response.body.empty() && (is_unsupported(type) || !json::is_utf8(response.body))) {
    return {.error = "States.Runtime",
            .cause = fmt::format("The response of the HTTP task is no text: its content type is "
                                 "'{}'",
                                 type)};
  }
  std::string out = R"({"Headers":)";
  write_headers(response.headers, out);
  if (!response.body.empty()) {
    out += R"(,"ResponseBody":)";
    json::Arena arena;
    if (is_json(type) && json::parse(response.body, arena)) {
      out += response.body;
    } else {
      json::write_string(response.body, out);
    }
  }
  fmt::format_to(std::back_inserter(out), R"(,"StatusCode":{},"StatusText":"{}"}})",
                 response.status, phrase);
  return {.output = std::move(out)};
}

std::string headers_text(const net::Headers& headers) {
  std::string text = "[";
  for (const auto& [name, value] : headers.fields) {
    if (text.size() > 1) text += ", ";
    fmt::format_to(std::back_inserter(text), "{}: {}", name, json::is_utf8(value) ? value : "");
  }
  return text += ']';
}

void tell(const net::Response& response, integrations::HttpExchange& exchange) {
  exchange.answered = true;
  exchange.status_code = fmt::to_string(response.status);
  exchange.status_message = net::status_phrase(response.status);
  exchange.response_headers = headers_text(response.headers);
  if (json::is_utf8(response.body)) exchange.response_body = response.body;
}

}  // namespace weft::http
