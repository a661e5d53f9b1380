#include "cli/synth_run.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "cli/commands.h"
#include "columns/synthetic.h"
#include "history/codec.h"
#include "maprun/slice.h"
#include "reading/column_files.h"
#include "reading/query.h"
#include "records/content_hash.h"
#include "records/records.h"
#include "server/data_directory.h"
#include "server/options.h"
#include "store/store.h"

namespace weft::cli {
namespace {

using history::Event;
using history::EventType;
using history::ExecutionStatus;

constexpr size_t kSliceChildren = 1'000;
constexpr size_t kChunkRows = 10'000;
constexpr std::string_view kMachine = "SynthPipeline";
constexpr std::string_view kFunction = "arn:aws:lambda:us-east-1:000000000000:function:transform";
constexpr std::string_view kDefinition = R"({
  "Comment": "Written by weft debug synth-run: nobody ran it",
  "QueryLanguage": "JSONata",
  "StartAt": "Process images",
  "States": {
    "Process images": {
      "Type": "Map",
      "Label": "Process",
      "MaxConcurrency": 1000,
      "ToleratedFailurePercentage": 10,
      "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Transform image",
        "States": {
          "Transform image": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:000000000000:function:transform", "End": true}
        }
      },
      "End": true
    }
  }
})";

// Names of errors by their group in the columns; 4,711 is the burst.
struct MadeFailure {
  std::string error;
  std::string cause;
};
MadeFailure failure_of(uint32_t group, ExecutionStatus status) {
  if (status == ExecutionStatus::kTimedOut) return {"States.Timeout", ""};
  if (group == 4'711) return {"S3.SlowDown", "Please reduce your request rate."};
  constexpr std::array<std::string_view, 12> kWhat = {
      "marker",   "palette", "header", "checksum", "profile",   "scan line",
      "exif tag", "stripe",  "tile",   "gamma",    "interlace", "orientation"};
  return {"ImageDecodeError", fmt::format("unexpected {}", kWhat[(group - 1) % kWhat.size()])};
}

class Writer {
 public:
  Writer(store::Store& store, const columns::Columns& columns) : store_(store), columns_(columns) {
    std::string key;
    store::append_u64(key, 0x5EED);  // of the children's names
    put(store::Family::kMeta, "child-name-key", key);
  }

  base::Result<void> write() {
    if (auto done = commit(); !done) return done;
    const reading::Query query(store_, arn::Home{});  // which reads the key
    begin(query);
    if (auto done = commit(); !done) return done;
    for (size_t first = 0; first < columns_.size(); first += kSliceChildren) {
      put_slice(first, std::min(columns_.size(), first + kSliceChildren));
      if (auto done = commit(); !done) return done;
    }
    return put_rows();
  }

 private:
  void put(store::Family family, std::string key, std::string value) {
    batch_.put(family, std::move(key), std::move(value));
  }
  base::Result<void> commit() { return store_.commit(std::exchange(batch_, {})); }

  std::string input_of(size_t row) const {
    return fmt::format(R"({{"Key":"{}IMG_{:07}.tif","Size":{}}})",
                       columns_.folder.text(static_cast<uint32_t>(row)), row,
                       columns_.input_bytes[row]);
  }
  ExecutionStatus status(size_t row) const { return columns_.status[row]; }
  base::UnixMs start_ms(size_t row) const {
    return (columns_.origin_us + columns_.start[row]) / 1'000;
  }
  base::UnixMs end_ms(size_t row) const {
    return (columns_.origin_us + columns_.start[row] + columns_.duration[row]) / 1'000;
  }

  // The machine, the execution and its Map Run, which ended with the last child.
  void begin(const reading::Query& query) {
    const arn::Home home;
    const std::string hash = records::content_hash(kDefinition);
    const base::UnixMs origin_ms = columns_.origin_us / 1'000;
    const std::string machine = arn::machine_arn(home, kMachine);
    const std::string role = "arn:aws:iam::000000000000:role/synth";
    base::UnixMs stop_ms = origin_ms;
    history::MapRunCounts counts;
    for (size_t row = 0; row < columns_.size(); ++row) {
      stop_ms = std::max(stop_ms, end_ms(row));
      ++counts.ended(status(row));
      ++counts.total;
    }
    counts.results_written = counts.total;
    const records::ExecutionRecord execution{.key = {0, 1},
                                             .name = "synth",
                                             .arn = arn::execution_arn(home, kMachine, "synth"),
                                             .machine_name = std::string(kMachine),
                                             .machine_arn = machine,
                                             .role_arn = role,
                                             .definition_hash = hash,
                                             .trace = {.trace = trace::trace_of_root("synth")},
                                             .status = ExecutionStatus::kSucceeded,
                                             .start_ms = origin_ms,
                                             .stop_ms = stop_ms + 2};
    const records::MapRunRecord run{
        .number = 1,
        .arn = arn::map_run_arn(home, kMachine, "Process", query.child_names().map_run_uuid(1)),
        .execution_arn = execution.arn,
        .parent = {0, 1},
        .state_name = "Process images",
        .label = "Process",
        .machine_name = std::string(kMachine),
        .definition_hash = hash,
        .role_arn = role,
        .configuration = R"({"source":"listObjectsV2","arguments":{"Bucket":"synth"}})",
        .status = records::MapRunStatus::kSucceeded,
        .start_ms = origin_ms,
        .stop_ms = stop_ms + 1,
        .max_concurrency = 1'000,
        .tolerated_failure_percentage = 10,
        .items = counts,
        .executions = counts,
        .trace = {.trace = execution.trace.trace}};
    put(store::Family::kDefinition, hash, std::string(kDefinition));
    put(store::Family::kMachine, std::string(kMachine),
        encode(records::MachineRecord{.name = std::string(kMachine),
                                      .arn = machine,
                                      .role_arn = role,
                                      .created_ms = origin_ms,
                                      .definition_hash = hash}));
    put(store::Family::kExecution, records::execution_key(execution.key), encode(execution));
    put(store::Family::kName, records::name_key(kMachine, "synth"),
        records::execution_key(execution.key));
    put(store::Family::kMapRun, records::map_run_key(1), encode(run));
    put(store::Family::kExecutionMapRun, records::execution_map_run_key({0, 1}, 1), "");
    put_parent(run, execution);
  }

  static Event event(EventType type, uint64_t id, base::UnixMs at, std::string_view state = {},
                     std::string_view text = {}) {
    Event made{.type = type, .id = id, .previous_id = id - 1, .time_ms = at};
    made.name = state;
    if (!text.empty()) made.text = base::Text(text);
    return made;
  }
  void put_turn(history::ExecutionKey key, std::vector<Event> events) {
    std::string bytes;
    history::encode_turn({std::move(events)}, bytes);
    put(store::Family::kTurn, records::turn_key(key, 0), std::move(bytes));
  }

  void put_parent(const records::MapRunRecord& run, const records::ExecutionRecord& execution) {
    constexpr std::string_view kState = "Process images";
    std::vector<Event> events = {
        event(EventType::kExecutionStarted, 1, run.start_ms, {}, "{}"),
        event(EventType::kMapStateEntered, 2, run.start_ms, kState, "{}"),
        event(EventType::kMapStateStarted, 3, run.start_ms),
        event(EventType::kMapRunStarted, 4, run.start_ms, run.arn),
        event(EventType::kMapRunSucceeded, 5, run.stop_ms, run.arn),
        event(EventType::kMapStateSucceeded, 6, run.stop_ms),
        event(EventType::kMapStateExited, 7, run.stop_ms, kState, "[]"),
        event(EventType::kExecutionSucceeded, 8, execution.stop_ms, {}, "[]")};
    events[3].number = static_cast<int64_t>(run.number);
    put_turn(execution.key, std::move(events));
  }

  void put_child(size_t row, const std::string& input) {
    const base::UnixMs start = start_ms(row);
    const base::UnixMs end = end_ms(row);
    const ExecutionStatus ended = status(row);
    const bool failed = ended != ExecutionStatus::kSucceeded;
    constexpr std::string_view kState = "Transform image";
    const base::UnixMs called = start + columns_.queue[row] / 1'000;
    std::vector<Event> events = {event(EventType::kExecutionStarted, 1, start, {}, input),
                                 event(EventType::kTaskStateEntered, 2, start, kState, input),
                                 event(EventType::kLambdaFunctionScheduled, 3, start, {}, input),
                                 event(EventType::kLambdaFunctionStarted, 4, called)};
    events[2].resource = kFunction;
    Event outcome =
        event(failed ? EventType::kLambdaFunctionFailed : EventType::kLambdaFunctionSucceeded, 5,
              end, {}, failed ? "" : R"({"ok":true})");
    outcome.timing = history::InvocationTiming{.started_ms = called,
                                               .queued_us = columns_.queue[row],
                                               .init_us = columns_.cold[row],
                                               .run_us = columns_.run[row],
                                               .sandbox = columns_.lane[row]};
    if (failed) {
      const MadeFailure failure = failure_of(columns_.error_group[row], ended);
      if (ended == ExecutionStatus::kTimedOut) outcome.type = EventType::kLambdaFunctionTimedOut;
      outcome.error = failure.error;
      outcome.cause = failure.cause;
      Event last = event(ended == ExecutionStatus::kTimedOut ? EventType::kExecutionTimedOut
                                                             : EventType::kExecutionFailed,
                         6, end);
      last.error = failure.error;
      last.cause = failure.cause;
      events.push_back(std::move(outcome));
      events.push_back(std::move(last));
    } else {
      events.push_back(std::move(outcome));
      events.push_back(event(EventType::kTaskStateExited, 6, end, kState, R"({"ok":true})"));
      events.push_back(event(EventType::kExecutionSucceeded, 7, end, {}, R"({"ok":true})"));
    }
    put_turn({1, row}, std::move(events));
  }

  void put_slice(size_t first, size_t end) {
    maprun::Slice slice{.first_index = first,
                        .cursor = fmt::to_string(end),
                        .items_read = end,
                        .last = end == columns_.size()};
    for (size_t row = first; row < end; ++row) {
      const std::string input = input_of(row);
      slice.children.push_back({.input = base::Text(input)});
      put_child(row, input);
    }
    put(store::Family::kSlice, records::slice_key(1, static_cast<uint32_t>(first / kSliceChildren)),
        maprun::encode_slice(slice));
  }

  // Rows in the order in which children ended.
  base::Result<void> put_rows() {
    std::vector<uint32_t> order(columns_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::sort(order, {}, [&](uint32_t row) { return std::pair(columns_.end(row), row); });
    for (size_t first = 0; first < order.size(); first += kChunkRows) {
      std::string bytes;
      for (size_t i = first; i < std::min(order.size(), first + kChunkRows); ++i) {
        history::encode_row(row_of(order[i]), bytes);
      }
      put(store::Family::kRow, records::row_key(1, first / kChunkRows + 1), std::move(bytes));
      if (auto done = commit(); !done) return done;
    }
    return {};
  }
  history::ChildRow row_of(uint32_t row) const {
    const columns::Columns& c = columns_;
    history::ChildRow made{.index = c.index[row],
                           .start_ms = start_ms(row),
                           .duration_us = c.duration[row],
                           .lane = c.lane[row],
                           .status = c.status[row],
                           .retries = c.retries[row],
                           .cold_start_us = c.cold[row],
                           .queue_us = c.queue[row],
                           .run_us = c.run[row],
                           .input_bytes = c.input_bytes[row],
                           .output_bytes = c.output_bytes[row]};
    if (c.failed(row)) {
      const MadeFailure failure = failure_of(c.error_group[row], c.status[row]);
      made.error_group = history::error_fingerprint(failure.error, failure.cause);
    }
    return made;
  }

  store::Store& store_;
  const columns::Columns& columns_;
  store::Batch batch_;
};

}  // namespace

base::Result<void> write_synthetic_run(const std::string& data_directory, uint64_t children,
                                       uint64_t seed) {
  std::error_code error;
  const std::string directory = server::store_directory(data_directory);
  if (std::filesystem::exists(directory, error)) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("--data {}: it holds executions already, and this one is made "
                                  "for a fresh directory",
                                  data_directory));
  }
  if (auto made = server::make_data_directory(data_directory); !made) return made;
  auto store = store::open_rocksdb({.directory = directory});
  if (!store) return std::unexpected(store.error());
  const columns::Columns all = columns::synthetic_columns(children, seed);
  if (auto written = Writer(**store, all).write(); !written) return written;
  const reading::Query query(**store, arn::Home{}, server::derived_directory(data_directory));
  return reading::ColumnFiles(query).make_missing();
}

base::Result<int> synth_run_command(const SynthRunFlags& flags) {
  auto written = write_synthetic_run(flags.data_directory, flags.children, flags.seed);
  if (!written) return std::unexpected(written.error());
  fmt::print("Wrote a Map Run of {} children into {}\n", terminal::grouped(flags.children),
             flags.data_directory);
  return 0;
}

}  // namespace weft::cli
