#include "telemetry/log_join.h"

#include <map>
#include <utility>

#include "base/limits.h"

namespace weft::telemetry {
namespace {

using trace::LogLine;
using Entry = Invocations::Entry;

Entry invocation_of(const LogRecord& record, const CallAt& call_at,
                    const Invocations& invocations) {
  const uint64_t trace_low = record.trace.low;
  if (record.line.span_id != 0) {
    if (Entry entry = invocations.by_span(record.line.span_id, trace_low)) return entry;
  }
  if (!record.line.request_id.empty()) {
    if (Entry entry = invocations.by_request(record.line.request_id)) return entry;
  }
  if (trace_low != 0) {
    if (Entry entry = invocations.by_foreign_trace(trace_low)) return entry;
  }
  return worked_on(call_at, record.line.time_ns, trace_low, invocations);
}

class LogJoining {
 public:
  LogJoining(const CallAt& call_at, int64_t now_ns, Invocations& invocations, Waiting* waiting)
      : call_at_(call_at), now_ns_(now_ns), invocations_(invocations), waiting_(waiting) {}

  JoinedLogs run(std::vector<LogRecord> records) {
    for (LogRecord& record : records) place(std::move(record));
    for (auto& [key, lines] : blocks_) result_.blocks.push_back({key, std::move(lines)});
    return std::move(result_);
  }

 private:
  void place(LogRecord record);
  // Puts a record where only its trace is known to belong. False: that is not known either.
  bool place_orphan(LogRecord record);
  void hold(LogRecord record);
  // False: beyond the bytes of its call.
  bool add(LogLine line, const Entry& entry);

  const CallAt& call_at_;
  const int64_t now_ns_;
  Invocations& invocations_;
  Waiting* waiting_;
  std::map<history::DetailKey, std::vector<LogLine>> blocks_;
  JoinedLogs result_;
};

void LogJoining::place(LogRecord record) {
  LogLine& line = record.line;
  if (line.time_ns <= 0) line.time_ns = now_ns_;
  if (const Entry entry = invocation_of(record, call_at_, invocations_)) {
    line.attempt = entry->attempt;
    line.request_id = entry->request_id;
    add(std::move(line), entry);
    return;
  }
  const bool ours = record.trace.low != 0 && invocations_.any_of_trace(record.trace.low);
  if (ours && line.span_id != 0 && waiting_ != nullptr) {
    hold(std::move(record));
  } else {
    place_orphan(std::move(record));
  }
}

bool LogJoining::place_orphan(LogRecord record) {
  const uint64_t trace_low = record.trace.low;
  const Entry entry = trace_low == 0 ? nullptr : invocations_.any_of_trace(trace_low);
  if (!entry) {
    ++result_.unknown;
    return false;
  }
  record.line.request_id.clear();
  const bool kept = add(std::move(record.line), entry);
  if (kept) ++result_.orphaned;
  return kept;
}

void LogJoining::hold(LogRecord record) {
  const uint64_t span = record.line.span_id;
  const uint64_t trace_low = record.trace.low;
  const auto now = HeldFor<LogRecord>::Clock::now();
  for (LogRecord& each : waiting_->records.hold(std::move(record), {span}, now)) {
    if (place_orphan(std::move(each))) ++result_.gave_way;
  }
  // It may have come on another thread meanwhile.
  if (!invocations_.by_span(span, trace_low)) return;
  for (LogRecord& each : waiting_->records.release(span)) place(std::move(each));
}

bool LogJoining::add(LogLine line, const Entry& entry) {
  const uint64_t size = line.bytes();
  const uint64_t before = invocations_.add_log_bytes(entry->request_id, size);
  if (before < base::kCallLogBytesMax && before + size <= base::kCallLogBytesMax) {
    ++result_.kept;
    blocks_[entry->key].push_back(std::move(line));
    return true;
  }
  ++result_.cut;
  if (before > base::kCallLogBytesMax) return false;  // another was the first
  LogLine rest{.time_ns = line.time_ns,
               .source = line.source,
               .attempt = line.attempt,
               .request_id = std::move(line.request_id),
               .not_kept = 1};
  blocks_[entry->key].push_back(std::move(rest));
  return false;
}

}  // namespace

JoinedLogs join_logs(std::vector<LogRecord> records, const CallAt& call_at, int64_t now_ns,
                     Invocations& invocations, Waiting* waiting) {
  return LogJoining(call_at, now_ns, invocations, waiting).run(std::move(records));
}

JoinedLogs join_printed(const PrintedText& printed, int64_t now_ns,
                        const Invocations& invocations) {
  JoinedLogs result;
  const Entry entry = invocations.by_request(printed.request_id);
  std::vector<LogLine> lines = split_lines(printed, base::kCallLogBytesMax);
  if (!entry) {
    result.unknown = lines.size();
    return result;
  }
  LogBlock block{.key = entry->key};
  for (LogLine& line : lines) {
    if (line.time_ns <= 0) line.time_ns = now_ns;
    line.attempt = entry->attempt;
    result.cut += line.not_kept;
    if (line.not_kept == 0) ++result.kept;
    block.lines.push_back(std::move(line));
  }
  if (!block.lines.empty()) result.blocks.push_back(std::move(block));
  return result;
}

}  // namespace weft::telemetry
