#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arn/arn.h"
#include "base/error.h"
#include "history/detail_key.h"
#include "history/event.h"
#include "history/rows.h"
#include "records/records.h"
#include "store/store.h"
#include "trace/detail.h"
#include "trace/inner_span.h"
#include "trace/log_line.h"

namespace weft::records {
struct Replayed;
}

namespace weft::reading {

// What DescribeExecution shows, for a top-level execution or a child.
struct ExecutionView {
  history::ExecutionKey key;
  std::string arn;
  std::string name;
  std::string machine_arn;  // labelled for children
  std::string map_run_arn;  // children only
  std::string trace_header;
  history::ExecutionStatus status = history::ExecutionStatus::kRunning;
  base::UnixMs start_ms = 0;
  base::UnixMs stop_ms = 0;
  base::Text input;
  base::Text output;  // null unless SUCCEEDED
  std::optional<std::string> error;
  std::optional<std::string> cause;
  uint64_t redrive_count = 0;
  base::UnixMs redrive_ms = 0;  // of the last redrive; 0: there was none
  uint64_t events = 0;          // the id of the last one that is stored
  bool express = false;
};

// One line of ListExecutions.
struct ExecutionItem {
  history::ExecutionKey key;
  std::string arn;
  std::string name;
  std::string machine_arn;
  std::string map_run_arn;
  history::ExecutionStatus status = history::ExecutionStatus::kRunning;
  base::UnixMs start_ms = 0;
  base::UnixMs stop_ms = 0;
  uint32_t item_count = 0;  // children only
  uint64_t redrive_count = 0;
  base::UnixMs redrive_ms = 0;  // 0: there was none
};

template <typename T>
struct Page {
  std::vector<T> rows;
  std::string next_token;  // "" when this is the last page
};

// What a process may do to the files that follow from the store (reading/column_files.h): only the
// one that has the store open for writing takes any away.
enum class DerivedFiles : uint8_t { kRead, kKeep };

// The reading side: everything the service API, the trace and the summary show comes out of the
// store through here. Works on a store opened read-only too. Thread-safe; blocking.
class Query {
 public:
  // `derived_directory`: where files lie that follow from what is stored (reading/column_files.h);
  // "" for none.
  Query(const store::Store& store, arn::Home identity, std::string derived_directory = {},
        DerivedFiles derived_files = DerivedFiles::kRead);

  const store::Store& store() const { return store_; }
  const arn::Home& identity() const { return identity_; }
  const arn::ChildNames& child_names() const { return child_names_; }
  const std::string& derived_directory() const { return derived_directory_; }
  bool keeps_derived_files() const { return derived_files_ == DerivedFiles::kKeep; }

  base::Result<records::MachineRecord> machine(std::string_view arn) const;
  base::Result<Page<records::MachineRecord>> machines(size_t limit, std::string_view token) const;
  base::Result<base::Text> definition(std::string_view hash) const;

  // Own executions and imported ones, children and Express executions too. An Express execution is
  // there from its start on, one that was started synchronously from its end on.
  base::Result<history::ExecutionKey> find_execution(std::string_view arn) const;
  // Whether it ran elsewhere and was imported: nobody works on it here.
  base::Result<bool> is_imported(history::ExecutionKey key) const;
  base::Result<ExecutionView> execution(std::string_view arn) const;
  base::Result<records::ExecutionRecord> execution_record(history::ExecutionKey top_level) const;
  // The imported execution whose task started the one called `arn`, when its logs say so.
  base::Result<std::optional<history::ExecutionKey>> imported_outer(std::string_view arn) const;
  // Newest first. `status` narrows; an empty `machine_arn` means all state machines.
  base::Result<Page<ExecutionItem>> executions(std::string_view machine_arn,
                                               std::optional<history::ExecutionStatus> status,
                                               size_t limit, std::string_view token) const;
  base::Result<Page<ExecutionItem>> children(std::string_view map_run_arn,
                                             std::optional<history::ExecutionStatus> status,
                                             size_t limit, std::string_view token) const;
  // Of a Map Run that is being redriven the children that are to run again and have not ended
  // since, PENDING_REDRIVE or at work: highest index first, those below `before`.
  base::Result<Page<ExecutionItem>> children_to_redrive(const records::MapRunRecord& run,
                                                        size_t limit, uint64_t before) const;

  // All events in order, internal ones included (they have id 0).
  base::Result<std::vector<history::Event>> events(history::ExecutionKey key) const;

  // The same one after the other, from turn number `from_turn` on, or from it back to the first
  // (from the last for UINT32_MAX), until `visit` returns false. Holds the events of one turn at a
  // time.
  base::Result<void> visit_events(
      history::ExecutionKey key, uint32_t from_turn, bool reverse,
      const std::function<bool(uint32_t turn, const history::Event& event)>& visit) const;

  // Where its detail is stored; run 0: of a top-level execution, which is read for that.
  base::Result<history::DetailKey> detail_key_of(history::ExecutionKey key) const;

  // What the functions of an execution sent, in order of arrival.
  base::Result<std::vector<trace::InnerSpan>> inner_spans(history::ExecutionKey key) const;

  // What the functions of all children of a Map Run sent, child by child in order of index; of
  // executions nested in a child with the child.
  base::Result<void> spans_of_children(
      uint64_t map_run,
      const std::function<void(uint64_t index, const trace::InnerSpan&)>& visit) const;

  // What the functions of an execution printed and logged, by time: of the first execution in
  // [from, to) that has any; nothing when none has. `wants`, when it is given, is asked about each
  // stored block of lines by its sequence number; later blocks have higher ones.
  struct LoggedLines {
    history::DetailKey key;
    std::vector<trace::LogLine> lines;
  };
  base::Result<std::optional<LoggedLines>> next_log_lines(
      history::DetailKey from, history::DetailKey to,
      const std::function<bool(uint64_t sequence)>& wants = {}) const;
  // The execution that made a function call which logged something, whether its lines were kept or
  // not; nothing when there is none.
  base::Result<std::optional<history::ExecutionKey>> find_request(
      std::string_view request_id) const;
  // The ARN of an execution of this store.
  base::Result<std::string> execution_arn(history::ExecutionKey key) const;

  base::Result<std::vector<records::MapRunRecord>> map_runs(history::ExecutionKey parent) const;
  // Numbers of the first `limit` Map Runs that children of a Map Run started, or executions nested
  // in them.
  base::Result<std::vector<uint64_t>> map_runs_of_children(uint64_t map_run, size_t limit) const;
  // Whether a part of a Map Run that children of this one started, themselves or through others,
  // was lost with a part of the store (MapRunRecord::lost).
  bool has_lost_a_part_below(uint64_t map_run) const;
  base::Result<records::MapRunRecord> map_run(std::string_view arn) const;
  base::Result<records::MapRunRecord> map_run(uint64_t number) const;
  // Rows of finished children in order of completion; `visit` may stop by returning false.
  base::Result<void> rows(uint64_t map_run,
                          const std::function<bool(const history::ChildRow&)>& visit) const;
  // The same chunk by chunk, from chunk `first` on; a chunk never changes and new ones come last,
  // so that a reader of a running Map Run goes on after the last it saw. `visit` gets the chunk's
  // number.
  base::Result<void> row_chunks(
      uint64_t map_run, uint64_t first,
      const std::function<bool(uint64_t chunk, std::span<const history::ChildRow>)>& visit) const;
  // The inputs of children, in order of their index; none beyond what has been read of the source.
  base::Result<void> child_inputs(
      uint64_t map_run,
      const std::function<bool(uint64_t index, std::string_view input)>& visit) const;
  // Every turn of every execution of `run` (a Map Run's children; 0: the top-level executions), by
  // execution in order of index, turns in order.
  base::Result<void> turns(
      uint64_t run,
      const std::function<bool(history::ExecutionKey, const history::TurnEvents&)>& visit) const;
  // The same of the executions with an index in [from, to).
  base::Result<void> turns(
      uint64_t run, uint64_t from, uint64_t to,
      const std::function<bool(history::ExecutionKey, const history::TurnEvents&)>& visit) const;
  // Which children of a Map Run kept full detail. While it goes on: of those that finished by now,
  // which takes a read of all their rows, or with `kept`, which serves one Map Run from one asking
  // to the next, of those that came since. Nothing when it has no budget: then all did.
  base::Result<std::optional<trace::DetailChoice>> detail(
      uint64_t map_run, std::unique_ptr<records::Replayed>* kept = nullptr) const;
  std::string child_arn(const records::MapRunRecord& run, uint64_t index) const;
  // The ARN of the child with this name, as lists show it: of an Express child with or without the
  // UUID behind it. Nothing when there is none.
  base::Result<std::optional<std::string>> child_called(std::string_view name) const;

 private:
  base::Result<void> imported_inputs(
      uint64_t map_run,
      const std::function<bool(uint64_t index, std::string_view input)>& visit) const;
  ExecutionItem child_item(const records::MapRunRecord& run, const history::ChildRow& row) const;
  // What a row does not say of a child that was redriven: when it began at first.
  base::Result<void> add_first_start(const records::MapRunRecord& run, ExecutionItem& item) const;
  // The row of an ended child, which is searched for; nothing when there is none.
  base::Result<std::optional<history::ChildRow>> row_of(uint64_t map_run, uint64_t index) const;
  base::Result<void> add_redrives(const records::MapRunRecord& run, ExecutionView& view) const;
  base::Result<std::optional<history::ExecutionKey>> own_execution(
      const arn::StatesArn& parts) const;
  base::Result<std::optional<history::ExecutionKey>> own_express(const arn::StatesArn& parts) const;
  base::Result<std::optional<std::string>> imported(std::string_view arn) const;

  const store::Store& store_;
  arn::Home identity_;
  std::string derived_directory_;
  DerivedFiles derived_files_;
  arn::ChildNames child_names_;  // key read from Family::kMeta "child-name-key"
};

}  // namespace weft::reading
