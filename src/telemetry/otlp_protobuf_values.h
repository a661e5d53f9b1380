#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "history/wire.h"
#include "telemetry/span_limits.h"
#include "trace/ids.h"

namespace weft::telemetry {

// What OTLP's signals share in the Protocol Buffers encoding: a request is a list of resources with
// lists of scopes with lists of records, and all have ids and attributes. A
// decoder of one signal derives from it. After the first fault nothing more is read.
class OtlpReader {
 public:
  virtual ~OtlpReader() = default;

  // Reads all of a request. kSerialization says what is wrong.
  base::Result<void> for_each_record(std::string_view body);

 protected:
  using AttributeVisit = std::function<void(const std::string& key, const std::string& value)>;

  // Messages of what follows: `resource` and `scope` may be empty.
  virtual void begin_resource(std::string_view resource) = 0;
  virtual void begin_scope(std::string_view /*scope*/) {}
  virtual void record(std::string_view record) = 0;

  void fault(std::string message);
  // To be called with the bytes that are kept of what was read; a fault beyond kDecodedBytesMax.
  void keep(size_t bytes);
  bool failed() const { return !error_.empty(); }
  // To be called when a message was read to its end.
  void finish(const history::WireReader& reader, std::string_view message);

  // Zero when empty.
  trace::TraceId trace_id(std::string_view bytes);
  uint64_t span_id(std::string_view field, std::string_view bytes);
  void for_each_attribute(std::string_view resource, const AttributeVisit& visit);
  std::pair<std::string, std::string> key_value(std::string_view bytes, int depth = 0);
  // As text: numbers and truth values in their usual form, lists as JSON.
  std::string any_value(std::string_view bytes, int depth = 0);

 private:
  base::Result<void> result() const;
  void resource_records(std::string_view bytes);
  void scope_records(std::string_view bytes);
  std::string json_value(std::string_view bytes, int depth);
  std::string list(std::string_view bytes, int depth);
  std::string map(std::string_view bytes, int depth);

  std::string error_;
  DecodedSize kept_;
};

}  // namespace weft::telemetry
