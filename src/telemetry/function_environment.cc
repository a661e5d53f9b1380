#include "telemetry/function_environment.h"

namespace weft::telemetry {

// Reasons: docs/internals/telemetry.md. Without a Lambda extension dd-trace prints spans instead of
// sending them unless the exporter is named.
std::map<std::string, std::string> function_environment() {
  return {
      {"DD_TRACE_ENABLED", "true"},
      {"DD_TRACE_EXPERIMENTAL_EXPORTER", "agent"},
      {"DD_TRACE_STATS_COMPUTATION_ENABLED", "false"},
      {"DD_INSTRUMENTATION_TELEMETRY_ENABLED", "false"},
      {"DD_REMOTE_CONFIGURATION_ENABLED", "false"},
      {"DD_TRACE_STARTUP_LOGS", "false"},
      {"DD_COLD_START_TRACING", "false"},  // a dozen spans for each cold start; Weft shows its time
      {"DD_TRACE_WRITER_INTERVAL_SECONDS", "0.1"},
      {"OTEL_BSP_SCHEDULE_DELAY", "100"},       // milliseconds; the default is five seconds
      {"OTEL_BLRP_SCHEDULE_DELAY", "100"},      // of log records; the same
      {"OTEL_METRIC_EXPORT_INTERVAL", "1000"},  // a minute
      {"OTEL_METRIC_EXPORT_TIMEOUT", "1000"},   // may not be longer
  };
}

std::map<std::string, std::string> intake_environment(std::string_view url,
                                                      uint16_t datagram_port) {
  // The libraries disagree on the name of the host.
  const std::string host = "127.0.0.1";
  const std::string port = std::to_string(datagram_port);
  return {
      {"DD_TRACE_AGENT_URL", std::string(url)},
      {"DD_AGENT_HOST", host},
      {"DD_DOGSTATSD_HOST", host},
      {"DD_DOGSTATSD_HOSTNAME", host},
      {"DD_DOGSTATSD_PORT", port},
      {"OTEL_EXPORTER_OTLP_ENDPOINT", std::string(url)},
      {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
  };
}

}  // namespace weft::telemetry
