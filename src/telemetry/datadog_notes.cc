#include "telemetry/datadog_notes.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "json/arena.h"
#include "json/parse.h"
#include "json/value.h"
#include "json/write.h"
#include "telemetry/span_limits.h"

namespace weft::telemetry {
namespace {

using json::Value;
using Type = MsgpackItem::Type;

std::string text_of(const MsgpackItem& item) {
  switch (item.type) {
    case Type::kBool:
      return item.integer != 0 ? "true" : "false";
    case Type::kInteger:
      return item.negative ? fmt::format("{}", static_cast<int64_t>(item.integer))
                           : fmt::format("{}", item.integer);
    case Type::kDouble:
      return fmt::format("{}", item.real);
    default:
      return std::string(item.text);
  }
}

// A typed value, {"type": 0, "string_value": "x"}, as text; lists are left out.
bool read_typed(MsgpackReader& reader, uint32_t members, std::string& text) {
  for (uint32_t i = 0; i < members; ++i) {
    std::string_view key;
    if (!reader.text("a key of an event's value", key)) return false;
    if (key == "type" || !key.ends_with("_value") || key == "array_value") {
      if (!reader.skip()) return false;
      continue;
    }
    MsgpackItem item;
    if (!reader.next(item)) return false;
    if (item.type == Type::kArray || item.type == Type::kMap)
      return reader.fail("an event's value must be a text, a number or a truth value");
    text = cut_text(text_of(item), kValueBytesMax);
  }
  return true;
}

bool read_attributes(MsgpackReader& reader, trace::Attributes& attributes) {
  uint32_t count = 0;
  if (!reader.open(Type::kMap, "attributes", count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    std::string_view key;
    MsgpackItem value;
    if (!reader.text("a key of attributes", key) || !reader.next(value)) return false;
    if (value.type == Type::kArray)
      return reader.fail(fmt::format("attribute '{}' must not be a list", key.substr(0, 100)));
    std::string text = value.type == Type::kMap ? std::string() : text_of(value);
    if (value.type == Type::kMap && !read_typed(reader, value.count, text)) return false;
    if (!reader.keep(kAttributeBytes + key.size() + text.size())) return false;
    set_note_attribute(key, text, attributes);
  }
  return true;
}

bool read_event(MsgpackReader& reader, trace::SpanEvent& event) {
  uint32_t members = 0;
  if (!reader.open(Type::kMap, "an event", members)) return false;
  for (uint32_t i = 0; i < members; ++i) {
    std::string_view key;
    if (!reader.text("a key of an event", key)) return false;
    std::string_view name;
    uint64_t time = 0;
    bool read = false;
    if (key == "name") {
      read = reader.text(key, name);
      event.name = cut_text(name, kResourceBytesMax);
    } else if (key == "time_unix_nano") {
      read = reader.integer(key, time);
      event.time_ns = static_cast<int64_t>(time);
    } else {
      read = key == "attributes" ? read_attributes(reader, event.attributes) : reader.skip();
    }
    if (!read) return false;
  }
  return true;
}

bool read_link(MsgpackReader& reader, trace::SpanLink& link) {
  uint32_t members = 0;
  if (!reader.open(Type::kMap, "a link", members)) return false;
  for (uint32_t i = 0; i < members; ++i) {
    std::string_view key;
    if (!reader.text("a key of a link", key)) return false;
    const bool read = key == "trace_id"        ? reader.integer(key, link.trace.low)
                      : key == "trace_id_high" ? reader.integer(key, link.trace.high)
                      : key == "span_id"       ? reader.integer(key, link.span_id)
                      : key == "attributes"    ? read_attributes(reader, link.attributes)
                                               : reader.skip();
    if (!read) return false;
  }
  return true;
}

trace::Attributes attributes_of(Value object) {
  trace::Attributes attributes;
  for (size_t i = 0; object.is_object() && i < object.size(); ++i) {
    const Value value = object.member(i);
    set_note_attribute(object.key(i),
                       value.is_string() ? std::string(value.as_string()) : json::to_text(value),
                       attributes);
  }
  return attributes;
}

// A list of objects that have this text: a tag of the user's may have the same name.
bool is_list_with(const base::Result<Value>& list, std::string_view member) {
  if (!list || !list->is_array()) return false;
  for (size_t i = 0; i < list->size(); ++i) {
    if (!list->item(i).is_object() || !list->item(i).find(member).is_string()) return false;
  }
  return true;
}

uint64_t hex_of(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return error == std::errc() && end == text.data() + text.size() ? value : 0;
}

}  // namespace

bool read_span_events(MsgpackReader& reader, InnerSpan& span) {
  uint32_t count = 0;
  if (!reader.open(Type::kArray, "span_events", count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    trace::SpanEvent event;
    if (!reader.keep(kAttributeBytes) || !read_event(reader, event)) return false;
    add_event(std::move(event), span);
  }
  return true;
}

bool read_span_links(MsgpackReader& reader, InnerSpan& span) {
  uint32_t count = 0;
  if (!reader.open(Type::kArray, "span_links", count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    trace::SpanLink link;
    if (!reader.keep(kAttributeBytes) || !read_link(reader, link)) return false;
    add_link(std::move(link), span);
  }
  return true;
}

bool set_meta_events(std::string_view text, InnerSpan& span) {
  json::Arena arena;
  const auto list = json::parse(text, arena);
  if (!is_list_with(list, "name")) return false;
  for (size_t i = 0; i < list->size(); ++i) {
    const Value event = list->item(i);
    add_event({.time_ns = event.find("time_unix_nano").as_int(),
               .name = std::string(event.find("name").as_string()),
               .attributes = attributes_of(event.find("attributes"))},
              span);
  }
  return true;
}

bool set_meta_links(std::string_view text, InnerSpan& span) {
  json::Arena arena;
  const auto list = json::parse(text, arena);
  if (!is_list_with(list, "span_id")) return false;
  for (size_t i = 0; i < list->size(); ++i) {
    const Value link = list->item(i);
    const std::string_view trace = link.find("trace_id").as_string();
    const size_t low = trace.size() - std::min<size_t>(trace.size(), 16);
    add_link({.trace = {.high = hex_of(trace.substr(0, low)), .low = hex_of(trace.substr(low))},
              .span_id = hex_of(link.find("span_id").as_string()),
              .attributes = attributes_of(link.find("attributes"))},
             span);
  }
  return true;
}

}  // namespace weft::telemetry
