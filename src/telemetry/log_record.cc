#include "telemetry/log_record.h"

#include <algorithm>
#include <array>

#include "json/utf8.h"
#include "telemetry/otlp_json_values.h"
#include "telemetry/otlp_protobuf_values.h"
#include "telemetry/span_limits.h"

namespace weft::telemetry {
namespace {

using history::WireReader;
using json::Value;
using trace::LogLine;

// Field numbers: opentelemetry-proto, LogRecord.
class LogReader : public OtlpReader {
 public:
  std::vector<LogRecord> take() { return std::move(records_); }

 private:
  void begin_resource(std::string_view) override {}

  void begin_scope(std::string_view scope) override {
    logger_.clear();
    WireReader reader(scope);
    while (reader.next()) {
      if (reader.field() == 1) logger_ = cut_text(reader.bytes(), kNameBytesMax);
    }
    finish(reader, "InstrumentationScope");
  }

  void record(std::string_view bytes) override {
    LogRecord& record = records_.emplace_back();
    LogLine& line = record.line;
    line.source = LogLine::Source::kOtlp;
    line.logger = logger_;
    uint64_t observed_ns = 0;
    uint64_t severity = 0;
    std::string_view severity_text;
    WireReader reader(bytes);
    while (reader.next()) {
      switch (reader.field()) {
        case 1:
          line.time_ns = static_cast<int64_t>(reader.fixed64());
          break;
        case 2:
          severity = reader.uint();
          break;
        case 3:
          severity_text = reader.bytes();
          break;
        case 5:
          line.text = any_value(reader.bytes());
          break;
        case 6: {
          const auto [key, value] = key_value(reader.bytes());
          set_log_attribute(key, value, line);
          break;
        }
        case 9:
          record.trace = trace_id(reader.bytes());
          break;
        case 10:
          line.span_id = span_id("span_id", reader.bytes());
          break;
        case 11:
          observed_ns = reader.fixed64();
          break;
        default:
          break;
      }
    }
    finish(reader, "LogRecord");
    if (line.time_ns == 0) line.time_ns = static_cast<int64_t>(observed_ns);
    set_severity(severity, severity_text, line);
  }

  std::string logger_;
  std::vector<LogRecord> records_;
};

base::Result<LogRecord> read_record(Value scope, Value value) {
  LogRecord record;
  LogLine& line = record.line;
  line.source = LogLine::Source::kOtlp;
  line.logger = cut_text(scope.find("name").as_string(), kNameBytesMax);
  auto time = number_of("timeUnixNano", value.find("timeUnixNano"));
  if (!time) return std::unexpected(time.error());
  auto observed = number_of("observedTimeUnixNano", value.find("observedTimeUnixNano"));
  if (!observed) return std::unexpected(observed.error());
  auto trace = trace_id_of(value.find("traceId"), false);
  if (!trace) return std::unexpected(trace.error());
  auto span = span_id_of("spanId", value.find("spanId"), false);
  if (!span) return std::unexpected(span.error());
  record.trace = *trace;
  line.span_id = *span;
  line.time_ns = static_cast<int64_t>(*time != 0 ? *time : *observed);
  line.text = cut_text(text_of(value.find("body")), kValueBytesMax);
  const Value attributes = value.find("attributes");
  for (size_t i = 0; attributes.is_array() && i < attributes.size(); ++i) {
    const Value one = attributes.item(i);
    set_log_attribute(one.find("key").as_string(), text_of(one.find("value")), line);
  }
  const Value severity = value.find("severityNumber");
  set_severity(severity.is_number() ? static_cast<uint64_t>(severity.as_int()) : 0,
               value.find("severityText").as_string(), line);
  return record;
}

// A line as it may be stored: cut, and text whatever the function printed. Runtimes print what was
// logged at once as one line, with carriage returns for the ends of lines within.
std::string text_line(std::string_view bytes) {
  std::string line = cut_text(bytes, kValueBytesMax);
  std::ranges::replace(line, '\r', '\n');
  for (size_t at = 0; at < line.size();) {
    const size_t length = json::valid_utf8_length(line, at);
    if (length == 0) line[at] = '?';
    at += std::max<size_t>(1, length);
  }
  return line;
}

}  // namespace

void set_severity(uint64_t number, std::string_view text, LogLine& line) {
  constexpr std::array<std::string_view, 6> kNames = {"TRACE", "DEBUG", "INFO",
                                                      "WARN",  "ERROR", "FATAL"};
  line.severity = cut_text(text, kNameBytesMax);
  if (line.severity.empty() && number >= 1 && number <= 4 * kNames.size())
    line.severity = kNames[(number - 1) / 4];
}

void set_log_attribute(std::string_view key, std::string_view value, LogLine& line) {
  if (key == "faas.invocation_id" || key == "faas.execution") {
    line.request_id = cut_text(value, kNameBytesMax);
  } else if (!key.empty() && line.attributes.size() < kAttributesMax) {
    line.attributes.emplace_back(cut_text(key, kKeyBytesMax), cut_text(value, kValueBytesMax));
  }
}

base::Result<std::vector<LogRecord>> decode_otlp_logs_protobuf(std::string_view body) {
  LogReader reader;
  if (auto read = reader.for_each_record(body); !read) return std::unexpected(read.error());
  return reader.take();
}

base::Result<std::vector<LogRecord>> decode_otlp_logs_json(std::string_view body) {
  std::vector<LogRecord> records;
  auto read = for_each_record(body, {"resourceLogs", "scopeLogs", "logRecords"},
                              [&](Value, Value scope, Value value) -> base::Result<void> {
                                auto record = read_record(scope, value);
                                if (!record) return std::unexpected(record.error());
                                records.push_back(std::move(*record));
                                return {};
                              });
  if (!read) return std::unexpected(read.error());
  return records;
}

std::vector<LogLine> split_lines(const PrintedText& printed, size_t bytes_max) {
  std::vector<LogLine> lines;
  auto moment = printed.read_at.begin();
  auto range = printed.from_stderr.begin();
  for (size_t at = 0; at < printed.text.size();) {
    const size_t end = std::min(printed.text.find('\n', at), printed.text.size());
    while (moment != printed.read_at.end() && moment->first <= end) ++moment;
    while (range != printed.from_stderr.end() && range->second <= at) ++range;
    const bool err = range != printed.from_stderr.end() && range->first <= at;
    std::string_view text(printed.text.data() + at, end - at);
    if (text.ends_with('\r')) text.remove_suffix(1);
    at = end + 1;
    if (text.empty()) continue;
    LogLine& line = lines.emplace_back();
    line.request_id = printed.request_id;
    line.text = text_line(text);
    if (err) line.source = LogLine::Source::kStderr;
    if (!printed.read_at.empty())
      line.time_ns = (moment == printed.read_at.end() ? std::prev(moment) : moment)->second;
  }
  size_t bytes = 0;
  size_t kept = 0;
  while (kept < lines.size() && bytes + lines[lines.size() - kept - 1].bytes() <= bytes_max) {
    bytes += lines[lines.size() - ++kept].bytes();
  }
  const size_t cut = lines.size() - kept;
  if (cut + printed.lines_lost == 0) return lines;
  LogLine rest{.request_id = printed.request_id, .not_kept = cut + printed.lines_lost};
  if (!lines.empty()) rest.time_ns = lines[std::min(cut, lines.size() - 1)].time_ns;
  lines.erase(lines.begin(), lines.begin() + static_cast<ptrdiff_t>(cut));
  lines.insert(lines.begin(), std::move(rest));
  return lines;
}

}  // namespace weft::telemetry
