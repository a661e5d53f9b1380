#include "integrations/http/http_service.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "integrations/http/connection.h"
#include "integrations/http/destinations.h"
#include "integrations/http/http_caller.h"
#include "integrations/http/http_tasks.h"

namespace weft::http {
namespace {

using integrations::FlagValues;
using integrations::Surroundings;

constexpr integrations::TaskApi kApis[] = {{"http", "invoke"}};
constexpr const char* kConnection = "--connection";
constexpr const char* kAllow = "--http-allow";
constexpr const char* kDeny = "--http-deny";
constexpr integrations::Flag kFlags[] = {
    {kConnection, "NAME=FILE", "An EventBridge connection: the credentials that HTTP tasks name"},
    {kAllow, "HOST|ADDRESS|RANGE|all", "Let HTTP tasks connect there, whatever else says no"},
    {kDeny, "HOST|ADDRESS|RANGE|all",
     "Keep HTTP tasks from connecting there (link-local always; with --listen beyond this machine "
     "private networks and loopback)"}};

std::vector<std::string> values_of(const FlagValues& flags, std::string_view name) {
  const auto found = flags.find(name);
  return found == flags.end() ? std::vector<std::string>() : found->second;
}

base::Result<CallerOptions> caller_options(const Surroundings& surroundings) {
  CallerOptions options{.region = surroundings.region,
                        .calls_max = std::min(kCallsMax, surroundings.calls_max)};
  for (const std::string& text : values_of(surroundings.flags, kConnection)) {
    auto connection = Connection::read_flag(text);
    if (!connection) return std::unexpected(connection.error());
    options.connections.push_back(std::move(*connection));
  }
  auto destinations =
      Destinations::create(values_of(surroundings.flags, kAllow),
                           values_of(surroundings.flags, kDeny), surroundings.reached_by_others);
  if (!destinations) return std::unexpected(destinations.error());
  options.destinations = std::move(*destinations);
  return options;
}

class HttpIntegration : public integrations::Integration {
 public:
  explicit HttpIntegration(CallerOptions options) : caller_(std::move(options)) {}
  std::span<const integrations::TaskApi> apis() const override { return kApis; }
  integrations::TaskRunner& runner(integrations::CallTracing& tracing) override {
    return tasks_.emplace(caller_, tracing);
  }
  void shutdown() override { caller_.shutdown(); }

 private:
  HttpCaller caller_;
  std::optional<HttpTasks> tasks_;
};

base::Result<void> check(const Surroundings& surroundings) {
  auto options = caller_options(surroundings);
  if (!options) return std::unexpected(options.error());
  return {};
}

base::Result<std::unique_ptr<integrations::Integration>> open(const Surroundings& surroundings) {
  auto options = caller_options(surroundings);
  if (!options) return std::unexpected(options.error());
  return std::make_unique<HttpIntegration>(std::move(*options));
}

}  // namespace

constinit const integrations::Service kHttpService{
    .title = "HTTP tasks", .apis = kApis, .flags = kFlags, .check = check, .open = open};

}  // namespace weft::http
