#include "telemetry/log_join.h"

#include <map>
#include <utility>

#include "base/limits.h"

namespace weft::telemetry {
namespace {

using trace::LogLine;
using Entry = Invocations::Entry;
using Blocks = std::map<history::ExecutionKey, std::vector<LogLine>>;

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

void add(LogLine line, const Entry& entry, Invocations& invocations, Blocks& blocks,
         JoinedLogs& result) {
  const uint64_t size = line.bytes();
  const uint64_t before = invocations.add_log_bytes(entry->request_id, size);
  if (before < base::kCallLogBytesMax && before + size <= base::kCallLogBytesMax) {
    ++result.kept;
    blocks[entry->key].push_back(std::move(line));
    return;
  }
  ++result.cut;
  if (before > base::kCallLogBytesMax) return;  // another was the first
  LogLine rest{.time_ns = line.time_ns,
               .source = line.source,
               .attempt = line.attempt,
               .request_id = std::move(line.request_id),
               .not_kept = 1};
  blocks[entry->key].push_back(std::move(rest));
}

void finish(Blocks blocks, JoinedLogs& result) {
  for (auto& [key, lines] : blocks) result.blocks.push_back({key, std::move(lines)});
}

}  // namespace

JoinedLogs join_logs(std::vector<LogRecord> records, const CallAt& call_at, int64_t now_ns,
                     Invocations& invocations) {
  JoinedLogs result;
  Blocks blocks;
  for (LogRecord& record : records) {
    LogLine& line = record.line;
    if (line.time_ns <= 0) line.time_ns = now_ns;
    Entry entry = invocation_of(record, call_at, invocations);
    if (entry) {
      line.attempt = entry->attempt;
      line.request_id = entry->request_id;
    } else if (record.trace.low != 0) {
      entry = invocations.any_of_trace(record.trace.low);
      line.request_id.clear();
    }
    if (!entry) {
      ++result.unknown;
      continue;
    }
    add(std::move(line), entry, invocations, blocks, result);
  }
  finish(std::move(blocks), result);
  return result;
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
