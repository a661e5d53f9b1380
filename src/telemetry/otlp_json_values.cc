#include "telemetry/otlp_json_values.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "json/parse.h"
#include "json/write.h"
#include "telemetry/span_limits.h"

namespace weft::telemetry {
namespace {

using base::ErrorCode;
using base::fail;
using json::Value;

std::optional<uint64_t> parse_hex(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

base::Result<Value> parse_request(std::string_view body, json::Arena& arena) {
  auto request = json::parse(body, arena);
  if (!request) {
    return fail(ErrorCode::kSerialization,
                fmt::format("OTLP: the body is not JSON: {}", request.error().message));
  }
  if (!request->is_object()) return wrong("the body", "an object", *request);
  return *request;
}

// Lists and maps stand in others as they are: as texts, each level would double their quotes.
void write_value(Value any, std::string& out) {
  const bool nests = any.find("arrayValue").is_object() || any.find("kvlistValue").is_object();
  if (nests) {
    out += text_of(any);
  } else {
    json::write_string(text_of(any), out);
  }
}

std::string map_text(Value pairs) {
  std::string map = "{";
  for (size_t i = 0; i < pairs.size() && map.size() <= kValueBytesMax; ++i) {
    if (i > 0) map += ',';
    json::write_string(pairs.item(i).find("key").as_string(), map);
    map += ':';
    write_value(pairs.item(i).find("value"), map);
  }
  return map + "}";
}

}  // namespace

std::unexpected<base::Error> too_much() {
  return fail(ErrorCode::kLimit,
              fmt::format("OTLP: the request becomes more than {} bytes", kDecodedBytesMax));
}

std::unexpected<base::Error> wrong(std::string_view field, std::string_view expected, Value value) {
  std::string text = value.is_undefined() ? "nothing" : json::to_text(value);
  if (text.size() > 100) text = cut_text(text, 100) + "...";
  return fail(ErrorCode::kSerialization,
              fmt::format("OTLP: '{}' must be {}, not {}", field, expected, text));
}

base::Result<uint64_t> number_of(std::string_view field, Value value) {
  if (value.is_undefined() || value.is_null()) return 0;
  if (value.is_number() && value.is_integral() && value.as_int() >= 0)
    return static_cast<uint64_t>(value.as_int());
  const std::string_view text = value.as_string();
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    return wrong(field, "a whole number", value);
  return number;
}

base::Result<uint64_t> span_id_of(std::string_view field, Value value, bool needed) {
  const std::string_view text = value.as_string();
  if (text.empty() && !needed) return 0;
  const auto number = text.size() == 16 ? parse_hex(text) : std::nullopt;
  if (!number || (needed && *number == 0)) return wrong(field, "16 hexadecimal digits", value);
  return *number;
}

base::Result<trace::TraceId> trace_id_of(Value value, bool needed) {
  const std::string_view text = value.as_string();
  if (text.empty() && !needed) return trace::TraceId{};
  if (text.size() != 32) return wrong("traceId", "32 hexadecimal digits", value);
  const auto high = parse_hex(text.substr(0, 16));
  const auto low = parse_hex(text.substr(16));
  if (!high || !low || (needed && (*high | *low) == 0))
    return wrong("traceId", "32 hexadecimal digits", value);
  return trace::TraceId{*high, *low};
}

std::string text_of(Value any) {
  for (size_t i = 0; i < any.size() && any.is_object(); ++i) {
    const Value value = any.member(i);
    if (value.is_string()) return cut_text(value.as_string(), kValueBytesMax);
    const Value values = value.find("values");
    if (!values.is_array()) return json::to_text(value);
    if (any.key(i) == "kvlistValue") return map_text(values);
    std::string list = "[";
    for (size_t item = 0; item < values.size(); ++item) {
      if (item > 0) list += ',';
      write_value(values.item(item), list);
      if (list.size() > kValueBytesMax) break;
    }
    return list + "]";
  }
  return {};
}

base::Result<size_t> items_of(Value object, std::string_view field, Value& list) {
  if (!object.is_object()) return wrong(field, "in an object", object);
  list = object.find(field);
  if (list.is_undefined() || list.is_null()) return 0;
  if (!list.is_array()) return wrong(field, "a list", list);
  return list.size();
}

base::Result<void> for_each_record(std::string_view body, const RecordPath& path,
                                   const RecordVisit& visit) {
  if (body.size() > kJsonBodyBytesMax) {
    return fail(ErrorCode::kLimit, fmt::format("OTLP: a body of JSON has {} bytes, the limit is {}",
                                               body.size(), kJsonBodyBytesMax));
  }
  DecodedSize kept;
  json::Arena arena;
  auto request = parse_request(body, arena);
  if (!request) return std::unexpected(request.error());
  Value resources;
  const auto count = items_of(*request, path.resources, resources);
  if (!count) return std::unexpected(count.error());
  for (size_t i = 0; i < *count; ++i) {
    Value scopes;
    const auto scope_count = items_of(resources.item(i), path.scopes, scopes);
    if (!scope_count) return std::unexpected(scope_count.error());
    for (size_t j = 0; j < *scope_count; ++j) {
      Value records;
      const auto record_count = items_of(scopes.item(j), path.records, records);
      if (!record_count) return std::unexpected(record_count.error());
      for (size_t k = 0; k < *record_count; ++k) {
        if (!records.item(k).is_object())
          return wrong(path.records, "a list of objects", records.item(k));
        if (!kept.add(kRecordBytes)) return too_much();
        auto done = visit(resources.item(i).find("resource"), scopes.item(j).find("scope"),
                          records.item(k));
        if (!done) return done;
      }
    }
  }
  return {};
}

std::string attribute_of(Value object, std::string_view key) {
  const Value list = object.find("attributes");
  for (size_t i = 0; list.is_array() && i < list.size(); ++i) {
    if (list.item(i).find("key").as_string() == key) return text_of(list.item(i).find("value"));
  }
  return {};
}

}  // namespace weft::telemetry
