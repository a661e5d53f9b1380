#include "trace/log_line.h"

#include "history/wire.h"

namespace weft::trace {
namespace {

using history::WireReader;

// Field numbers of a stored line; never reused.
enum Field : uint32_t {
  kLine = 1,  // of the whole value, repeated
  kTime = 1,
  kSource = 2,
  kAttempt = 3,
  kSpanId = 4,
  kRequestId = 5,
  kSeverity = 6,
  kLogger = 7,
  kText = 8,
  kNotKept = 9,
  kKey = 10,  // an attribute: a key and, next, its value
  kValue = 11,
};

// What a line takes beside its texts.
constexpr size_t kLineBytes = 16;

LogLine::Source source_of(uint64_t number) {
  using enum LogLine::Source;
  return number == 0 ? kStdout : number == 2 ? kStderr : kOtlp;
}

void append_line(const LogLine& line, std::string& out) {
  history::put_int(out, kTime, line.time_ns);
  history::put_uint(out, kSource, static_cast<uint64_t>(line.source));
  history::put_uint(out, kAttempt, line.attempt);
  history::put_uint(out, kSpanId, line.span_id);
  history::put_bytes(out, kRequestId, line.request_id);
  history::put_bytes(out, kSeverity, line.severity);
  history::put_bytes(out, kLogger, line.logger);
  history::put_bytes(out, kText, line.text);
  history::put_uint(out, kNotKept, line.not_kept);
  for (const auto& [key, value] : line.attributes) {
    history::put_bytes_present(out, kKey, key);
    history::put_bytes_present(out, kValue, value);
  }
}

void read_number(WireReader& reader, LogLine& line) {
  switch (reader.field()) {
    case kTime:
      line.time_ns = reader.int64();
      break;
    case kSource:
      line.source = source_of(reader.uint());
      break;
    case kAttempt:
      line.attempt = reader.uint();
      break;
    case kSpanId:
      line.span_id = reader.uint();
      break;
    case kNotKept:
      line.not_kept = reader.uint();
      break;
    default:
      break;
  }
}

void read_field(WireReader& reader, LogLine& line) {
  switch (reader.field()) {
    case kRequestId:
      line.request_id = reader.text();
      break;
    case kSeverity:
      line.severity = reader.text();
      break;
    case kLogger:
      line.logger = reader.text();
      break;
    case kText:
      line.text = reader.text();
      break;
    case kKey:
      line.attributes.emplace_back(reader.text(), std::string());
      break;
    case kValue:
      if (!line.attributes.empty()) line.attributes.back().second = reader.text();
      break;
    default:
      read_number(reader, line);
      break;
  }
}

}  // namespace

size_t LogLine::bytes() const {
  size_t sum = kLineBytes + severity.size() + logger.size() + text.size();
  for (const auto& [key, value] : attributes) sum += key.size() + value.size();
  return sum;
}

std::string_view to_string(LogLine::Source source) {
  switch (source) {
    case LogLine::Source::kStdout:
      return "stdout";
    case LogLine::Source::kStderr:
      return "stderr";
    default:
      return "otlp";
  }
}

std::string encode_log_lines(const std::vector<LogLine>& lines) {
  std::string out;
  std::string one;
  for (const LogLine& line : lines) {
    one.clear();
    append_line(line, one);
    history::put_bytes_present(out, kLine, one);
  }
  return out;
}

base::Result<void> decode_log_lines(std::string_view bytes, std::vector<LogLine>& lines) {
  WireReader block(bytes);
  bool damaged = false;
  while (block.next()) {
    if (block.field() != kLine) continue;
    WireReader reader(block.bytes());
    LogLine line;
    while (reader.next()) read_field(reader, line);
    damaged = damaged || reader.damaged();
    lines.push_back(std::move(line));
  }
  if (!damaged && !block.damaged()) return {};
  return base::fail(base::ErrorCode::kStorage, "A stored block of functions' logs is damaged");
}

}  // namespace weft::trace
