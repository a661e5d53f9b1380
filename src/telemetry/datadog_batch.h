#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "trace/span.h"

namespace weft::telemetry {

// Gathers spans into bodies of Datadog's agent API, PUT /v0.4/traces (MessagePack), a chunk
// for each trace; names and resources as in docs/internals/telemetry.md.
class DatadogBatch {
 public:
  // `service`: of spans that have no attribute service.name.
  void add(const trace::Span& span, std::string_view service);
  size_t spans() const { return count_; }
  size_t traces() const { return chunks_.size(); }
  size_t bytes() const { return bytes_; }
  // The body; the batch is empty then.
  std::string take();

 private:
  struct Chunk {
    uint32_t spans = 0;
    std::string bytes;
  };
  std::map<std::pair<uint64_t, uint64_t>, Chunk> chunks_;  // by trace id
  size_t count_ = 0;
  size_t bytes_ = 0;
};

}  // namespace weft::telemetry
