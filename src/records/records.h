#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "arn/arn.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "history/detail_key.h"
#include "history/event.h"
#include "history/logging_level.h"
#include "history/map_run_counts.h"
#include "history/result_file.h"
#include "history/rows.h"
#include "records/keys.h"
#include "records/tags.h"
#include "trace/context.h"

// The small records beside the turns: state machines, top-level executions, Map Runs. Stored as
// JSON objects; unknown members are ignored when read.

namespace weft::records {

// Which log events AWS would write of a state machine's executions (CreateStateMachine's
// `loggingConfiguration`).
struct LoggingConfiguration {
  history::LoggingLevel level = history::LoggingLevel::kOff;
  bool include_execution_data = false;
  // Of log groups; absent as long as nobody gave any.
  std::optional<std::vector<std::string>> destinations;
  friend bool operator==(const LoggingConfiguration&, const LoggingConfiguration&) = default;
};

// How a state machine is set besides its definition.
struct MachineSettings {
  LoggingConfiguration logging;
  bool tracing = false;  // `tracingConfiguration.enabled`: said, and nothing else
  friend bool operator==(const MachineSettings&, const MachineSettings&) = default;
};

struct MachineRecord {
  std::string name;
  std::string arn;
  std::string role_arn;
  bool express = false;
  base::UnixMs created_ms = 0;
  std::string definition_hash;  // key in Family::kDefinition
  LoggingConfiguration logging;
  bool tracing = false;
  std::string revision_id;      // a UUID; "" until UpdateStateMachine changed something
  base::UnixMs updated_ms = 0;  // 0 until then
  Tags tags;

  // When what it is now was given to it.
  base::UnixMs since_ms() const { return updated_ms != 0 ? updated_ms : created_ms; }
  MachineSettings settings() const { return {logging, tracing}; }
};

// A top-level execution. Written when it starts and when it ends; payloads live in its turns. An
// Express one has one turn: while it runs that of its start, afterwards all its events.
struct ExecutionRecord {
  history::ExecutionKey key;
  std::string name;
  std::string arn;
  std::string machine_name;
  std::string machine_arn;
  std::string role_arn;
  std::string definition_hash;
  std::string revision_id;                  // of the machine when it started
  base::UnixMs revision_ms = 0;             // since when the machine was so; 0 in older stores
  std::optional<MachineSettings> settings;  // of the machine then; absent in older stores
  std::string trace_header;
  trace::Context trace;  // the trace it belongs to and the span it hangs under (0: it is the root)
  std::string input_hash;  // sha256, for StartExecution's idempotency
  std::string started_by;  // request id of the task that started it (nested executions)
  std::string parent_arn;  // of the execution that this task is of
  // Of a nested execution: the child of a Map Run that started it, itself or through other nested
  // ones, and whose choice of detail is also its own; run 0 when none did.
  history::ExecutionKey detail_of;
  // Of a nested execution: the execution whose task waits for it, and the ordinal of that task; 0:
  // nobody waits.
  history::ExecutionKey waiter;
  uint32_t waiting_task = 0;
  bool express = false;
  history::ExecutionStatus status = history::ExecutionStatus::kRunning;
  base::UnixMs start_ms = 0;
  base::UnixMs stop_ms = 0;
  uint32_t redrive_count = 0;
  base::UnixMs redrive_ms = 0;  // of the last redrive
  std::string redrive_token;    // clientToken of that
  bool imported = false;        // ran elsewhere (importing/import.h): shown, never run
  bool lost = false;            // part of it went with a part of the store: it is not redriven
};

enum class MapRunStatus : uint8_t { kRunning, kSucceeded, kFailed, kAborted };
std::string_view to_string(MapRunStatus status);

// Changes of one Map Run that are kept; more are refused.
inline constexpr size_t kMapRunChangesMax = 1'000;

// One setting of a Map Run that UpdateMapRun changed while it ran.
struct LimitChange {
  enum class Setting : uint8_t {
    kConcurrency,
    kToleratedFailureCount,
    kToleratedFailurePercentage
  } setting = Setting::kConcurrency;
  base::UnixMs at_ms = 0;
  double from = 0;
  double to = 0;
  friend bool operator==(const LimitChange&, const LimitChange&) = default;
};
// "concurrency", "toleratedFailureCount", "toleratedFailurePercentage".
std::string_view to_string(LimitChange::Setting setting);

// A Map Run: written when it starts, when its limits change and when it ends. What is between
// follows from its slices and rows.
struct MapRunRecord {
  uint64_t number = 0;
  std::string arn;
  std::string execution_arn;  // the parent
  history::ExecutionKey parent;
  history::ScopeId parent_scope = 0;
  uint32_t state = 0;  // asl::StateId of the Map state
  std::string state_name;
  std::string label;
  bool express = false;      // its children are Express executions
  std::string machine_name;  // the parent's, without label
  std::string definition_hash;
  std::string role_arn;
  std::string configuration;  // JSON text: the evaluated fields the Map Run works by
  MapRunStatus status = MapRunStatus::kRunning;
  base::UnixMs start_ms = 0;
  base::UnixMs stop_ms = 0;
  // The limits that hold now; those it began with are in the configuration.
  int64_t max_concurrency = 0;
  double tolerated_failure_percentage = 0;
  int64_t tolerated_failure_count = 0;
  std::vector<LimitChange> changes;  // in order of time, at most kMapRunChangesMax
  history::MapRunCounts items;       // as of the end; zero while running
  history::MapRunCounts executions;
  std::string error;
  std::string cause;
  // All its children have ended, and their results are being written to files: what it ends as then
  // if that works. The counts, the error and the cause are final; its status is still RUNNING.
  std::optional<MapRunStatus> closing;
  std::string result_bucket;  // of a ResultWriter's files; "" = results were not exported
  std::string result_key;     // of the manifest
  std::vector<history::ResultFile> result_files;  // that the manifest names
  uint32_t redrive_count = 0;
  base::UnixMs redrive_ms = 0;    // of the last redrive
  uint64_t generation_chunk = 0;  // rows in this chunk and beyond are of the last redrive
  uint64_t exported_chunk = 0;    // successes in rows before this chunk are in result_files
  uint64_t detail_budget = 0;     // children that may keep full detail; 0 = all
  uint64_t detail_bytes = 0;      // of spans that finished children may keep together; 0 = any
  trace::Context trace;           // of its children: the parent's trace, this run's span
  bool imported = false;  // as in ExecutionRecord; its children's names are in Family::kName
  bool lost = false;      // as in ExecutionRecord
  uint64_t revision = 0;  // grows whenever stored rows change: by imports and redrives
};

// "machine/label": what children of a Map Run call their state machine.
std::string labelled_machine(const MapRunRecord& run);
// What the ARNs of the children of a Map Run that ran here begin with, the last colon included; the
// name follows (ChildNames::name_in_arn).
std::string child_arn_prefix(const MapRunRecord& run);
// The ARN of a child of a Map Run that ran here.
std::string child_arn(const MapRunRecord& run, const arn::ChildNames& names, uint64_t index);

std::string encode(const MachineRecord& record);
std::string encode(const ExecutionRecord& record);
std::string encode(const MapRunRecord& record);
base::Result<MachineRecord> decode_machine(std::string_view bytes);
base::Result<ExecutionRecord> decode_execution(std::string_view bytes);
base::Result<MapRunRecord> decode_map_run(std::string_view bytes);

// The rows of a chunk of a Map Run that ran here. kStorage when the bytes are damaged, or name a
// child that no Map Run can have: readers keep tables by index.
base::Result<std::vector<history::ChildRow>> decode_own_rows(std::string_view bytes);

// Where detail of a top-level execution is stored.
history::DetailKey detail_key(const ExecutionRecord& record);

}  // namespace weft::records
