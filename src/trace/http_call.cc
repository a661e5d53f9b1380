#include "trace/http_call.h"

#include <string_view>

#include "json/arena.h"
#include "json/parse.h"

namespace weft::trace {
namespace {

constexpr std::string_view kResourceType = "http";
constexpr std::string_view kStatusError = "States.Http.StatusCode.";

}  // namespace

Attributes http_request(const history::Event& scheduled) {
  if (scheduled.resource_type != kResourceType) return {};
  json::Arena arena;
  const auto parameters = json::parse(scheduled.text.view(), arena);
  if (!parameters) return {};
  const std::string_view url = parameters->find("ApiEndpoint").as_string();
  return {{"http.method", std::string(parameters->find("Method").as_string())},
          {"http.url", std::string(url.substr(0, url.find_first_of("?#")))}};
}

Attributes http_answer(const history::Event& outcome) {
  if (outcome.resource_type != kResourceType) return {};
  if (outcome.error) {
    if (!outcome.error->starts_with(kStatusError)) return {};
    return {{"http.status_code", outcome.error->substr(kStatusError.size())}};
  }
  json::Arena arena;
  const auto result = json::parse(outcome.text.view(), arena);
  if (!result || !result->find("StatusCode").is_number()) return {};
  return {{"http.status_code", std::to_string(result->find("StatusCode").as_int())}};
}

}  // namespace weft::trace
