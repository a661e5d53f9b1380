#include "importing/fetch_from_aws.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <map>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "arn/arn.h"
#include "importing/aws_reader.h"
#include "sync/mutex.h"
#include "trace/nested.h"

namespace weft::importing {
namespace {

using history::EventType;

constexpr size_t kNotesMax = 20;
constexpr uint64_t kEventBytes = 512;  // about what one takes beside its payload

uint64_t bytes_of(const AwsHistory& history) {
  uint64_t bytes = 0;
  for (const cloudwatch::LogEvent& line : history.events) {
    bytes += kEventBytes + line.event.text.size();
  }
  return bytes;
}

bool has_map_run(const AwsHistory& history) {
  return std::ranges::any_of(history.events, [](const cloudwatch::LogEvent& line) {
    return line.event.type == EventType::kMapRunStarted;
  });
}

class Walk {
 public:
  Walk(aws::StepFunctions& client, store::Store& store, const AwsImportOptions& options)
      : reader_(client),
        store_(store),
        options_(options),
        region_(arn::parse_states_arn(options.execution_arn)->region) {}

  base::Result<AwsImportReport> run();

 private:
  using Histories = std::vector<AwsHistory>;

  Histories read_part(const std::vector<std::string>& arns, const std::string& map_run_arn,
                      size_t& from);
  base::Result<void> take_executions(Histories executions);
  base::Result<void> take_children(const std::string& map_run_arn, const base::Text& definition);
  base::Result<void> store(Histories histories, const base::Text& definition);
  base::Text definition_of(const AwsHistory& execution);
  void find_nested(const AwsHistory& history);
  void want_nested(std::string arn);
  void note(std::string text) {
    const sync::MutexLock lock(mutex_);
    if (++notes_ <= kNotesMax) out_.notes.push_back(std::move(text));
  }
  void leave_out(const std::string& arn, const std::string& reason) {
    note(fmt::format("{} is left out: {}", arn, reason));
    ++left_out_;
  }

  AwsReader reader_;
  store::Store& store_;
  const AwsImportOptions& options_;
  const std::string region_;
  sync::Mutex mutex_;  // of the notes, those in out_ too
  size_t notes_ WEFT_GUARDED_BY(mutex_) = 0;
  uint64_t known_ = 0;  // children and nested executions
  std::atomic<uint64_t> read_ = 0;
  std::atomic<uint64_t> left_out_ = 0;
  std::set<std::string> seen_;       // the execution and nested ones
  std::vector<std::string> nested_;  // still to be read
  uint64_t nested_known_ = 0;        // that are or will be read
  uint64_t nested_beyond_ = 0;       // nested_max
  std::set<std::string> without_definition_;
  AwsImportReport out_;
};

// Histories of `arns` from `from` on, by several threads, until they fill a part; `from` moves on.
Walk::Histories Walk::read_part(const std::vector<std::string>& arns,
                                const std::string& map_run_arn, size_t& from) {
  Histories part;
  sync::Mutex mutex;  // of the part
  std::atomic<size_t> next = from;
  std::atomic<uint64_t> bytes = 0;
  const auto work = [&] {
    while (bytes < options_.part_bytes) {
      const size_t at = next++;
      if (at >= arns.size()) return;
      auto history = reader_.history(arns[at], map_run_arn);
      const uint64_t read = ++read_;
      const sync::MutexLock lock(mutex);
      if (history) {
        bytes += bytes_of(*history);
        part.push_back(std::move(*history));
      } else {
        leave_out(arns[at], history.error().message);
      }
      if (options_.progress) options_.progress(read, known_);
    }
  };
  {
    std::vector<std::jthread> threads;
    const size_t count =
        std::min<size_t>(static_cast<size_t>(options_.concurrency), arns.size() - from);
    for (size_t i = 0; i < count; ++i) threads.emplace_back(work);
  }
  from = std::min<size_t>(next, arns.size());
  return part;
}

base::Result<void> Walk::store(Histories histories, const base::Text& definition) {
  Import into(store_, definition);
  for (AwsHistory& history : histories) {
    find_nested(history);
    if (history.rejected > 0) {
      note(fmt::format("{}: {} of its events left out: {}", history.arn, history.rejected,
                       history.reject));
    }
    out_.events += history.events.size();
    for (cloudwatch::LogEvent& event : history.events) into.add(std::move(event));
  }
  auto report = into.finish();
  if (!report) return std::unexpected(report.error());
  ImportReport& sum = out_.report;
  sum.executions += report->executions;
  sum.children += report->children;
  sum.changed += report->changed;
  sum.new_events += report->new_events;
  sum.duplicates += report->duplicates;
  sum.own += report->own;
  sum.incomplete += report->incomplete;
  sum.running += report->running;
  sum.bad_arns += report->bad_arns;
  return {};
}

void Walk::find_nested(const AwsHistory& history) {
  if (options_.nested_max == 0) return;
  for (const cloudwatch::LogEvent& line : history.events) {
    std::string arn = trace::nested_execution_of(line.event);
    if (!arn.empty() && seen_.insert(arn).second) want_nested(std::move(arn));
  }
}

void Walk::want_nested(std::string arn) {
  const auto parts = arn::parse_states_arn(arn);
  if (!parts) return leave_out(arn, "it is no ARN of an execution");
  if (parts->kind == "express") {
    return leave_out(arn, "AWS keeps no history of Express executions; import its log events");
  }
  if (parts->region != region_) {
    return leave_out(arn, "it is in another Region: import it by its own ARN");
  }
  if (nested_known_ == options_.nested_max) {
    ++nested_beyond_;
    return;
  }
  ++nested_known_;
  ++known_;
  nested_.push_back(std::move(arn));
}

// Null when AWS does not say.
base::Text Walk::definition_of(const AwsHistory& execution) {
  const std::string machine(arn::without_name(execution.arn));
  if (without_definition_.contains(machine)) return {};
  auto definition = reader_.definition(execution.arn, execution.start_ms());
  if (definition) return std::move(*definition);
  note(fmt::format("The definition of {} is left out: {}", machine, definition.error().message));
  without_definition_.insert(machine);
  return {};
}

// Top-level executions, with their children.
base::Result<void> Walk::take_executions(Histories executions) {
  // The last started first: earlier ones of its state machine mostly ran by the same definition.
  std::ranges::sort(executions, [](const AwsHistory& a, const AwsHistory& b) {
    return std::pair(b.start_ms(), std::string_view(b.arn)) <
           std::pair(a.start_ms(), std::string_view(a.arn));
  });
  struct Group {
    base::Text definition;
    Histories executions;
    std::vector<std::string> with_map_runs;
  };
  std::map<std::string, Group> groups;  // by definition, which an import has one of
  for (AwsHistory& execution : executions) {
    base::Text definition = definition_of(execution);
    Group& group = groups[definition.str()];
    group.definition = std::move(definition);
    if (has_map_run(execution)) group.with_map_runs.push_back(execution.arn);
    group.executions.push_back(std::move(execution));
  }
  for (auto& [text, group] : groups) {
    if (auto done = store(std::move(group.executions), group.definition); !done) return done;
    for (const std::string& arn : group.with_map_runs) {
      const auto runs = reader_.map_runs(arn);
      if (!runs) {
        note(fmt::format("Map Runs of {} are left out: {}", arn, runs.error().message));
        continue;
      }
      out_.report.map_runs += runs->size();
      for (const std::string& run : *runs) {
        if (auto done = take_children(run, group.definition); !done) return done;
      }
    }
  }
  return {};
}

base::Result<void> Walk::take_children(const std::string& map_run_arn,
                                       const base::Text& definition) {
  const auto children = reader_.children(map_run_arn);
  if (!children) {
    note(fmt::format("Children of {} are left out: {}", map_run_arn, children.error().message));
    return {};
  }
  const uint64_t started = reader_.started_children(map_run_arn);
  if (started > children->size()) {
    note(
        fmt::format("{} had {} children, and {} are listed (AWS keeps them for 90 days, and does "
                    "not list children of Express type: import their log events)",
                    map_run_arn, started, children->size()));
    left_out_ += started - children->size();
  }
  known_ += children->size();
  for (size_t from = 0; from < children->size();) {
    Histories part = read_part(*children, map_run_arn, from);
    if (auto done = store(std::move(part), definition); !done) return done;
  }
  return {};
}

base::Result<AwsImportReport> Walk::run() {
  const auto map_run = reader_.map_run_of(options_.execution_arn);
  if (!map_run) return std::unexpected(map_run.error());
  auto history = reader_.history(options_.execution_arn, *map_run);
  if (!history) return std::unexpected(history.error());
  seen_.insert(options_.execution_arn);
  Histories first;
  first.push_back(std::move(*history));
  if (auto done = take_executions(std::move(first)); !done) return std::unexpected(done.error());
  while (!nested_.empty()) {
    const std::vector<std::string> arns = std::exchange(nested_, {});
    for (size_t from = 0; from < arns.size();) {
      auto done = take_executions(read_part(arns, "", from));
      if (!done) return std::unexpected(done.error());
    }
  }
  if (nested_beyond_ > 0) {
    note(fmt::format("{} nested executions are left out: more than --nested {}", nested_beyond_,
                     options_.nested_max));
    left_out_ += nested_beyond_;
  }
  const sync::MutexLock lock(mutex_);
  if (notes_ > kNotesMax) {
    out_.notes.push_back(fmt::format("{} more notes like these", notes_ - kNotesMax));
  }
  out_.left_out = left_out_;
  return std::move(out_);
}

}  // namespace

base::Result<AwsImportReport> import_from_aws(aws::StepFunctions& client, store::Store& store,
                                              const AwsImportOptions& options) {
  return Walk(client, store, options).run();
}

}  // namespace weft::importing
