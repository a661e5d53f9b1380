#include "importing/import.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "api/import_logs.h"
#include "arn/arn.h"
#include "aws/credentials.h"
#include "aws/step_functions.h"
#include "cli/commands.h"
#include "cli/definition_file.h"
#include "cloudwatch/log_reader.h"
#include "importing/fetch_from_aws.h"
#include "server/data_directory.h"
#include "server/options.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;
using cloudwatch::LogReader;

struct Counts {
  uint64_t files = 0;
  uint64_t lines = 0;
  uint64_t rejected = 0;
  uint64_t left_out = 0;  // executions that AWS did not give
};

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
    fmt::print(stderr, "{}{}{}: {}\n", path, reject.place.empty() ? "" : ": ", reject.place,
               terminal::single_line(reject.reason));
  }
  if (reader.rejected() > kRejectsShown) {
    fmt::print(stderr, "{}: {} more that are no log events of Step Functions\n", path,
               reader.rejected() - kRejectsShown);
  }
  if (reader.rejected() > 0 && reader.events() == 0) {
    fmt::print(stderr, "{}: nothing in it is an event. Understood are {}\n", path,
               kUnderstoodFiles);
  }
}

base::Result<Counts> read_files(const ImportFlags& flags, importing::Import& into) {
  Counts counts;
  const auto files = files_of(flags.files);
  if (!files) return std::unexpected(files.error());
  for (const std::string& path : *files) {
    auto bytes = read_file(path);
    if (!bytes) return std::unexpected(bytes.error());
    LogReader reader([&into](cloudwatch::LogEvent line) { into.add(std::move(line)); });
    reader.set_execution(flags.execution, flags.map_run);
    reader.read(*bytes);
    print_rejects(path, reader);
    ++counts.files;
    counts.lines += reader.events();
    counts.rejected += reader.rejected();
  }
  return counts;
}

std::string count_of(uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", terminal::grouped(count), count == 1 ? one : many);
}

void print_text(const Counts& counts, const importing::ImportReport& report) {
  const std::string from =
      counts.files == 0 ? "from AWS" : "in " + count_of(counts.files, "file", "files");
  fmt::print("{} {}: {} new, {} known already\n", count_of(counts.lines, "event", "events"), from,
             terminal::grouped(report.new_events), terminal::grouped(report.duplicates));
  fmt::print("{}, {} of {}; {} changed\n", count_of(report.executions, "execution", "executions"),
             count_of(report.children, "child", "children"),
             count_of(report.map_runs, "Map Run", "Map Runs"), terminal::grouped(report.changed));
  const auto note = [](uint64_t count, std::string_view text) {
    if (count > 0) fmt::print("{} {}\n", terminal::grouped(count), text);
  };
  note(report.incomplete, "incomplete: events are missing between those that were read");
  note(report.running, "without an end: still running, or the last events are missing");
  note(report.own, "left alone: this data directory ran them itself");
  note(report.bad_arns, "left out: not the ARN of an execution");
  note(counts.left_out, "children and nested executions left out (see above)");
  note(counts.rejected, "lines left out (see above)");
}

void print_json(const Counts& counts, const importing::ImportReport& report) {
  json::Arena arena;
  aws::Answer answer(arena);
  answer.number("events", static_cast<int64_t>(counts.lines))
      .number("rejected", static_cast<int64_t>(counts.rejected))
      .number("leftOut", static_cast<int64_t>(counts.left_out));
  api::add_report(report, answer);
  fmt::print("{}\n", answer.to_text());
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

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
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
  const std::string path = aws::credentials_file(environment);
  std::error_code error;
  auto text =
      std::filesystem::exists(path, error) ? read_file(path) : base::Result<std::string>("");
  if (!text) return std::unexpected(text.error());
  auto credentials = aws::find_credentials(environment, flags.profile, *text);
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
    fmt::print(stderr, "{}\n", terminal::single_line(note));
  }
  const Counts counts{.lines = imported->events, .left_out = imported->left_out};
  flags.json ? print_json(counts, imported->report) : print_text(counts, imported->report);
  return 0;
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
    auto text = read_file(flags.machine_definition);
    if (!text) return std::unexpected(text.error());
    definition = base::Text(std::move(*text));
  }
  const std::string directory = server::store_directory(flags.data_directory);
  if (auto made = server::make_data_directory(flags.data_directory); !made)
    return std::unexpected(made.error());
  auto store = store::open_rocksdb({.directory = directory});
  if (!store) return std::unexpected(store.error());
  if (flags.files.empty()) return import_aws(flags, **store);
  importing::Import into(**store, std::move(definition));
  auto counts = read_files(flags, into);
  if (!counts) return std::unexpected(counts.error());
  auto report = into.finish();
  if (!report) return std::unexpected(report.error());
  flags.json ? print_json(*counts, *report) : print_text(*counts, *report);
  return counts->lines == 0 && counts->rejected > 0 ? 1 : 0;
}

}  // namespace weft::cli
