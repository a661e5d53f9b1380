#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "trace/span.h"

namespace weft::trace {

// Gathers spans of any traces into ExportTraceServiceRequests of OTLP/JSON (opentelemetry-proto:
// ids in hex, 64-bit numbers as strings), one resource for each service.
class OtlpBatch {
 public:
  // `service`: of spans that have no attribute service.name.
  void add(const Span& span, std::string_view service);
  size_t spans() const { return count_; }
  size_t bytes() const { return bytes_; }  // of the request, roughly
  // The request; the batch is empty then.
  std::string take();

 private:
  std::map<std::string, std::string> spans_;  // by service, JSON with commas
  size_t count_ = 0;
  size_t bytes_ = 0;
};

}  // namespace weft::trace
