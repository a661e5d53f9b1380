#include "asl/instrument.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/definition_file.h"
#include "cli/diff.h"
#include "cli/project.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;

// By a file of its own beside it, so that a full disk leaves the old one whole.
base::Result<void> write_file(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  std::ofstream file(fresh, std::ios::binary);
  file << text;
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(fresh, path, error);
  if (file && !error) return {};
  const std::string reason = error ? error.message() : std::strerror(errno);
  std::filesystem::remove(fresh, error);
  return fail(ErrorCode::kIo, fmt::format("Cannot write {}: {}", path, reason));
}

void print_notes(const InstrumentFlags& flags, const asl::Instrumented& result) {
  for (const asl::InstrumentNote& note : result.notes) {
    terminal::say(stderr, fmt::format("{}:{}: {}{}", flags.file, note.line,
                                      note.refused ? "not edited: " : "", note.message));
  }
}

}  // namespace

base::Result<int> instrument_command(const InstrumentFlags& flags) {
  if (flags.write && flags.file == "-") {
    return fail(ErrorCode::kInvalidArgument, "--write needs a file, not standard input");
  }
  auto text = read_definition_text(flags.file);
  if (!text) return std::unexpected(text.error());
  if (read_template_file(definitions::file_source(flags.file, *text), {})) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is a template, and only definitions are edited: name the file that "
                            "holds the definition",
                            flags.file));
  }
  auto result = asl::instrument(*text);
  if (!result) {
    terminal::say(stderr, fmt::format("{}: {}", flags.file, result.error().message));
    return 1;
  }
  print_notes(flags, *result);
  if (flags.print) {
    const bool seen = terminal::Terminal::of(stdout).cuts;
    fmt::print("{}", seen ? terminal::printable_json(result->text) : result->text);
  }
  const std::string places = terminal::counted(result->edits, "place");
  if (result->edits == 0) {
    terminal::say(stderr, flags.file + ": nothing to edit");
  } else if (flags.print) {
    terminal::say(stderr, places + " edited");
  } else if (!flags.write) {
    fmt::print("{}", unified_diff(*text, result->text, flags.file,
                                  terminal::Terminal::of(stdout, flags.color)));
    terminal::say(stderr, places + " would be edited; --write does it");
  } else {
    if (auto written = write_file(flags.file, result->text); !written) {
      return std::unexpected(written.error());
    }
    terminal::say(stderr, fmt::format("{}: {} edited", flags.file, places));
  }
  return 0;
}

}  // namespace weft::cli
