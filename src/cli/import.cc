#include "runtime/import.h"

#include <filesystem>

#include <fmt/format.h>

#include "api/answer.h"
#include "cli/commands.h"
#include "cli/definition_file.h"
#include "cloudwatch/log_reader.h"
#include "runtime/names.h"
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
};

constexpr size_t kRejectsShown = 5;

// What could not be read, on standard error: the first few of a file, then how many more.
void print_rejects(const std::string& path, const LogReader& reader) {
  size_t shown = 0;
  for (const cloudwatch::Reject& reject : reader.rejects()) {
    if (shown++ == kRejectsShown) break;
    fmt::print(stderr, "{}{}{}: {}\n", path, reject.place.empty() ? "" : ": ", reject.place,
               single_line(reject.reason));
  }
  if (reader.rejected() > kRejectsShown) {
    fmt::print(stderr, "{}: {} more that are no log events of Step Functions\n", path,
               reader.rejected() - kRejectsShown);
  }
}

base::Result<Counts> read_files(const ImportFlags& flags, runtime::Import& into) {
  Counts counts;
  for (const std::string& path : flags.files) {
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
  return fmt::format("{} {}", grouped(count), count == 1 ? one : many);
}

void print_text(const Counts& counts, const runtime::ImportReport& report) {
  fmt::print("{} in {}: {} new, {} known already\n", count_of(counts.lines, "event", "events"),
             count_of(counts.files, "file", "files"), grouped(report.new_events),
             grouped(report.duplicates));
  fmt::print("{}, {} of {}; {} changed\n", count_of(report.executions, "execution", "executions"),
             count_of(report.children, "child", "children"),
             count_of(report.map_runs, "Map Run", "Map Runs"), grouped(report.changed));
  const auto note = [](uint64_t count, std::string_view text) {
    if (count > 0) fmt::print("{} {}\n", grouped(count), text);
  };
  note(report.incomplete, "incomplete: events are missing between those that were read");
  note(report.running, "without an end: still running, or the last events are missing");
  note(report.own, "left alone: this data directory ran them itself");
  note(report.bad_arns, "left out: not the ARN of an execution");
  note(counts.rejected, "lines left out (see above)");
}

void print_json(const Counts& counts, const runtime::ImportReport& report) {
  json::Arena arena;
  api::Answer answer(arena);
  const auto number = [&answer](std::string_view name, uint64_t value) {
    answer.number(name, static_cast<int64_t>(value));
  };
  number("events", counts.lines);
  number("rejected", counts.rejected);
  number("newEvents", report.new_events);
  number("duplicates", report.duplicates);
  number("executions", report.executions);
  number("children", report.children);
  number("mapRuns", report.map_runs);
  number("changed", report.changed);
  number("incomplete", report.incomplete);
  number("running", report.running);
  number("own", report.own);
  number("badArns", report.bad_arns);
  fmt::print("{}\n", answer.to_text());
}

base::Result<void> check_arn(const std::string& flag, const std::string& arn,
                             std::string_view kinds) {
  if (arn.empty()) return {};
  const auto parts = runtime::parse_states_arn(arn);
  if (parts && kinds.find(parts->kind) != std::string_view::npos) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} '{}': expected the ARN of {}", flag, arn,
                          flag == "--map-run" ? "a Map Run" : "an execution"));
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
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  auto store = store::open_rocksdb({.directory = directory});
  if (!store) return std::unexpected(store.error());
  runtime::Import into(**store, std::move(definition));
  auto counts = read_files(flags, into);
  if (!counts) return std::unexpected(counts.error());
  auto report = into.finish();
  if (!report) return std::unexpected(report.error());
  flags.json ? print_json(*counts, *report) : print_text(*counts, *report);
  return counts->lines == 0 && counts->rejected > 0 ? 1 : 0;
}

}  // namespace weft::cli
