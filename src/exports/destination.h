#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace weft::exports {

// Somewhere to push to, as `--export KIND=WHERE` names it.
struct Destination {
  enum class Kind : uint8_t {
    kOtlp,         // spans, OTLP/HTTP in JSON: POST <url>/v1/traces
    kDatadog,      // spans, Datadog's agent: PUT <url>/v0.4/traces
    kOtlpMetrics,  // metrics, OTLP/HTTP in JSON: POST <url>/v1/metrics
    kDogStatsD,    // metrics, UDP
  };
  Kind kind = Kind::kOtlp;
  std::string url;   // of requests, with its path; "" for kDogStatsD
  std::string host;  // kDogStatsD
  uint16_t port = 0;

  // Parses "otlp=http://host:4318", "datadog=http://host:8126", "otlp-metrics=...",
  // "dogstatsd=host:8125". A URL without a path gets the usual one. kInvalidArgument says what is
  // wrong.
  static base::Result<Destination> parse(std::string_view text);
  bool takes_spans() const { return kind == Kind::kOtlp || kind == Kind::kDatadog; }
  // "otlp http://host:4318/v1/traces"
  std::string to_text() const;
};

}  // namespace weft::exports
