#include "cli/flags.h"

#include <fmt/format.h>

#include "integrations/registry.h"
#include "net/origin.h"
#include "server/router.h"
#include "terminal/terminal.h"

namespace weft::cli {

using base::ErrorCode;
using base::fail;

trace::RedactionRules redaction_rules(const RedactFlags& flags) {
  trace::RedactionRules rules{.secrets = !flags.show_secrets, .bytes_max = flags.payload_bytes};
  for (const std::string& text : flags.redact) {
    (text.starts_with('$') ? rules.paths : rules.keys).push_back(text);
  }
  return rules;
}

void warn_of_loss(const std::string& what) {
  terminal::say(stderr, "weft: warning: data is lost: " + what);
}

base::Result<server::ServeOptions> serve_options(const RuntimeFlags& flags) {
  server::ServeOptions options;
  if (auto place = server::check_data_place(flags.data_directory); !place)
    return std::unexpected(place.error());
  options.data_directory = flags.data_directory;
  options.detail_budget = flags.detail_budget;
  options.detail_bytes = flags.detail_bytes;
  options.accept_data_loss = flags.accept_data_loss;
  options.warn = warn_of_loss;
  options.not_closed = [](const std::string& why) {
    terminal::say(stderr,
                  "weft: warning: the store was not closed cleanly, and nothing is lost: "
                  "the next start reads its log: " +
                      why);
  };
  if (flags.durability == "os") options.durability = store::Durability::kOs;
  if (!flags.listen.empty()) {
    if (auto parsed = server::parse_listen_flag(flags.listen, options); !parsed)
      return std::unexpected(parsed.error());
  }
  if (flags.agent_port >= 0) options.agent_port = static_cast<uint16_t>(flags.agent_port);
  if (flags.otlp_port >= 0) options.otlp_port = static_cast<uint16_t>(flags.otlp_port);
  if (flags.statsd_port >= 0) options.statsd_port = static_cast<uint16_t>(flags.statsd_port);
  options.redaction = redaction_rules(flags.redact);
  if (auto rules = trace::Redactor::create(options.redaction); !rules) {
    return fail(rules.error().code, "--redact: " + rules.error().message);
  }
  for (const std::string& text : flags.buckets) {
    auto bucket = server::parse_bucket_flag(text);
    if (!bucket) return std::unexpected(bucket.error());
    options.buckets.push_back(std::move(*bucket));
  }
  options.buckets_home = flags.buckets_home;
  options.s3_endpoint = flags.s3_endpoint;
  options.parquet_library = flags.parquet_library;
  for (const std::string& text : flags.functions) {
    auto function = lambda::parse_function_flag(text);
    if (!function) return std::unexpected(function.error());
    if (!std::filesystem::exists(function->path)) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("--function {}: there is no file {}",
                                                           function->name, function->path));
    }
    options.functions.push_back(std::move(*function));
  }
  const std::set<std::string> typed = function_names(options);
  for (const lambda::FunctionConfig& function : flags.settings_functions) {
    if (!typed.contains(function.name)) options.functions.push_back(function);
  }
  options.integration_flags = flags.integrations;
  if (auto usable =
          integrations::check_flags({.reached_by_others = !server::is_loopback(options.address),
                                     .flags = options.integration_flags});
      !usable) {
    return std::unexpected(usable.error());
  }
  for (const std::string& text : flags.exports) {
    auto destination = exports::Destination::parse(text);
    if (!destination)
      return fail(destination.error().code, "--export " + destination.error().message);
    options.pushes.push_back(std::move(*destination));
  }
  for (const std::string& text : flags.allow_origins) {
    auto origin = net::parse_origin(text);
    if (!origin) return fail(origin.error().code, "--allow-origin " + origin.error().message);
    options.allowed_origins.push_back(std::move(*origin));
  }
  return options;
}

std::set<std::string> function_names(const server::ServeOptions& options) {
  std::set<std::string> names;
  for (const auto& function : options.functions) names.insert(function.name);
  return names;
}

std::set<std::string> bucket_names(const server::ServeOptions& options) {
  std::set<std::string> names = folders_of_buckets(options).buckets;
  for (const auto& bucket : options.buckets) names.insert(bucket.name);
  return names;
}

s3::HomeFolders folders_of_buckets(const server::ServeOptions& options) {
  return s3::folders_at_home(
      {.home = options.buckets_home, .shadowed = &server::Router::shadows_bucket});
}

}  // namespace weft::cli
