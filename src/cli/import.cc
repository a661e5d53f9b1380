#include "importing/import.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "api/import_logs.h"
#include "arn/arn.h"
#include "aws/step_functions.h"
#include "aws/system_credentials.h"
#include "cli/commands.h"
#include "cli/definition_file.h"
#include "cloudwatch/log_reader.h"
#include "importing/fetch_from_aws.h"
#include "reading/column_files.h"
#include "server/data_directory.h"
#include "server/options.h"
#include "terminal/shell_word.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;
using cloudwatch::LogReader;

// What was read of executions, to name one of them at the end.
class Seen {
 public:
  void note(const cloudwatch::LogEvent& line) {
    const arn::ArnParts parts = arn::arn_parts(line.execution_arn);
    if (parts.machine.find('/') != std::string_view::npos) {
      child_ = line.execution_arn;
      return;
    }
    base::UnixMs& start = starts_.try_emplace(line.execution_arn, line.event.time_ms).first->second;
    start = std::min(start, line.event.time_ms);
  }
  // The top-level execution that started last and that none of the others started; else the last of
  // all; "" when there is none.
  std::string newest(const reading::Query& query) const {
    std::string newest;
    base::UnixMs start = 0;
    bool nested = true;
    for (const auto& [arn, at] : starts_) {
      const auto key = query.find_execution(arn);
      if (!key) continue;
      const bool inner = is_nested(query, *key);
      if (inner && !nested) continue;
      if (inner == nested && at < start && !newest.empty()) continue;
      newest = arn;
      start = at;
      nested = inner;
    }
    return newest;
  }
  const std::string& child() const { return child_; }

 private:
  std::map<std::string, base::UnixMs> starts_;  // by ARN
  std::string child_;                           // one of the children
};

struct Counts {
  Seen seen;
  uint64_t files = 0;
  uint64_t lines = 0;
  uint64_t rejected = 0;
  uint64_t left_out = 0;  // executions that AWS did not give
};

constexpr size_t kFileBytesMax = size_t{4} << 30;  // all of a file is read at once
constexpr size_t kRejectsShown = 5;

// The files that `paths` name: of directories (an export of CloudWatch to S3 is one) all below
// them, in the order of their names.
base::Result<std::vector<std::string>> files_of(const std::vector<std::string>& paths) {
  namespace fs = std::filesystem;
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (path == "-" || !fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    const size_t before = files.size();
    for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
         at.increment(error)) {
      const bool is_file = at->is_regular_file(error);
      // What CloudWatch writes beside an export to see whether it may.
      if (is_file && at->path().filename() != "aws-logs-write-test") files.push_back(at->path());
    }
    if (error) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("Cannot read {}: {}", path, error.message()));
    }
    if (files.size() == before) {
      return fail(ErrorCode::kInvalidArgument, fmt::format("{}: no file is below it", path));
    }
    std::sort(files.begin() + static_cast<ptrdiff_t>(before), files.end());
  }
  return files;
}

// What could not be read, on standard error: the first few of a file, then how many more.
void print_rejects(const std::string& path, const LogReader& reader) {
  size_t shown = 0;
  for (const cloudwatch::Reject& reject : reader.rejects()) {
    if (shown++ == kRejectsShown) break;
    terminal::say(stderr, fmt::format("{}{}{}: {}", path, reject.place.empty() ? "" : ": ",
                                      reject.place, reject.reason));
  }
  if (reader.rejected() > kRejectsShown) {
    terminal::say(stderr, fmt::format("{}: {} more that are no log events of Step Functions", path,
                                      reader.rejected() - kRejectsShown));
  }
  if (reader.rejected() > 0 && reader.events() == 0) {
    terminal::say(stderr, fmt::format("{}: nothing in it is an event. Understood are {}", path,
                                      kUnderstoodFiles));
  }
}

base::Result<Counts> read_files(const ImportFlags& flags, importing::Import& into) {
  Counts counts;
  const auto files = files_of(flags.files);
  if (!files) return std::unexpected(files.error());
  for (const std::string& path : *files) {
    auto bytes = read_file(path, kFileBytesMax);
    if (!bytes) return std::unexpected(bytes.error());
    LogReader reader([&](cloudwatch::LogEvent line) {
      counts.seen.note(line);
      into.add(std::move(line));
    });
    reader.set_execution(flags.execution, flags.map_run);
    reader.read(*bytes);
    print_rejects(path, reader);
    ++counts.files;
    counts.lines += reader.events();
    counts.rejected += reader.rejected();
  }
  return counts;
}

void print_text(const Counts& counts, const importing::ImportReport& report) {
  using terminal::counted;
  const std::string from = counts.files == 0 ? "from AWS" : "in " + counted(counts.files, "file");
  const auto say = [](const std::string& text) { terminal::say(stdout, text); };
  say(fmt::format("{} {}: {} new, {} known already", counted(counts.lines, "event"), from,
                  terminal::grouped(report.new_events), terminal::grouped(report.duplicates)));
  say(fmt::format("{}, {} of {}; {} changed", counted(report.executions, "execution"),
                  counted(report.children, "child", "children"),
                  counted(report.map_runs, "Map Run"), terminal::grouped(report.changed)));
  const auto note = [&](uint64_t count, std::string_view text) {
    if (count > 0) say(fmt::format("{} {}", terminal::grouped(count), text));
  };
  note(report.incomplete, "incomplete: events are missing between those that were read");
  note(report.running, "without an end: still running, or the last events are missing");
  note(report.own, "left alone: this data directory ran them itself");
  note(report.bad_arns, "left out: not the ARN of an execution");
  note(counts.left_out, "left out of children and nested executions (see above)");
  note(counts.rejected,
       counts.rejected == 1 ? "line left out (see above)" : "lines left out (see above)");
}

// What to type next.
void print_next(const std::string& newest, const std::string& child, const reading::Query& query,
                const ImportFlags& flags) {
  const terminal::Terminal terminal = terminal::Terminal::of(stdout);
  const std::string where = where_text({.directory = flags.data_directory});
  const auto command = [&](std::string_view lead, const std::string& command) {
    fmt::print("{} {}\n", terminal.dim(lead),
               terminal::command_lines(command + where, terminal.room(), lead.size() + 1));
  };
  if (!newest.empty()) {
    const std::string name(arn::execution_name_of(newest));
    // Of an Express execution its name is enough, which a UUID follows.
    command("See where its time went:",
            "weft trace " + terminal::shell_word(name.substr(0, name.find(':'))));
    return;
  }
  if (child.empty()) return;
  terminal::say(stdout,
                "The execution that started these children is not among what was read: import its "
                "log events, too, to see it whole.");
  command("One of the children:", "weft trace " + terminal::shell_word(child));
  const auto view = query.execution(child);
  if (view) command("All of them:", "weft list " + terminal::shell_word(view->map_run_arn));
}

void print_json(const Counts& counts, const importing::ImportReport& report) {
  json::Arena arena;
  aws::Answer answer(arena);
  answer.number("events", static_cast<int64_t>(counts.lines))
      .number("rejected", static_cast<int64_t>(counts.rejected))
      .number("leftOut", static_cast<int64_t>(counts.left_out));
  api::add_report(report, answer);
  terminal::print_json(answer.to_text());
}

void print_report(const Counts& counts, const importing::ImportReport& report,
                  const store::Store& store, const ImportFlags& flags) {
  if (flags.json) return print_json(counts, report);
  print_text(counts, report);
  if (report.executions + report.children == 0) return;
  const reading::Query query(store, arn::Home{});
  const std::string newest = flags.files.empty() ? flags.execution : counts.seen.newest(query);
  fmt::print("\n");
  print_next(newest, counts.seen.child(), query, flags);
}

base::Result<void> check_arn(const std::string& flag, const std::string& arn,
                             std::string_view kinds) {
  if (arn.empty()) return {};
  const auto parts = arn::parse_states_arn(arn);
  if (parts && kinds.find(parts->kind) != std::string_view::npos) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} '{}': expected the ARN of {}", flag, arn,
                          flag == "--map-run" ? "a Map Run" : "an execution"));
}

// Fetches the execution from AWS. Status as of import_command().
base::Result<int> import_aws(const ImportFlags& flags, store::Store& store) {
  if (flags.execution.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "Name files to read, or with --execution what to fetch from AWS");
  }
  const auto arn = arn::parse_states_arn(flags.execution);
  if (!arn) return std::unexpected(arn.error());
  if (arn->kind == "express") {
    return fail(ErrorCode::kInvalidArgument,
                "AWS keeps no history of Express executions: import the log events of the state "
                "machine's log group (weft import FILE)");
  }
  auto credentials = aws::system_credentials(flags.profile);
  if (!credentials) return std::unexpected(credentials.error());
  const std::string region = flags.region.empty() ? arn->region : flags.region;
  aws::StepFunctions client({.region = region,
                             .endpoint_url = flags.endpoint_url,
                             .credentials = std::move(*credentials)});
  const terminal::Terminal terminal = terminal::Terminal::of(stderr);
  auto imported =
      importing::import_from_aws(client, store,
                                 {.execution_arn = flags.execution,
                                  .concurrency = flags.concurrency,
                                  .nested_max = static_cast<uint64_t>(flags.nested),
                                  .progress = [&](uint64_t read, uint64_t known) {
                                    if (terminal.interactive) {
                                      fmt::print(stderr, "\r{} of {} executions\x1b[K",
                                                 terminal::grouped(read), terminal::grouped(known));
                                    }
                                  }});
  if (terminal.interactive) fmt::print(stderr, "\r\x1b[K");
  if (!imported) return std::unexpected(imported.error());
  for (const std::string& note : imported->notes) {
    terminal::say(stderr, note);
  }
  const Counts counts{.lines = imported->events, .left_out = imported->left_out};
  print_report(counts, imported->report, store, flags);
  return 0;
}

// So that the page shows large Map Runs at once; without them it takes longer.
void store_columns(const ImportFlags& flags, const store::Store& store) {
  const reading::Query query(store, arn::Home{}, server::derived_directory(flags.data_directory));
  (void)reading::ColumnFiles(query).make_missing();
}

}  // namespace

base::Result<int> import_command(const ImportFlags& flags) {
  if (auto valid = check_arn("--execution", flags.execution, "execution express"); !valid) {
    return std::unexpected(valid.error());
  }
  if (auto valid = check_arn("--map-run", flags.map_run, "mapRun"); !valid) {
    return std::unexpected(valid.error());
  }
  base::Text definition;
  if (!flags.machine_definition.empty()) {
    auto text = read_definition_text(flags.machine_definition);
    if (!text) return std::unexpected(text.error());
    definition = base::Text(std::move(*text));
  }
  if (auto made = server::make_data_directory(flags.data_directory); !made)
    return std::unexpected(made.error());
  auto store = server::open_to_write(
      flags.data_directory, {.accept_data_loss = flags.accept_data_loss, .warn = warn_of_loss});
  if (!store) return std::unexpected(store.error());
  if (flags.files.empty()) {
    auto imported = import_aws(flags, **store);
    store_columns(flags, **store);
    return imported;
  }
  importing::Import into(**store, std::move(definition));
  auto counts = read_files(flags, into);
  if (!counts) return std::unexpected(counts.error());
  auto report = into.finish();
  if (!report) return std::unexpected(report.error());
  print_report(*counts, *report, **store, flags);
  store_columns(flags, **store);
  return counts->lines == 0 && counts->rejected > 0 ? 1 : 0;
}

}  // namespace weft::cli
