#include "asl/instrument.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/definition_file.h"
#include "cli/diff.h"

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
    fmt::print(stderr, "{}:{}: {}{}\n", flags.file, note.line, note.refused ? "not edited: " : "",
               terminal::single_line(note.message));
  }
}

}  // namespace

base::Result<int> instrument_command(const InstrumentFlags& flags) {
  if (flags.write && flags.file == "-") {
    return fail(ErrorCode::kInvalidArgument, "--write needs a file, not standard input");
  }
  auto text = read_file(flags.file);
  if (!text) return std::unexpected(text.error());
  auto result = asl::instrument(*text);
  if (!result) {
    fmt::print(stderr, "{}: {}\n", flags.file, terminal::single_line(result.error().message));
    return 1;
  }
  print_notes(flags, *result);
  if (flags.print) fmt::print("{}", result->text);
  const std::string places =
      fmt::format("{} {}", result->edits, result->edits == 1 ? "place" : "places");
  if (result->edits == 0) {
    fmt::print(stderr, "{}: nothing to edit\n", flags.file);
  } else if (flags.print) {
    fmt::print(stderr, "{} edited\n", places);
  } else if (!flags.write) {
    fmt::print("{}", unified_diff(*text, result->text, flags.file,
                                  terminal::Terminal::of(stdout, flags.color)));
    fmt::print(stderr, "{} would be edited; --write does it\n", places);
  } else {
    if (auto written = write_file(flags.file, result->text); !written) {
      return std::unexpected(written.error());
    }
    fmt::print(stderr, "{}: {} edited\n", flags.file, places);
  }
  return 0;
}

}  // namespace weft::cli
