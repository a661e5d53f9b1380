#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "asl/program.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"
#include "base/time.h"
#include "engine/decide.h"
#include "history/detail_key.h"
#include "history/result_file.h"
#include "history/row_of_events.h"
#include "history/rows.h"
#include "integrations/task.h"
#include "maprun/map_run.h"
#include "records/records.h"
#include "running/requests.h"
#include "store/store.h"

// What a shard needs from outside and what it hands out. The server implements the ports with
// threads, clocks and sockets; the simulator with a virtual clock and faults.

namespace weft::running {

class Shard;

// A Map Run's constant facts, shared by its children.
struct RunInfo {
  records::MapRunRecord record;
  std::shared_ptr<const asl::Program> program;
  asl::BlockId processor = 0;
  std::string machine_name;  // "machine/label"
  std::string machine_arn;
  std::string child_arn_prefix;  // records::child_arn_prefix: made once a run, not once a child

  std::string child_arn(const arn::ChildNames& names, uint64_t index) const {
    return child_arn_prefix + names.name_in_arn({record.number, index}, record.express);
  }
};

// ---- messages: what a shard's inbox holds
struct StartTopLevel {
  records::ExecutionRecord record;
  std::shared_ptr<const asl::Program> program;
  base::Text input;
  std::move_only_function<void()> started;  // called once the start is durable; may be empty
  // Express only: nothing is stored before the end, and `ended` is called once that is durable
  // (StartSyncExecution). A crash before it leaves nothing.
  bool synchronous = false;
  std::move_only_function<void()> ended;
};
struct StartChildExecution {
  std::shared_ptr<const RunInfo> run;
  uint64_t index = 0;
  uint32_t lane = 0;
  maprun::ChildInput input;
  uint32_t redrives = 0;  // Express children begin anew when they are redriven
};
// A Standard execution that ended goes on; put together again by replay().
struct RedriveTopLevel {
  records::ExecutionRecord record;  // as it is once it goes on
  engine::ExecutionState state;
  uint32_t turns = 0;
  std::move_only_function<void()> redriven;  // called once that is durable
};
struct RedriveChild {
  std::shared_ptr<const RunInfo> run;
  uint64_t index = 0;
  uint32_t lane = 0;
  uint32_t items = 1;
  engine::ExecutionState state;
  uint32_t turns = 0;
  history::RowOfEvents row;
};
struct Deliver {  // an input for an execution; dropped when it is closed
  history::ExecutionKey key;
  engine::Input input;
  // Called once what it changed is durable, or that it changed nothing; may be empty.
  std::move_only_function<void()> settled{};
};
// How far a task has come whose time seemed over (integrations::DeadlineRequest).
struct TaskOverdue {
  integrations::DeadlineRequest asked;
  std::optional<history::InvocationTiming> timing;  // see TaskRunner::progress
};
struct AnswerTask {  // by its token
  history::ExecutionKey key;
  uint32_t task = 0;
  TaskAnswer answer;
  // Once it is durable, whether it was taken: false when the task is not out any more.
  std::move_only_function<void(bool)> told;
};
struct BeginMapRun {
  std::shared_ptr<const RunInfo> run;
};
struct MapRunPage {
  uint64_t run = 0;
  std::variant<maprun::PageRead, maprun::ReadFailed> page;
};
struct MapRunChildEnded {
  uint64_t run = 0;
  history::ChildRow row;
};
struct EndMapRun {  // the parent wants it stopped
  uint64_t run = 0;
};
struct ChangeMapRun {  // `done` is told once it is durable, or why it cannot be
  uint64_t run = 0;
  maprun::ChangeLimits limits;
  std::move_only_function<void(base::Result<void>)> done;
};
struct MapRunChildReturned {  // it was to run again, and did not
  uint64_t run = 0;
  uint64_t index = 0;
};
// A Map Run is to be redriven: as soon as it has ended.
struct RedriveRun {
  uint64_t run = 0;
  uint32_t redrives = 0;  // how many there will have been
  std::shared_ptr<const asl::Program> program;
};
struct MapRunReopened {
  uint64_t run = 0;
  std::shared_ptr<const RunInfo> info;
  std::unique_ptr<maprun::MapRun> machine;
  uint32_t slices = 0;
  uint64_t output_bytes = 0;
  store::Batch batch;
  std::optional<maprun::ReadFailed> fault{};  // why it ends at once
};
// What a ResultWriter wrote.
struct WrittenResults {
  std::string manifest_key;
  std::vector<history::ResultFile> files;  // that the manifest names
};
// Rows that lay aside while a run was redriven and come back with its end.
struct SettledRows {
  store::Batch batch;                   // that puts them back
  std::vector<history::ChildRow> back;  // them
};
struct MapRunResultsWritten {
  uint64_t run = 0;
  base::Result<WrittenResults> written;
  SettledRows rows;  // settle_rows(), for the commit with which the run ends
};
struct StopChildrenOf {
  uint64_t run = 0;
  uint32_t redrives = 0;  // of it by now
  bool aborted = false;   // the run was stopped: else it failed
};
struct Ask {  // runs on the shard
  std::move_only_function<void(Shard*)> question;
};
using Message = std::variant<StartTopLevel, StartChildExecution, RedriveTopLevel, RedriveChild,
                             Deliver, TaskOverdue, AnswerTask, BeginMapRun, MapRunPage,
                             MapRunChildEnded, MapRunChildReturned, RedriveRun, MapRunReopened,
                             MapRunResultsWritten, EndMapRun, ChangeMapRun, StopChildrenOf, Ask>;

// ---- effects: released once the commit they belong to is durable
struct Send {
  uint32_t shard = 0;
  Message message;
};
struct ReadItems {
  std::shared_ptr<const RunInfo> run;
  std::shared_ptr<const maprun::Configuration> configuration;
  std::string cursor;
  std::shared_ptr<const std::atomic<bool>> unwanted;  // once the run ends: nobody hears the page
};
struct CollectResults {  // outputs of a succeeded Map Run, for its parent
  std::shared_ptr<const RunInfo> run;
  std::shared_ptr<const maprun::Configuration> configuration;
  uint64_t output_bytes = 0;
};
// A child that ended is to go on: read what it was, answer with RedriveChild.
struct ReadChild {
  std::shared_ptr<const RunInfo> run;
  uint64_t index = 0;
  uint32_t lane = 0;
  uint32_t items = 1;
};
// A Map Run that ended is to go on: reopen_run(), answered by MapRunReopened.
struct ReopenMapRun {
  uint64_t run = 0;
  uint32_t redrives = 0;
  std::shared_ptr<const asl::Program> program;
};
// What is to be done between the end of a Map Run's last child and its own: results to files,
// settle_rows(); answered by MapRunResultsWritten. May be asked for again after a crash: the same
// is done.
struct WriteResults {
  std::shared_ptr<const RunInfo> run;
  std::shared_ptr<const maprun::Configuration> configuration;
};
struct Notify {
  std::move_only_function<void()> call;
};
using Effect = std::variant<integrations::TaskRequest, integrations::HandOutRequest,
                            integrations::CancelRequest, integrations::WithdrawRequest,
                            integrations::DeadlineRequest, Send, ReadItems, CollectResults,
                            ReadChild, ReopenMapRun, WriteResults, Notify>;

// Spans, or log lines, that functions of one execution sent together, on their way to the disk.
struct StoredDetail {
  history::DetailKey key;
  uint64_t sequence = 0;  // with `key`, where they are stored
  uint32_t count = 0;
  std::string bytes;
  store::Family family = store::Family::kSpan;  // or kLog
  bool pin = false;  // a span among them was marked to be kept: so is the child
};

// One turn on its way to the disk.
struct TurnCommit {
  store::Batch batch;
  uint64_t row_run = 0;  // Map Run of `row`
  std::optional<history::ChildRow> row;
  uint64_t ended_run = 0;                    // a Map Run that ends with it
  std::vector<history::ChildRow> rows_back;  // of that, which `batch` puts back
  uint64_t reopened_run = 0;                 // one that ended before and goes on
  std::vector<StoredDetail> spans;
  std::vector<Effect> effects;

  size_t bytes() const;  // to be written, about
};

// Makes commits durable in the order of submission, then performs their effects.
class CommitSink {
 public:
  virtual ~CommitSink() = default;
  virtual void submit(TurnCommit commit) = 0;
};

// Performs effects; also directly for those that depend on nothing unsaved.
class EffectSink {
 public:
  virtual ~EffectSink() = default;
  virtual void perform(Effect effect) = 0;
};

// Numbers for new Map Runs.
class RunNumbers {
 public:
  virtual ~RunNumbers() = default;
  virtual uint64_t next_run() = 0;
};

}  // namespace weft::running
