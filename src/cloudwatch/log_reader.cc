#include "cloudwatch/log_reader.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "cloudwatch/csv.h"
#include "cloudwatch/text_form.h"
#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::cloudwatch {
namespace {

using json::Value;

constexpr int kDepthMax = 16;  // values and packets in one another
constexpr size_t kRejectsMax = 100;

// The names of an object's first members, for messages.
std::string members_of(Value object) {
  constexpr size_t kShown = 6;
  std::string names;
  for (size_t i = 0; i < std::min(object.size(), kShown); ++i) {
    names += fmt::format("{}{}", i == 0 ? "" : ", ", quoted_begin(object.key(i)));
  }
  if (object.size() > kShown) names += ", ...";
  return names.empty() ? "no members" : names;
}

// An item of a query's results: an array of {"field","value"}.
bool is_query_row(Value value) {
  return value.is_array() && value.size() > 0 && value.item(0).find("field").is_string();
}

std::string below(const std::string& place, std::string_view more) {
  return place.empty() ? std::string(more) : fmt::format("{} {}", place, more);
}

}  // namespace

void LogReader::reject(const std::string& place, std::string reason) {
  ++rejected_;
  if (rejects_.size() < kRejectsMax) rejects_.push_back({place, std::move(reason)});
}

void LogReader::take(base::Result<LogEvent> event, const std::string& place) {
  if (!event) return reject(place, std::move(event.error().message));
  ++events_;
  visit_(std::move(*event));
}

void LogReader::read(std::string_view bytes) { read_bytes(bytes, ""); }

void LogReader::read_bytes(std::string_view bytes, const std::string& place) {
  if (over_limit_) return reject(place, "not read: what came before unpacks to too much");
  if (depth_ >= kDepthMax) return reject(place, "too many envelopes in one another");
  ++depth_;
  if (is_gzip(bytes)) {
    const uint64_t left = unpacked_bytes_max_ - std::min(unpacked_bytes_max_, unpacked_bytes_);
    if (auto text = gunzip(bytes, left, unpacked_bytes_)) {
      read_bytes(*text, place);
    } else {
      over_limit_ |= text.error().code == base::ErrorCode::kLimit;
      reject(place, std::move(text.error().message));
    }
  } else if (std::string reason = why_no_text(bytes); !reason.empty()) {
    reject(place, std::move(reason));
  } else {
    read_text(bytes, place);
  }
  --depth_;
}

// One document (perhaps over many lines), or CSV, or many lines.
void LogReader::read_text(std::string_view text, const std::string& place) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const size_t start = text.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return;
  if (text[start] == '{' || text[start] == '[') {
    json::Arena arena;
    if (const auto whole = json::parse(text, arena)) return read_value(*whole, place);
  } else if (const CsvHeader header = csv_header(text); !header.columns.empty()) {
    if (header.message != std::string_view::npos) return read_csv(text, header.message, place);
    return reject(below(place, "line 1"),
                  fmt::format("the columns are {}: log events are in '@message', which the query "
                              "must name (fields @timestamp, @message)",
                              fmt::join(header.columns, ", ")));
  }
  read_lines(text, place);
}

void LogReader::read_csv(std::string_view text, size_t message_column, const std::string& place) {
  CsvRows rows(text);
  std::vector<std::string> fields;
  rows.next(fields);
  const std::string header = fields[message_column];
  while (rows.next(fields)) {
    if (fields.size() == 1 && is_blank(fields[0])) continue;
    const std::string here = below(place, fmt::format("line {}", rows.line()));
    if (fields.size() <= message_column) {
      reject(here, fmt::format("the row has no column '{}'", header));
    } else if (fields[message_column] != header) {  // else: a second file behind the first
      read_line(fields[message_column], here);
    }
  }
}

void LogReader::read_lines(std::string_view text, const std::string& place) {
  for (size_t number = 1; !text.empty();) {
    const std::string here = below(place, fmt::format("line {}", number));
    std::string_view piece = first_line(text);
    if (opens_block(piece)) {
      const Block block = block_of(text);
      piece = block.text;
      read_block(piece, here);
    } else if (!introduces_block(piece, text.substr(std::min(piece.size() + 1, text.size()))) &&
               !is_blank(piece) && piece != ",") {
      read_line(piece, here);
    }
    number += static_cast<size_t>(std::ranges::count(piece, '\n'));
    text.remove_prefix(piece.size());
    if (!text.starts_with('\n')) continue;
    text.remove_prefix(1);
    ++number;
  }
}

// One that does not end, as when the file was cut, still tells the messages in it.
void LogReader::read_block(std::string_view text, const std::string& place) {
  json::Arena arena;
  const auto whole = json::parse(text, arena);
  if (whole) return read_value(*whole, place);
  reject(place,
         fmt::format("the JSON that begins here is damaged or cut: {}", whole.error().message));
  for (size_t number = 0; !text.empty(); ++number) {
    const std::string_view line = first_line(text);
    const std::string_view message = message_of_printed_line(line);
    const auto value = message.empty() ? base::Result<Value>() : json::parse(message, arena);
    if (value && value->is_string()) {
      read_line(value->as_string(), below(place, fmt::format("+ {}", number)));
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
}

void LogReader::read_line(std::string_view line, const std::string& place) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  size_t start = line.find('{');  // a time stamp and the like may stand before it
  if (start == std::string_view::npos) {
    if (looks_like_base64(line)) return read_packed(line, place);
    return reject(place, "there is no JSON object in " + quoted_begin(line));
  }
  for (; start != std::string_view::npos; start = line.find('{')) {
    line.remove_prefix(start);
    const size_t length = object_length(line);
    json::Arena arena;
    auto value = json::parse(line.substr(0, length == 0 ? line.size() : length), arena);
    if (!value) return reject(place, std::move(value.error().message));
    read_value(*value, place);
    line.remove_prefix(length);
  }
}

void LogReader::read_packed(std::string_view base64, const std::string& place) {
  auto bytes = decode_base64(base64);
  if (!bytes) return reject(place, std::move(bytes.error().message));
  read_bytes(*bytes, place);
}

void LogReader::read_value(Value value, const std::string& place) {
  if (depth_ >= kDepthMax) return reject(place, "too many envelopes in one another");
  ++depth_;
  if (is_query_row(value)) {
    read_query_row(value, place);
  } else if (value.is_array()) {
    read_items(value, "item", place);
  } else if (value.is_string()) {
    read_line(value.as_string(), place);
  } else if (!value.is_object()) {
    reject(place, "there is no JSON object in " + quoted_begin(json::to_text(value)));
  } else if (!read_envelope(value, place)) {
    read_object(value, place);
  }
  --depth_;
}

// A log event, an event of a history, or what carries one of them.
void LogReader::read_object(Value value, const std::string& place) {
  const auto has = [value](std::string_view member) { return !value.find(member).is_undefined(); };
  if (read_carrier(value, place)) return;
  if (has("type") && has("timestamp")) return read_history_event(value, place);
  if (has("type") || has("execution_arn")) return take(parse_log_event(value), place);
  reject(place,
         fmt::format("an object with {} is no log event and carries none", members_of(value)));
}

bool LogReader::read_envelope(Value value, const std::string& place) {
  if (value.find("messageType").as_string() == "CONTROL_MESSAGE") return true;  // a connection test
  if (const Value data = value.find("awslogs").find("data"); data.is_string()) {
    return read_packed(data.as_string(), place), true;
  }
  for (const char* member : {"logEvents", "events"}) {
    if (const Value events = value.find(member); events.is_array()) {
      return read_items(events, "event", place), true;
    }
  }
  if (const Value results = value.find("results"); results.is_array()) {
    const std::string_view status = value.find("status").as_string();
    if (!status.empty() && status != "Complete") {
      reject(place, fmt::format("the query has the status {}: results are missing", status));
    }
    return read_items(results, "result", place), true;
  }
  for (const char* member : {"records", "Records"}) {
    if (const Value records = value.find(member); records.is_array()) {
      if (const Value id = value.find("requestId"); id.is_string()) {
        firehose_request_id_ = id.as_string();
      }
      return read_items(records, "record", place), true;
    }
  }
  return false;
}

bool LogReader::read_carrier(Value value, const std::string& place) {
  for (const char* member : {"message", "@message"}) {
    const Value message = value.find(member);
    if (message.is_string() || message.is_object()) return read_value(message, place), true;
  }
  for (const Value data : {value.find("data"), value.find("kinesis").find("data")}) {
    if (data.is_string()) return read_packed(data.as_string(), place), true;
  }
  return false;
}

void LogReader::read_items(Value items, std::string_view what, const std::string& place) {
  for (size_t i = 0; i < items.size(); ++i) {
    read_value(items.item(i), below(place, fmt::format("{} {}", what, i + 1)));
  }
}

void LogReader::read_query_row(Value row, const std::string& place) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (row.item(i).find("field").as_string() != "@message") continue;
    return read_value(row.item(i).find("value"), place);
  }
  reject(place,
         "the result has no '@message': the query must name it (fields @timestamp, @message)");
}

void LogReader::read_history_event(Value value, const std::string& place) {
  if (history_arn_.empty()) {
    return reject(place,
                  "a history does not say which execution it is of: name it with --execution ARN "
                  "(over HTTP ?execution=ARN)");
  }
  auto event = parse_history_event(value, history_arn_);
  if (event) event->map_run_arn = history_map_run_arn_;
  take(std::move(event), place);
}

}  // namespace weft::cloudwatch
