#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "arn/arn.h"
#include "aws/json_protocol.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "cloudwatch/log_event.h"
#include "importing/import.h"
#include "integrations/integration.h"
#include "metrics/registry.h"
#include "reading/query.h"
#include "records/kept_detail.h"
#include "records/records.h"
#include "running/requests.h"
#include "store/store.h"
#include "telemetry/sink.h"

namespace weft::asl {
struct Program;
}
namespace weft::lambda {
class FunctionPool;
}
namespace weft::s3 {
class BucketRegistry;
class ObjectSource;
}  // namespace weft::s3

namespace weft::running {

class TaskCallbacks;

struct HostOptions {
  const base::Clock* clock = nullptr;  // must be given; outlives the host
  arn::Home identity;
  std::string derived_directory;  // reading::Query's; "" = none
  uint32_t shards = 0;            // 0 = one per core
  // Payload limit in bytes; AWS's 262,144 unless raised for local use.
  size_t state_data_bytes_max = 262'144;
  // How many children of a Map Run keep full detail (running/detail_keeper.h); 0 = all.
  uint64_t detail_budget = records::kDetailBudget;
  // How many bytes of spans those may keep together; 0 = any.
  uint64_t detail_bytes = 0;
  // A ResultWriter begins a new file before one would be larger. AWS: 5 GB.
  uint64_t result_file_bytes_max = base::kResultFileBytesMax;
  int64_t express_ms_max = kExpressMsMax;  // how long an Express execution may take
  // Told of every function call, so that spans which functions send find their place. May be null;
  // outlives the host.
  telemetry::Invocations* invocations = nullptr;
  // The services that tasks call beside Lambda. They outlive the host, which shuts them down.
  std::vector<integrations::Integration*> integrations;
  // Told of every execution and child that has ended, once that is durable; children come with
  // their row. Called on the committer's thread: it must return at once. May be empty.
  std::function<void(history::ExecutionKey, const std::optional<history::ChildRow>&)> ended;
  // The same of every Map Run, after all its children.
  std::function<void(uint64_t run)> run_ended;
  // Where the items of Distributed Maps are read; null = the buckets the host is given. Outlives
  // it.
  s3::ObjectSource* objects = nullptr;
  // Whether an execution with this definition, open when the host is opened, can go on here: else
  // it stays open as it is (Host::held()), and the error says what is missing. Empty: all can.
  std::function<base::Result<void>(const asl::Program&)> can_go_on;
  // Whether a store that is found damaged is read on, and all commands fail with kStorage; else the
  // process ends, as on any error of the disk.
  bool reads_on_when_damaged = false;
  // DuckDB's library, for Parquet files; "" = where it usually is.
  std::string parquet_library;
  // Runs the tasks of functions instead of the pool; for measurements and tests. Outlives the host.
  integrations::TaskRunner* tasks = nullptr;
};

// Runs executions: shards, committer, timers, integrations, recovery. Commands may come from any
// thread and return once their effect is durable. An unrecoverable storage error stops the process
// (exit code 70) after one clear sentence.
class Host : public telemetry::Sink {
 public:
  using TaskTried = std::move_only_function<void(base::Result<std::optional<engine::Input>>)>;

  // `functions` and `buckets` may be null: then tasks and readers that need them fail with AWS's
  // error. Recovers every open execution found in the store before it returns; recovered work
  // starts running at once.
  static base::Result<std::unique_ptr<Host>> open(HostOptions options, store::Store& store,
                                                  lambda::FunctionPool* functions,
                                                  s3::BucketRegistry* buckets);
  ~Host() override = default;  // drains commits, abandons what runs (it resumes at the next open)

  virtual const reading::Query& query() const = 0;
  // Whether executions can be started and stopped here; else all commands fail with kUnavailable.
  virtual bool runs() const { return true; }

  virtual base::Result<records::MachineRecord> create_state_machine(
      const CreateStateMachine& request) = 0;
  // kStateMachineDoesNotExist, also for what is no whole machine; kInvalidDefinition.
  virtual base::Result<records::MachineRecord> update_state_machine(
      const UpdateStateMachine& /*request*/) {
    return base::fail(base::ErrorCode::kUnavailable, "Nothing can be changed here");
  }
  virtual base::Result<void> delete_state_machine(std::string_view arn) = 0;
  // Of a state machine or an activity. ResourceNotFound, TooManyTags, kInvalidArn.
  virtual std::expected<void, aws::Fault> change_tags(std::string_view /*arn*/,
                                                      const records::TagChange& /*change*/) {
    return std::unexpected(
        aws::Fault(base::ErrorCode::kUnavailable, "Nothing can be changed here"));
  }
  virtual base::Result<StartedExecution> start_execution(const StartExecution& request) = 0;
  // Runs an Express execution. `ended` is called once its end is durable, on a thread that may
  // read, or at once with an error; never when the host goes before. A crash leaves nothing.
  virtual void start_synchronous_execution(
      const StartExecution& /*request*/,
      std::move_only_function<void(base::Result<reading::ExecutionView>)> ended) {
    ended(base::fail(base::ErrorCode::kUnavailable, "Nothing can be run here"));
  }
  // ExecutionAborted; closed executions return their stop date.
  virtual base::Result<base::UnixMs> stop_execution(std::string_view arn,
                                                    std::optional<std::string> error,
                                                    std::optional<std::string> cause) = 0;

  // Runs a task that is of no execution, at most so long, and tells how it ended on a thread that
  // may block: nothing when it took too long. Not told when the host goes before.
  virtual void run_task(integrations::TaskRequest /*request*/, std::chrono::milliseconds /*limit*/,
                        TaskTried tried) {
    tried(base::fail(base::ErrorCode::kUnavailable, "Nothing can be run here"));
  }
  // RedriveExecution: a Standard execution that ended without success goes on where it stopped, and
  // so do its Map Runs. Returns when it does so; the same `client_token` within 15 minutes returns
  // the same date. kExecutionNotRedrivable with the reason in AWS's words.
  virtual base::Result<base::UnixMs> redrive_execution(std::string_view /*arn*/,
                                                       std::string_view /*client_token*/) {
    return base::fail(base::ErrorCode::kUnavailable, "Nothing runs here");
  }

  // Executions that were open when the host was opened and wait, because something they need was
  // not given (HostOptions::can_go_on). Stopping them, and answers to their tasks, are
  // kUnavailable.
  virtual const std::vector<HeldExecution>& held() const {
    static const std::vector<HeldExecution> kNone;
    return kNone;
  }
  // Task tokens and activities; null in hosts that run nothing. Lives as long as the host.
  virtual TaskCallbacks* task_callbacks() { return nullptr; }
  // What of an execution waits for somebody who has a task token, or for a worker.
  virtual std::vector<WaitingTask> waiting_tasks(std::string_view /*execution_arn*/) const {
    return {};
  }
  // New limits for a Map Run at work; they hold, and are durable, when it returns. kInvalidArgument
  // when it does not run here (any more), kLimit beyond records::kMapRunChangesMax changes.
  virtual base::Result<void> update_map_run(std::string_view /*arn*/,
                                            const maprun::ChangeLimits& /*limits*/) {
    return base::fail(base::ErrorCode::kUnavailable, "Nothing runs here");
  }

  // Live state of the Map Runs an execution has open (closed ones come from query()).
  virtual std::vector<MapRunProgress> progress(std::string_view execution_arn) const = 0;
  virtual std::optional<MapRunProgress> map_run_progress(std::string_view map_run_arn) const = 0;
  // How often the Map Run was redriven by now: more than its record says while it is still read for
  // the last redrive. 0 when it is not at work here.
  virtual uint32_t map_run_redrives(uint64_t /*run*/) const { return 0; }
  // Children that run at the moment, newest first.
  virtual std::vector<reading::ExecutionItem> running_children(
      std::string_view map_run_arn) const = 0;

  // All counted and measured since the host was opened, and gauges of what is open: the names are
  // those of metric_descriptions(). Nothing from hosts that run nothing.
  virtual metrics::Registry metrics() const { return {}; }
  // Which children of a Map Run kept full detail, as of now; nothing when nobody has decided, that
  // is, when all did.
  virtual base::Result<std::optional<trace::DetailChoice>> detail(uint64_t map_run) const {
    return query().detail(map_run);
  }
  // Of an open Map Run the children that are sure to keep full detail (DetailKeeper::certain()).
  virtual std::vector<columns::Sampler::Certain> certain_detail(uint64_t /*map_run*/,
                                                                size_t /*from*/) const {
    return {};
  }
  // Of spans and log lines, base::kSpanQueueBytesMax together may wait for the disk.
  bool store_spans(const std::vector<telemetry::SpanBlock>& /*blocks*/, Moment /*until*/) override {
    return false;
  }
  bool store_logs(const std::vector<telemetry::LogBlock>& /*blocks*/, Moment /*until*/) override {
    return false;
  }
  // Spans and log lines that came when their child had ended and had kept no detail, since the
  // start.
  virtual LateTelemetry late_telemetry() const { return {}; }

  // Takes in what is told of executions that ran elsewhere (importing/import.h); durable when it
  // returns. Imports that come at once wait for one another.
  virtual base::Result<importing::ImportReport> import_lines(
      std::vector<cloudwatch::LogEvent>&& /*lines*/) {
    return base::fail(base::ErrorCode::kUnavailable, "Nothing can be imported here");
  }

  // Blocks until the effects of all that was stored before the call have been performed, so that
  // HostOptions.ended has told of them.
  virtual void await_effects() {}

  // Blocks until the execution is closed or `deadline_ms` from now has passed; true when it is
  // closed.
  virtual bool wait(std::string_view execution_arn, int64_t deadline_ms) const = 0;
};

}  // namespace weft::running
