#include "api/page/origin.h"

#include <string_view>

#include <fmt/format.h>

#include "net/ip_address.h"

namespace weft::api {
namespace {

// "localhost" of "localhost:9338", "::1" of "[::1]:9338".
std::string_view name_of(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

// "states.eu-west-1.amazonaws.com", a name that AWS alone can give.
bool is_service_name(std::string_view name) {
  constexpr std::string_view kService = "states.";
  constexpr std::string_view kDomain = ".amazonaws.com";
  return name.starts_with(kService) && name.ends_with(kDomain) &&
         name.find('.', kService.size()) == name.size() - kDomain.size();
}

bool is_local_name(std::string_view name) {
  // What AWS's clients put before the host for StartSyncExecution, whatever the host is.
  constexpr std::string_view kSync = "sync-";
  if (name.starts_with(kSync)) name.remove_prefix(kSync.size());
  if (is_service_name(name)) return true;
  return name == "localhost" || name.ends_with(".localhost") || net::IpAddress::parse(name);
}

}  // namespace

std::optional<std::string> refusal(const net::Request& request, bool local) {
  const std::string host = net::lower_case(request.headers.get("Host"));
  if (local && !host.empty() && !is_local_name(name_of(host))) {
    return fmt::format(
        "Host {}: expected an IP address or localhost, the names of this machine that nobody else "
        "can give it",
        host);
  }
  const auto origin = request.headers.find("Origin");
  if (!origin) return std::nullopt;
  const std::string from = net::lower_case(*origin);
  if (from == "http://" + host || from == "https://" + host) return std::nullopt;
  return fmt::format("Origin {}: expected http://{}, pages of other sites have no access here",
                     from, host);
}

}  // namespace weft::api
