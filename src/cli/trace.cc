#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/trace_source.h"
#include "trace/export_chrome.h"
#include "trace/export_otlp.h"
#include "trace/waterfall.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

base::UnixMs now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

base::Result<void> write_trace(const trace::TraceSource& source, const TraceFlags& flags,
                               std::FILE* out) {
  const auto write = [out](std::string_view piece) {
    std::fwrite(piece.data(), 1, piece.size(), out);
  };
  if (flags.format == "otlp") return trace::export_otlp(source, {}, write);
  if (flags.format == "chrome") return trace::export_chrome(source, {}, write);
  const Terminal terminal = Terminal::of(out, flags.color);
  const int width = flags.width > 0 ? flags.width : std::max(terminal.width, 60);
  auto text = trace::render_waterfall(
      source, {.width = static_cast<size_t>(width), .color = terminal.color});
  if (!text) return std::unexpected(text.error());
  write(*text);
  return {};
}

}  // namespace

base::Result<int> trace_command(const TraceFlags& flags) {
  auto data = open_data_directory(flags.read.data_directory);
  if (!data) return std::unexpected(data.error());
  auto arn = resolve_arn(*data->query, flags.read.arn);
  if (!arn) return std::unexpected(arn.error());
  auto source = read_trace_source(*data->query, *arn, now_ms());
  if (!source) return std::unexpected(source.error());
  std::unique_ptr<std::FILE, CloseFile> file;
  if (!flags.output.empty()) {
    file.reset(std::fopen(flags.output.c_str(), "wb"));
    if (!file) {
      return fail(ErrorCode::kIo,
                  fmt::format("Cannot write {}: {}", flags.output, std::strerror(errno)));
    }
  }
  std::FILE* out = file ? file.get() : stdout;
  if (auto written = write_trace(*source, flags, out); !written) {
    return std::unexpected(written.error());
  }
  if (std::fflush(out) != 0 || std::ferror(out) != 0) {
    return fail(ErrorCode::kIo, fmt::format("Cannot write {}: {}",
                                            flags.output.empty() ? "the trace" : flags.output,
                                            std::strerror(errno)));
  }
  return 0;
}

}  // namespace weft::cli
