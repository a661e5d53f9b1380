#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudwatch/log_event.h"
#include "cloudwatch/packed.h"
#include "json/value.h"

namespace weft::cloudwatch {

// Something that was no event: where ("line 12", "record 3 line 1") and why.
struct Reject {
  std::string place;
  std::string reason;
};

// Finds the events in whatever carries them. Understood, in any nesting, gzipped or not, JSON on
// one line or printed over many:
//   - lines as Step Functions logs them, also several on one line without anything between
//   - CloudWatch's exports and `aws logs tail`: a time stamp and perhaps a stream before the JSON
//   - answers of GetLogEvents, FilterLogEvents and GetExecutionHistory
//   - Logs Insights: answers of GetQueryResults, and its results as the console saves them, CSV or
//     JSON; the results need the field @message
//   - what a subscription delivers: {"awslogs":{"data"}}, {"messageType","logEvents"}
//   - what Firehose delivers: records one after the other, {"requestId","records":[{"data"}]},
//     Base64 lines, Kinesis records
//   - parts of all these: an event with "message" alone, an array of messages
// Sources: AWS CloudWatch Logs user guide, "Real-time processing of log data with subscriptions";
// CloudWatch Logs API reference, GetQueryResults;
// Amazon Data Firehose guide, "HTTP endpoint delivery request and response specifications".
//
// Nothing stops it: what it cannot read becomes a Reject. Not thread-safe.
class LogReader {
 public:
  // Takes each event found.
  using Visit = std::function<void(LogEvent)>;
  explicit LogReader(Visit visit) : visit_(std::move(visit)) {}

  // The execution that histories (GetExecutionHistory) belong to: they do not say. Without it they
  // are rejected.
  void set_execution(std::string arn, std::string map_run_arn = "") {
    history_arn_ = std::move(arn);
    history_map_run_arn_ = std::move(map_run_arn);
  }

  // Bounds what may be unpacked in all; what comes beyond is rejected, and over_limit() says so.
  void set_unpacked_bytes_max(uint64_t bytes) { unpacked_bytes_max_ = bytes; }

  // Reads one file or body.
  void read(std::string_view bytes);

  uint64_t events() const { return events_; }
  uint64_t rejected() const { return rejected_; }
  bool over_limit() const { return over_limit_; }
  // Of the last request of Firehose that was read; "" when there was none.
  const std::string& firehose_request_id() const { return firehose_request_id_; }
  // The first 100 of them.
  const std::vector<Reject>& rejects() const { return rejects_; }

 private:
  void read_bytes(std::string_view bytes, const std::string& place);
  void read_text(std::string_view text, const std::string& place);
  void read_csv(std::string_view text, size_t message_column, const std::string& place);
  void read_lines(std::string_view text, const std::string& place);
  void read_block(std::string_view text, const std::string& place);
  void read_line(std::string_view line, const std::string& place);
  void read_value(json::Value value, const std::string& place);
  void read_object(json::Value value, const std::string& place);
  bool read_envelope(json::Value value, const std::string& place);
  bool read_carrier(json::Value value, const std::string& place);
  void read_items(json::Value items, std::string_view what, const std::string& place);
  void read_query_row(json::Value row, const std::string& place);
  void read_history_event(json::Value event, const std::string& place);
  void read_packed(std::string_view base64, const std::string& place);
  void reject(const std::string& place, std::string reason);
  void take(base::Result<LogEvent> event, const std::string& place);

  Visit visit_;
  std::string history_arn_;
  std::string history_map_run_arn_;
  int depth_ = 0;
  uint64_t unpacked_bytes_max_ = kUnpackedBytesMax;
  uint64_t unpacked_bytes_ = 0;
  bool over_limit_ = false;
  std::string firehose_request_id_;
  uint64_t events_ = 0;
  uint64_t rejected_ = 0;
  std::vector<Reject> rejects_;
};

}  // namespace weft::cloudwatch
