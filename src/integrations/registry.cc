#include "integrations/registry.h"

#include <utility>

#include "integrations/http/http_service.h"

namespace weft::integrations {
namespace {

// A service more is one folder, one line here and one in integrations/CMakeLists.txt.
constexpr const Service* kServices[] = {&http::kHttpService};

}  // namespace

std::span<const Service* const> services() { return kServices; }

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
