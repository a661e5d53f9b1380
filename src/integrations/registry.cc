#include "integrations/registry.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "integrations/http/http_service.h"

namespace weft::integrations {
namespace {

// A service more is one folder, one line here and one in integrations/CMakeLists.txt.
constexpr const Service* kServices[] = {&http::kHttpService};

constexpr TaskApi kLambdaApi = {"lambda", "invoke"};

bool is_run(const asl::TaskResource& resource) {
  if (resource.kind != asl::TaskResource::Kind::kService) return true;
  const std::string_view api =
      std::string_view(resource.resource).substr(0, resource.resource.find('.'));
  const auto names = [&](const TaskApi& one) {
    return one.service == resource.resource_type && one.api == api;
  };
  return names(kLambdaApi) || std::ranges::any_of(kNestedApis, names) ||
         std::ranges::any_of(kAnswerApis, names) ||
         std::ranges::any_of(kServices, [&](const Service* service) {
           return std::ranges::any_of(service->apis, names);
         });
}

std::string all_names() {
  std::string names = fmt::format("{}:{}", kLambdaApi.service, kLambdaApi.api);
  const auto add = [&](const TaskApi& one) {
    names += fmt::format(", {}:{}", one.service, one.api);
  };
  std::ranges::for_each(kNestedApis, add);
  std::ranges::for_each(kAnswerApis, add);
  for (const Service* service : kServices) std::ranges::for_each(service->apis, add);
  return names;
}

}  // namespace

std::span<const Service* const> services() { return kServices; }

std::string why_unavailable(const asl::TaskResource& resource) {
  if (is_run(resource)) return {};
  return fmt::format(
      "The resource '{}' cannot be run: this version runs Lambda functions by ARN, activities, {}; "
      "let a "
      "Lambda "
      "function make this call",
      resource.arn, all_names());
}

base::Result<void> check_flags(const Surroundings& surroundings) {
  for (const Service* service : kServices) {
    if (auto usable = service->check(surroundings); !usable) return usable;
  }
  return {};
}

base::Result<std::vector<std::unique_ptr<Integration>>> open_services(
    const Surroundings& surroundings) {
  std::vector<std::unique_ptr<Integration>> all;
  for (const Service* service : kServices) {
    auto opened = service->open(surroundings);
    if (!opened) return std::unexpected(opened.error());
    all.push_back(std::move(*opened));
  }
  return all;
}

}  // namespace weft::integrations
