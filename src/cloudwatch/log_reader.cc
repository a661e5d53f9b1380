#include "cloudwatch/log_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "json/arena.h"
#include "json/parse.h"

namespace weft::cloudwatch {
namespace {

using json::Value;

constexpr int kDepthMax = 8;  // envelopes in envelopes
constexpr size_t kRejectsMax = 100;

// Length of the JSON object that `text` begins with, by its braces; 0 when it does not end.
size_t object_length(std::string_view text) {
  size_t depth = 0;
  bool in_string = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth == 0) {
      return at + 1;
    }
  }
  return 0;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool looks_like_base64(std::string_view text) {
  constexpr size_t kShortest = 16;
  const auto belongs = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
  };
  return text.size() >= kShortest && std::ranges::all_of(text, belongs);
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
  if (depth_ >= kDepthMax) return reject(place, "too many envelopes in one another");
  ++depth_;
  if (is_gzip(bytes)) {
    if (auto text = gunzip(bytes, unpacked_bytes_max_ - unpacked_bytes_)) {
      unpacked_bytes_ += text->size();
      read_bytes(*text, place);
    } else {
      over_limit_ |= text.error().code == base::ErrorCode::kLimit;
      reject(place, std::move(text.error().message));
    }
  } else {
    // One document (perhaps over many lines), or many lines.
    json::Arena arena;
    const size_t start = bytes.find_first_not_of(" \t\r\n");
    const bool document =
        start != std::string_view::npos && (bytes[start] == '{' || bytes[start] == '[');
    const auto whole = document ? json::parse(bytes, arena) : base::Result<Value>(Value());
    if (document && whole) {
      read_value(*whole, place);
    } else {
      read_lines(bytes, place);
    }
  }
  --depth_;
}

void LogReader::read_lines(std::string_view text, const std::string& place) {
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (!is_blank(line)) read_line(line, below(place, fmt::format("line {}", number)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void LogReader::read_line(std::string_view line, const std::string& place) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
  size_t start = line.find('{');  // a time stamp and the like may stand before it
  if (start == std::string_view::npos) {
    if (looks_like_base64(line)) return read_packed(line, place);
    return reject(place, "there is no JSON object");
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
  if (value.is_array()) return read_items(value, "item", place);
  if (read_envelope(value, place)) return;
  take(parse_log_event(value), place);
}

bool LogReader::read_envelope(Value value, const std::string& place) {
  if (value.find("messageType").as_string() == "CONTROL_MESSAGE") return true;  // a connection test
  if (const Value data = value.find("awslogs").find("data"); data.is_string()) {
    return read_packed(data.as_string(), place), true;
  }
  if (const Value events = value.find("logEvents"); events.is_array()) {
    return read_items(events, "event", place), true;
  }
  if (const Value events = value.find("events"); events.is_array()) {
    return read_items(events, "event", place), true;
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

void LogReader::read_items(Value items, std::string_view what, const std::string& place) {
  for (size_t i = 0; i < items.size(); ++i) {
    read_item(items.item(i), below(place, fmt::format("{} {}", what, i + 1)));
  }
}

void LogReader::read_item(Value item, const std::string& place) {
  if (const Value message = item.find("message"); message.is_string()) {
    return read_line(message.as_string(), place);
  }
  if (const Value data = item.find("data"); data.is_string()) {
    return read_packed(data.as_string(), place);
  }
  if (const Value data = item.find("kinesis").find("data"); data.is_string()) {
    return read_packed(data.as_string(), place);
  }
  const bool of_history =
      !item.find("timestamp").is_undefined() && !item.find("type").is_undefined();
  if (!of_history) return read_value(item, place);
  if (history_arn_.empty()) {
    return reject(place, "a history does not say which execution it is of: name it");
  }
  auto event = parse_history_event(item, history_arn_);
  if (event) event->map_run_arn = history_map_run_arn_;
  take(std::move(event), place);
}

}  // namespace weft::cloudwatch
