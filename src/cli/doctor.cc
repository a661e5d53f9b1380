#include <map>
#include <string>

#include <fmt/format.h>

#include "aws/answer.h"
#include "cli/commands.h"
#include "history/codec.h"
#include "json/build.h"
#include "maprun/slice.h"
#include "records/records.h"
#include "server/options.h"
#include "store/inspect.h"

namespace weft::cli {
namespace {

using store::Family;
using store::Inspection;

constexpr size_t kShownMax = 10;  // of a kind of findings, so that all fits on a screen

// What the records say, against one another.
class Records {
 public:
  void visit(Family family, std::string_view key, std::string_view value) {
    base::Result<void> read;
    switch (family) {
      case Family::kExecution:
        read = execution(value);
        break;
      case Family::kTurn:
        read = turn(key, value);
        break;
      case Family::kMapRun:
        read = map_run(value);
        break;
      case Family::kSlice:
        read = slice(value);
        break;
      case Family::kRow:
        read = rows(key, value);
        break;
      default:
        break;
    }
    if (!read) damage(fmt::format("in the family {}: {}", to_string(family), read.error().message));
  }

  // After all keys.
  std::vector<std::string> findings() {
    for (const auto& [index, turns] : ended_) {
      if (turns == 0)
        damage(fmt::format("the execution with number {} has ended, and has no history", index));
    }
    for (const auto& [number, run] : runs_) {
      if (run.whole && run.rows != run.children) {
        damage(fmt::format("Map Run {} has {} children, and rows of {}", number, run.children,
                           run.rows));
      }
      if (run.whole && run.turns_told != run.turns) {
        damage(
            fmt::format("the history of the children of Map Run {} has {} turns, and their "
                        "rows tell of {}",
                        number, run.turns, run.turns_told));
      }
    }
    return std::move(damage_);
  }

  uint64_t executions = 0;
  uint64_t open = 0;
  uint64_t children = 0;
  uint64_t map_runs() const { return map_runs_; }

 private:
  struct Run {
    bool whole = false;  // ran here and succeeded: each child has a row, and its turns
    uint64_t children = 0;
    uint64_t rows = 0;
    uint64_t turns = 0;
    uint64_t turns_told = 0;
  };

  void damage(std::string what) {
    if (damage_.size() <= kShownMax) damage_.push_back(std::move(what));
  }
  template <typename T>
  static base::Result<void> without_value(const base::Result<T>& read) {
    if (!read) return std::unexpected(read.error());
    return {};
  }

  base::Result<void> execution(std::string_view value) {
    const auto record = records::decode_execution(value);
    if (!record) return std::unexpected(record.error());
    ++executions;
    const bool running = record->status == history::ExecutionStatus::kRunning;
    if (running && !record->imported) ++open;
    if (!running && !record->imported) ended_[record->key.index] = 0;
    return {};
  }
  base::Result<void> turn(std::string_view key, std::string_view value) {
    const auto place = records::parse_turn_key(key);
    if (!place) return std::unexpected(place.error());
    if (place->key.run != 0) {
      ++runs_[place->key.run].turns;
    } else if (const auto found = ended_.find(place->key.index); found != ended_.end()) {
      ++found->second;
    }
    return without_value(history::decode_turn(value));
  }
  base::Result<void> map_run(std::string_view value) {
    const auto record = records::decode_map_run(value);
    if (!record) return std::unexpected(record.error());
    ++map_runs_;
    Run& run = runs_[record->number];
    run.whole = !record->imported && record->status == records::MapRunStatus::kSucceeded;
    run.children = record->executions.total;
    return {};
  }
  base::Result<void> slice(std::string_view value) {
    return without_value(maprun::decode_slice(value));
  }
  base::Result<void> rows(std::string_view key, std::string_view value) {
    const auto place = records::parse_row_key(key);
    if (!place) return std::unexpected(place.error());
    const auto read = history::decode_rows(value);
    if (!read) return std::unexpected(read.error());
    children += read->size();
    Run& run = runs_[place->run];
    run.rows += read->size();
    for (const history::ChildRow& row : *read) run.turns_told += row.turns;
    return {};
  }

  uint64_t map_runs_ = 0;
  std::map<uint64_t, uint64_t> ended_;  // turns of each top-level execution that has ended here
  std::map<uint64_t, Run> runs_;
  std::vector<std::string> damage_;
};

const char* state_text(Inspection::State state) {
  switch (state) {
    case Inspection::State::kStopped:
      return "stopped cleanly";
    case Inspection::State::kKilled:
      return "killed while it ran, or by a power cut";
    case Inspection::State::kInUse:
      return "in use by a running Weft";
    case Inspection::State::kOld:
      return "written by an earlier version, without a watermark";
  }
  return "";
}

std::string megabytes(uint64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

void print_list(const char* title, const std::vector<std::string>& findings,
                const terminal::Terminal& terminal) {
  for (size_t i = 0; i < findings.size() && i < kShownMax; ++i) {
    const std::string line = fmt::format("{}{}", title, terminal::single_line(findings[i]));
    fmt::print("{}\n", terminal::wrapped(line, terminal.prose_room(), 0, 2));
  }
  if (findings.size() > kShownMax)
    fmt::print("{}... and {} more\n", title, findings.size() - kShownMax);
}

void print_text(const Inspection& found, const Records& records, const std::string& data) {
  const terminal::Terminal terminal = terminal::Terminal::of(stdout);
  terminal::say(stdout, fmt::format("{}: {}", data, state_text(found.state)));
  const auto line = [](const char* name, const std::string& text) {
    fmt::print("  {:<12}{}\n", name, text);
  };
  line("format", found.format.empty() ? "none" : terminal::single_line(found.format));
  line("commits",
       fmt::format("{}, {} of them in the log alone", terminal::grouped(found.commit.ordinal),
                   terminal::grouped(found.logged)));
  line("files", fmt::format("{}, {}, {} in all", terminal::counted(found.tables, "table"),
                            terminal::counted(found.blobs, "blob file"), megabytes(found.bytes)));
  line(
      "executions",
      fmt::format("{}, {} open; {}, {} that ended", terminal::grouped(records.executions),
                  terminal::grouped(records.open), terminal::counted(records.map_runs(), "Map Run"),
                  terminal::counted(records.children, "child", "children")));
  print_list("  lost before  ", found.losses, terminal);
  if (!found.orphans.empty()) {
    print_list("  orphaned     ", found.orphans, terminal);
    fmt::print("  (what a kill left half written; the next start removes it)\n");
  }
  print_list("DAMAGED: ", found.damage, terminal);
  if (found.damage.empty()) fmt::print("Everything was read, and nothing is missing.\n");
}

json::Value list_value(const std::vector<std::string>& texts, json::Arena& arena) {
  json::ArrayBuilder list(arena);
  for (const std::string& text : texts) list.push(json::Value::string(text, arena));
  return list.finish();
}

void print_json(const Inspection& found, const Records& records, const std::string& data) {
  json::Arena arena;
  fmt::print("{}\n", aws::Answer(arena)
                         .text("data", data)
                         .text("state", state_text(found.state))
                         .text("format", found.format)
                         .number("commits", static_cast<int64_t>(found.commit.ordinal))
                         .number("commitsInLog", static_cast<int64_t>(found.logged))
                         .number("tables", static_cast<int64_t>(found.tables))
                         .number("blobFiles", static_cast<int64_t>(found.blobs))
                         .number("bytes", static_cast<int64_t>(found.bytes))
                         .number("executions", static_cast<int64_t>(records.executions))
                         .number("openExecutions", static_cast<int64_t>(records.open))
                         .number("mapRuns", static_cast<int64_t>(records.map_runs()))
                         .number("children", static_cast<int64_t>(records.children))
                         .value("damage", list_value(found.damage, arena))
                         .value("acceptedLosses", list_value(found.losses, arena))
                         .value("orphans", list_value(found.orphans, arena))
                         .to_text());
}

}  // namespace

base::Result<int> doctor_command(const DoctorFlags& flags) {
  Records records;
  auto found = store::inspect(server::store_directory(flags.data_directory),
                              [&](Family family, std::string_view key, std::string_view value) {
                                records.visit(family, key, value);
                              });
  if (!found) return std::unexpected(found.error());
  // Beside a writer the families are not of one moment.
  if (found->state != Inspection::State::kInUse) {
    for (std::string& what : records.findings()) found->damage.push_back(std::move(what));
  }
  if (flags.json) {
    print_json(*found, records, flags.data_directory);
  } else {
    print_text(*found, records, flags.data_directory);
  }
  return found->damage.empty() ? 0 : 1;
}

}  // namespace weft::cli
