#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "json/arena.h"
#include "json/value.h"
#include "trace/ids.h"

// What OTLP's signals share in the JSON encoding (opentelemetry-proto and proto3's JSON mapping).
// Errors are kSerialization and name the field.

namespace weft::telemetry {

std::unexpected<base::Error> wrong(std::string_view field, std::string_view expected,
                                   json::Value value);

// kLimit: more than kDecodedBytesMax.
std::unexpected<base::Error> too_much();

// 64-bit integers are texts in proto3's JSON; some exporters write numbers. 0 when absent.
base::Result<uint64_t> number_of(std::string_view field, json::Value value);
// 0 when it is empty and not `needed`.
base::Result<uint64_t> span_id_of(std::string_view field, json::Value value, bool needed);
base::Result<trace::TraceId> trace_id_of(json::Value value, bool needed);

// AnyValue as text: texts as they are, all else as JSON.
std::string text_of(json::Value any);
// The text of one of an object's `attributes`; "" when it has none of that name.
std::string attribute_of(json::Value object, std::string_view key);

// The items of a member that is a list, or absent.
base::Result<size_t> items_of(json::Value object, std::string_view field, json::Value& list);

// How the lists of a request are called: "resourceSpans", "scopeSpans", "spans".
struct RecordPath {
  std::string_view resources;
  std::string_view scopes;
  std::string_view records;
};
// `resource` and `scope` may be undefined; `record` is an object.
using RecordVisit =
    std::function<base::Result<void>(json::Value resource, json::Value scope, json::Value record)>;
// Visits the records of a request in their order; ends with the first error. kLimit: a body of more
// than kJsonBodyBytesMax.
base::Result<void> for_each_record(std::string_view body, const RecordPath& path,
                                   const RecordVisit& visit);

}  // namespace weft::telemetry
