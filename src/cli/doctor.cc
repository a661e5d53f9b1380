#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "arn/arn.h"
#include "aws/answer.h"
#include "cli/commands.h"
#include "clock/system_clock.h"
#include "history/codec.h"
#include "json/build.h"
#include "maprun/slice.h"
#include "reading/column_files.h"
#include "reading/query.h"
#include "records/records.h"
#include "running/misfits.h"
#include "server/data_directory.h"
#include "server/options.h"
#include "store/inspect.h"
#include "store/salvage.h"
#include "store/store.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using store::Family;
using store::Inspection;

constexpr size_t kShownMax = 10;  // of a kind of findings, so that all fits on a screen

// The records, each by itself.
class Records {
 public:
  void visit(Family family, std::string_view value) {
    base::Result<void> read;
    switch (family) {
      case Family::kExecution:
        read = execution(value);
        break;
      case Family::kTurn:
        read = without_value(history::decode_turn(value));
        break;
      case Family::kMapRun:
        read = map_run(value);
        break;
      case Family::kSlice:
        read = slice(value);
        break;
      case Family::kRow:
        read = rows(value);
        break;
      default:
        break;
    }
    if (!read) damage(fmt::format("in the family {}: {}", to_string(family), read.error().message));
  }

  // After all keys.
  std::vector<std::string> findings() { return std::move(damage_); }

  uint64_t executions = 0;
  uint64_t open = 0;
  uint64_t children = 0;
  uint64_t map_runs() const { return map_runs_; }

 private:
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
    if (record->status == history::ExecutionStatus::kRunning && !record->imported) ++open;
    return {};
  }
  base::Result<void> map_run(std::string_view value) {
    const auto record = records::decode_map_run(value);
    if (!record) return std::unexpected(record.error());
    ++map_runs_;
    return {};
  }
  base::Result<void> slice(std::string_view value) {
    return without_value(maprun::decode_slice(value));
  }
  base::Result<void> rows(std::string_view value) {
    const auto read = history::decode_rows(value);
    if (!read) return std::unexpected(read.error());
    children += read->size();
    return {};
  }

  uint64_t map_runs_ = 0;
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

// What follows from the store and lies beside it, judged by what was read of the store.
class BesideIt {
 public:
  explicit BesideIt(const std::string& data_directory)
      : directory_(server::derived_directory(data_directory)) {
    for (const uint64_t number : reading::ColumnFiles::numbers_in(directory_))
      keys_.insert(records::map_run_key(number));
  }

  // Keeps what the files' headers tell of.
  void visit(Family family, std::string_view key, std::string_view value) {
    const bool wanted =
        family == Family::kMeta || (family == Family::kMapRun && keys_.contains(key));
    if (wanted && !keys_.empty()) kept_.put(family, std::string(key), std::string(value));
  }

  // Once, after all keys.
  reading::ColumnFiles::Inventory column_files() {
    // Of a store that could not be read nothing can be said.
    if (kept_.empty()) return {};
    const std::unique_ptr<store::Store> store = store::open_memory();
    if (!store->commit(std::move(kept_))) return {};
    const reading::Query query(*store, arn::Home{}, directory_);
    return reading::ColumnFiles(query).inventory();
  }

 private:
  const std::string directory_;
  std::set<std::string, std::less<>> keys_;  // of the Map Runs that have a file
  store::Batch kept_;
};

void print_text(const Inspection& found, const Records& records,
                const reading::ColumnFiles::Inventory& columns, const std::string& data) {
  const terminal::Terminal terminal = terminal::Terminal::of(stdout);
  terminal::say(stdout, fmt::format("{}: {}", data, state_text(found.state)));
  const auto line = [](const char* name, const std::string& text) {
    fmt::print("  {:<12}{}\n", name, text);
  };
  if (found.opened) {
    line("format", found.format.empty() ? "none" : terminal::single_line(found.format));
    line("commits",
         fmt::format("{}, {} of them in the log alone", terminal::grouped(found.commit.ordinal),
                     terminal::grouped(found.logged)));
  }
  line("files", fmt::format("{}, {}, {} in all", terminal::counted(found.tables, "table"),
                            terminal::counted(found.blobs, "blob file"), megabytes(found.bytes)));
  if (found.opened) {
    line("executions",
         fmt::format("{}, {} open; {}, {} that ended", terminal::grouped(records.executions),
                     terminal::grouped(records.open),
                     terminal::counted(records.map_runs(), "Map Run"),
                     terminal::counted(records.children, "child", "children")));
  } else {
    line("executions", "not read: the store cannot be opened");
  }
  if (columns.files > 0) {
    line("columns", fmt::format("{}, {}, derived; {} of no Map Run as it is now",
                                terminal::counted(columns.files, "file"), megabytes(columns.bytes),
                                columns.unfit));
  }
  print_list("  lost before  ", found.losses, terminal);
  if (!found.orphans.empty()) {
    print_list("  orphaned     ", found.orphans, terminal);
    fmt::print("  (what a kill left half written; the next start removes it)\n");
  }
  print_list("DAMAGED: ", found.damage, terminal);
  if (found.damage.empty() && found.losses.empty()) {
    fmt::print("Everything was read, and nothing is missing.\n");
  } else if (found.damage.empty()) {
    fmt::print("Everything that is left was read, and fits together.\n");
  } else {
    fmt::print("--salvage NEW copies what can be read into a new data directory.\n");
  }
}

json::Value list_value(const std::vector<std::string>& texts, json::Arena& arena) {
  json::ArrayBuilder list(arena);
  for (const std::string& text : texts) list.push(json::Value::string(text, arena));
  return list.finish();
}

// What of the records does not fit the others, as recovery goes by it. Of a store of which more is
// wrong nothing is said.
base::Result<std::vector<std::string>> find_misfits(const std::string& data_directory) {
  const auto store = store::open_rocksdb(
      {.directory = server::store_directory(data_directory), .read_only = true});
  if (!store) return std::unexpected(store.error());
  const auto misfits = running::find_misfits(**store, clock::SystemClock().now_ms());
  if (!misfits) return std::unexpected(misfits.error());
  std::vector<std::string> found;
  for (const running::Misfit& misfit : misfits->found) found.push_back(misfit.what);
  return found;
}

// What is copied beside the store: what calls may have been out, and what functions printed.
void copy_beside(const std::string& from, const std::string& to,
                 std::vector<std::string>& missing) {
  for (const char* name : {"calls", "logs"}) {
    std::error_code error;
    const fs::path source = fs::path(from) / name;
    if (!fs::exists(source, error)) continue;
    fs::copy(source, fs::path(to) / name,
             fs::copy_options::recursive | fs::copy_options::overwrite_existing, error);
    if (error)
      missing.push_back(fmt::format("{} was not copied: {}", source.string(), error.message()));
  }
}

// A directory that is not there yet, or empty, and not within the one that is only read.
base::Result<void> check_new(const std::string& from, const std::string& to) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(fs::absolute(to), error);
  const fs::path source = fs::weakly_canonical(fs::absolute(from), error);
  if (std::ranges::mismatch(source, whole).in1 == source.end())
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("--salvage {}: it lies within {}, of which nothing is changed: "
                                  "name another directory",
                                  to, from));
  if (!fs::exists(whole, error) || (fs::is_directory(whole, error) && fs::is_empty(whole, error)))
    return {};
  return base::fail(
      base::ErrorCode::kInvalidArgument,
      fmt::format("--salvage {}: it is there already: name a directory that is not", to));
}

struct Saved {
  store::Salvage copied;
  Records records;
  std::vector<std::string> mended;  // what did not fit what is left, and what was made of it
};

base::Result<std::vector<std::string>> mend(const std::string& data_directory) {
  auto store = store::open_rocksdb({.directory = server::store_directory(data_directory)});
  if (!store) return std::unexpected(store.error());
  return running::mend_losses(**store, clock::SystemClock().now_ms(), running::MendWhen::kAlways);
}

base::Result<Saved> save(const DoctorFlags& flags) {
  if (auto made = server::make_data_directory(flags.salvage); !made)
    return std::unexpected(made.error());
  Saved saved;
  auto copied = store::salvage(server::store_directory(flags.data_directory),
                               server::store_directory(flags.salvage),
                               [](Family, std::string_view, std::string_view) {});
  if (!copied) return std::unexpected(copied.error());
  saved.copied = std::move(*copied);
  copy_beside(flags.data_directory, flags.salvage, saved.copied.missing);
  auto mended = mend(flags.salvage);
  if (!mended) return std::unexpected(mended.error());
  saved.mended = std::move(*mended);
  // As it is by now; and it is read once more.
  saved.records = {};
  auto seen = store::inspect(server::store_directory(flags.salvage),
                             [&](Family family, std::string_view, std::string_view value) {
                               saved.records.visit(family, value);
                             });
  if (!seen) return std::unexpected(seen.error());
  if (!seen->damage.empty())
    return base::fail(base::ErrorCode::kStorage, "the copy is damaged: " + seen->damage.front());
  return saved;
}

// The same of what nobody works on; half a copy does not stay.
base::Result<Saved> save_whole(const DoctorFlags& flags, const Inspection& found) {
  if (found.state == Inspection::State::kInUse) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("a weft works on {}: --salvage copies what nobody writes to",
                                  flags.data_directory));
  }
  auto saved = save(flags);
  if (saved) return saved;
  std::error_code ignored;
  fs::remove_all(flags.salvage, ignored);
  return base::fail(saved.error().code, fmt::format("--salvage {}: no copy was made: {}",
                                                    flags.salvage, saved.error().message));
}

uint64_t keys_of(const store::Salvage& copied) {
  return std::accumulate(copied.keys.begin(), copied.keys.end(), uint64_t{0});
}

void print_saved(const Saved& saved, const std::string& to) {
  const terminal::Terminal terminal = terminal::Terminal::of(stdout);
  terminal::say(stdout, fmt::format("{}: what could be read", to));
  fmt::print("  {:<12}{}\n", "keys", terminal::grouped(keys_of(saved.copied)));
  fmt::print("  {:<12}{}, {} open; {}, {} that ended\n", "executions",
             terminal::grouped(saved.records.executions), terminal::grouped(saved.records.open),
             terminal::counted(saved.records.map_runs(), "Map Run"),
             terminal::counted(saved.records.children, "child", "children"));
  print_list("MISSING: ", saved.copied.missing, terminal);
  print_list("MENDED: ", saved.mended, terminal);
  if (saved.copied.missing.empty()) fmt::print("Everything was copied.\n");
  if (saved.records.open > 0 && !saved.copied.missing.empty()) {
    fmt::print(
        "Executions that are open there go on from what is left of them as soon as a weft "
        "serves it.\n");
  }
}

void print_json(const Inspection& found, const Records& records,
                const reading::ColumnFiles::Inventory& columns, const DoctorFlags& flags,
                const Saved* saved) {
  json::Arena arena;
  aws::Answer answer(arena);
  answer.text("data", flags.data_directory)
      .text("state", state_text(found.state))
      .flag("opened", found.opened)
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
      .number("columnFiles", static_cast<int64_t>(columns.files))
      .number("columnBytes", static_cast<int64_t>(columns.bytes))
      .number("columnFilesUnfit", static_cast<int64_t>(columns.unfit))
      .value("damage", list_value(found.damage, arena))
      .value("acceptedLosses", list_value(found.losses, arena))
      .value("orphans", list_value(found.orphans, arena));
  if (saved != nullptr) {
    answer.value("salvaged",
                 aws::Answer(arena)
                     .text("data", flags.salvage)
                     .number("keys", static_cast<int64_t>(keys_of(saved->copied)))
                     .number("executions", static_cast<int64_t>(saved->records.executions))
                     .number("openExecutions", static_cast<int64_t>(saved->records.open))
                     .number("mapRuns", static_cast<int64_t>(saved->records.map_runs()))
                     .number("children", static_cast<int64_t>(saved->records.children))
                     .value("missing", list_value(saved->copied.missing, arena))
                     .value("mended", list_value(saved->mended, arena))
                     .finish());
  }
  fmt::print("{}\n", answer.to_text());
}

}  // namespace

base::Result<int> doctor_command(const DoctorFlags& flags) {
  if (!flags.salvage.empty()) {
    if (auto fresh = check_new(flags.data_directory, flags.salvage); !fresh)
      return std::unexpected(fresh.error());
  }
  Records records;
  BesideIt beside(flags.data_directory);
  auto found = store::inspect(server::store_directory(flags.data_directory),
                              [&](Family family, std::string_view key, std::string_view value) {
                                records.visit(family, value);
                                beside.visit(family, key, value);
                              });
  if (!found) return std::unexpected(found.error());
  // Beside a writer the families are not of one moment.
  if (found->state != Inspection::State::kInUse) {
    for (std::string& what : records.findings()) found->damage.push_back(std::move(what));
    if (found->damage.empty()) {
      auto misfits = find_misfits(flags.data_directory);
      if (!misfits) return std::unexpected(misfits.error());
      found->damage = std::move(*misfits);
    }
  }
  std::optional<Saved> saved;
  if (!flags.salvage.empty()) {
    auto copied = save_whole(flags, *found);
    if (!copied) return std::unexpected(copied.error());
    saved = std::move(*copied);
  }
  const reading::ColumnFiles::Inventory columns = beside.column_files();
  if (flags.json) {
    print_json(*found, records, columns, flags, saved ? &*saved : nullptr);
  } else {
    print_text(*found, records, columns, flags.data_directory);
    if (saved) print_saved(*saved, flags.salvage);
  }
  const bool whole =
      saved ? saved->copied.missing.empty() && saved->mended.empty() : found->damage.empty();
  return whole ? 0 : 1;
}

}  // namespace weft::cli
