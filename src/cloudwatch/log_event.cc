#include "cloudwatch/log_event.h"

#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/check.h"
#include "cloudwatch/event_details.h"
#include "history/aws_json.h"
#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::cloudwatch {
namespace {

using base::ErrorCode;
using base::fail;
using history::Event;
using json::Value;

std::unexpected<base::Error> bad_member(std::string_view member, std::string_view expected) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is not {}", member, expected));
}

base::Result<void> read_type(Value line, Event& event) {
  const std::string_view name = line.find("type").as_string();
  const auto type = parse_event_type(name);
  if (!type) return bad_member("type", "the name of a history event");
  event.type = *type;
  return {};
}

base::Result<uint64_t> read_id(Value line, std::string_view member, int64_t least) {
  const auto id = whole_number(line.find(member));
  if (!id || *id < least) return bad_member(member, "the number of an event");
  return static_cast<uint64_t>(*id);
}

// The reverse of append_weft_member().
void read_weft_member(Value facts, LogEvent& out) {
  if (!facts.is_object()) return;
  const auto number = [&](std::string_view member) {
    return whole_number(facts.find(member)).value_or(0);
  };
  if (!facts.find("runUs").is_undefined()) {
    out.event.timing = history::InvocationTiming{
        .started_ms = number("startedMs"),
        .queued_us = number("queuedUs"),
        .init_us = number("initUs"),
        .run_us = number("runUs"),
        .sandbox = static_cast<uint32_t>(number("sandbox")),
    };
  }
  if (!facts.find("index").is_undefined()) {
    out.child = ChildFacts{.index = static_cast<uint64_t>(number("index")),
                           .items = static_cast<uint32_t>(number("items")),
                           .duration_us = number("durationUs")};
  }
}

void append_weft_member(const LogEvent& line, std::string& out) {
  const auto append = [&out](std::string_view member, auto number) {
    fmt::format_to(std::back_inserter(out), "{}\"{}\":{}", out.back() == '{' ? "" : ",", member,
                   number);
  };
  out += R"(,"weft":{)";
  if (line.event.timing) {
    append("startedMs", line.event.timing->started_ms);
    append("queuedUs", line.event.timing->queued_us);
    append("initUs", line.event.timing->init_us);
    append("runUs", line.event.timing->run_us);
    append("sandbox", line.event.timing->sandbox);
  }
  if (line.child) {
    append("index", line.child->index);
    append("items", line.child->items);
    append("durationUs", line.child->duration_us);
  }
  out += '}';
}

// Unix seconds with a fraction, or ISO 8601.
std::optional<base::UnixMs> read_timestamp(Value value) {
  if (value.is_number()) return std::llround(value.as_double() * 1'000);
  return base::parse_iso(value.as_string());
}

}  // namespace

base::Result<LogEvent> parse_log_line(std::string_view line) {
  json::Arena arena;
  auto value = json::parse(line, arena);
  if (!value) return std::unexpected(value.error());
  return parse_log_event(*value);
}

base::Result<LogEvent> parse_log_event(Value line) {
  if (!line.is_object()) return fail(ErrorCode::kInvalidJson, "the line is not a JSON object");
  LogEvent out;
  if (auto read = read_type(line, out.event); !read) return std::unexpected(read.error());
  auto id = read_id(line, "id", 1);
  if (!id) return std::unexpected(id.error());
  auto previous = read_id(line, "previous_event_id", 0);
  if (!previous) return std::unexpected(previous.error());
  const auto time = whole_number(line.find("event_timestamp"));
  if (!time || *time <= 0) return bad_member("event_timestamp", "a time in Unix milliseconds");
  out.execution_arn = line.find("execution_arn").as_string();
  if (!out.execution_arn.starts_with("arn:")) return bad_member("execution_arn", "an ARN");
  out.map_run_arn = line.find("map_run_arn").as_string();
  out.redrive_count = static_cast<uint64_t>(
      std::max<int64_t>(0, whole_number(line.find("redrive_count")).value_or(0)));
  out.event.id = *id;
  out.event.previous_id = *previous;
  out.event.time_ms = *time;
  out.truncated = read_details(line.find("details"), out.event);
  read_weft_member(line.find("weft"), out);
  return out;
}

base::Result<LogEvent> parse_history_event(Value event, std::string_view execution_arn) {
  LogEvent out{.execution_arn = std::string(execution_arn)};
  if (auto read = read_type(event, out.event); !read) return std::unexpected(read.error());
  auto id = read_id(event, "id", 1);
  if (!id) return std::unexpected(id.error());
  const auto time = read_timestamp(event.find("timestamp"));
  if (!time) return bad_member("timestamp", "a time");
  out.event.id = *id;
  out.event.previous_id =
      static_cast<uint64_t>(whole_number(event.find("previousEventId")).value_or(0));
  out.event.time_ms = *time;
  const std::string_view member = history::details_member(out.event.type);
  if (!member.empty()) out.truncated = read_details(event.find(member), out.event);
  return out;
}

void append_log_line(const LogEvent& line, const LogLineOptions& options, std::string& out) {
  const Event& event = line.event;
  WEFT_CHECK(!history::is_internal(event.type));
  fmt::format_to(std::back_inserter(out), R"({{"id":"{}","type":"{}","details":)", event.id,
                 history::to_string(event.type));
  history::append_event_details(event, options.execution_data, out, options.region,
                                options.weft_member ? SIZE_MAX : kPayloadBytesMax);
  fmt::format_to(std::back_inserter(out), R"(,"previous_event_id":"{}","event_timestamp":"{}")",
                 event.previous_id, event.time_ms);
  out += R"(,"execution_arn":)";
  json::write_string(line.execution_arn, out);
  if (!line.map_run_arn.empty()) {
    out += R"(,"map_run_arn":)";
    json::write_string(line.map_run_arn, out);
  }
  fmt::format_to(std::back_inserter(out), R"(,"redrive_count":"{}")", line.redrive_count);
  if (options.weft_member && (event.timing || line.child)) append_weft_member(line, out);
  out += "}\n";
}

}  // namespace weft::cloudwatch
