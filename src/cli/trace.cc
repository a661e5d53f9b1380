#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/snapshot.h"
#include "cli/trace_children.h"
#include "cli/trace_follow.h"
#include "clock/system_clock.h"
#include "exports/span_push.h"
#include "reading/trace_source.h"
#include "terminal/pager.h"
#include "terminal/waterfall.h"
#include "trace/export_chrome.h"
#include "trace/export_jaeger.h"
#include "trace/export_ndjson.h"
#include "trace/export_otlp.h"
#include "trace/span_stream.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// How long --push tries where nobody answers.
constexpr std::chrono::milliseconds kUnreachable{2'500};

// A drawing is as wide as the terminal, but not beyond what eyes follow.
constexpr int kDrawingMax = 160;

terminal::Terminal terminal_of(std::FILE* out, const TraceFlags& flags) {
  terminal::Terminal terminal = terminal::Terminal::of(out, flags.color);
  const int widest = flags.children.any() ? terminal.width : kDrawingMax;
  terminal.width = flags.width > 0 ? flags.width : std::min(terminal.width, widest);
  terminal.cuts = terminal.cuts || flags.width > 0;
  return terminal;
}

// "12 s, 430 of 1,000 children finished", for streams nobody looks at.
std::string note_of(const trace::TraceSource& source) {
  uint64_t finished = 0;
  uint64_t unfinished = 0;
  for (const trace::MapRunTrace& run : source.map_runs) {
    finished += run.rows.size();
    unfinished += run.unfinished;
  }
  std::string note(history::to_string(source.parent.status));
  if (finished + unfinished > 0) {
    note += fmt::format(": {} of {} finished", terminal::grouped(finished),
                        terminal::counted(finished + unfinished, "child", "children"));
  }
  return note;
}

// What was read for one drawing and serves the next.
struct Kept {
  reading::KeptRows rows;
  reading::RunColumns columns;
};

// What people read: the waterfall, or a table of children.
base::Result<Frame> draw_text(const reading::Query& query, Kept& kept, const std::string& arn,
                              const TraceFlags& flags, const trace::Redactor& payloads,
                              const terminal::Terminal& terminal) {
  auto source = reading::read_trace_source(query, arn, clock::unix_ms(), &kept.rows);
  if (!source) return std::unexpected(source.error());
  if (source->parent.status == history::ExecutionStatus::kRunning) {
    const auto key = query.find_execution(source->parent.arn);
    const bool ours = key && !query.is_imported(*key).value_or(true);
    const std::string unattended = ours ? unattended_note(flags.read.data) : "";
    if (!unattended.empty()) source->note += (source->note.empty() ? "" : ". ") + unattended;
  }
  ChildrenFlags children = flags.children;
  children.where = where_text(flags.read.data);
  auto text = flags.children.any()
                  ? children_tables(query, kept.columns, arn, children, payloads, terminal)
                  : terminal::render_waterfall(
                        *source, {.width = static_cast<size_t>(std::max(terminal.width, 60)),
                                  .color = terminal.color,
                                  .whole_text = !terminal.cuts,
                                  .where = children.where,
                                  .payloads = &payloads});
  if (!text) return std::unexpected(text.error());
  return Frame{.text = std::move(*text),
               .note = note_of(*source),
               .running = source->parent.status == history::ExecutionStatus::kRunning};
}

// Sends all spans to where `flags.push` says. kUnavailable when some did not arrive.
base::Result<void> push_trace(const trace::TraceSource& source,
                              const trace::SpanStreamOptions& options, const TraceFlags& flags) {
  auto destination = exports::Destination::parse(flags.push);
  if (!destination) return fail(destination.error().code, "--push " + destination.error().message);
  if (!destination->takes_spans()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--push {}: only otlp=URL and datadog=URL take spans", flags.push));
  }
  exports::SpanPush push(*destination, {.unreachable = kUnreachable});
  uint64_t skipped = 0;
  auto done = trace::for_each_span(source, options, [&](const trace::PlacedSpan& placed) {
    const exports::SpanPush::Counts now = push.counts();
    if (now.sent == 0 && now.dropped > 0) {  // nobody is there: further tries would take long
      ++skipped;
    } else {
      push.add(placed.span, placed.service);
    }
  });
  if (!done) return done;
  if (skipped == 0) push.send();
  skipped += push.waiting();
  const exports::SpanPush::Counts counts = push.counts();
  if (counts.dropped + skipped == 0) {
    terminal::say(stdout, fmt::format("Sent {} to {}", terminal::counted(counts.sent, "span"),
                                      destination->to_text()));
    return {};
  }
  const uint64_t lost = counts.dropped + skipped;
  return fail(
      ErrorCode::kUnavailable,
      fmt::format("--push {}: {} {} not sent: {}", destination->to_text(),
                  terminal::counted(lost, "span"), lost == 1 ? "was" : "were", counts.last_error));
}

base::Result<void> export_trace(const DataDirectory& data, const std::string& arn,
                                const TraceFlags& flags, const trace::Redactor& payloads,
                                std::FILE* out) {
  if (flags.format == "html" && flags.push.empty()) {
    return write_snapshot(data, arn, payloads, clock::unix_ms(), [&](std::string_view piece) {
      std::fwrite(piece.data(), 1, piece.size(), out);
    });
  }
  const reading::Query& query = *data.query;
  const auto write = [&](std::string_view piece) {
    const std::string shown = terminal::printable_json(piece);
    std::fwrite(shown.data(), 1, shown.size(), out);
  };
  auto source = reading::read_trace_source(query, arn, clock::unix_ms());
  if (!source) return std::unexpected(source.error());
  if (auto kept = keep_chosen(query, flags.children.filters, *source); !kept) return kept;
  // Whoever names children wants to see each.
  const bool every_child = flags.every_child || !flags.children.filters.empty();
  const trace::SpanStreamOptions options{.every_child = every_child, .payloads = &payloads};
  if (!flags.push.empty()) return push_trace(*source, options, flags);
  if (flags.format == "chrome") return trace::export_chrome(*source, options, write);
  if (flags.format == "jaeger") return trace::export_jaeger(*source, options, write);
  if (flags.format == "ndjson") return trace::export_ndjson(*source, options, write);
  return trace::export_otlp(*source, options, write);
}

// Flags that mean nothing together.
base::Result<void> check_flags(const TraceFlags& flags) {
  if (flags.format == "text" && flags.push.empty()) {
    return flags.every_child ? fail(ErrorCode::kInvalidArgument,
                                    "--every-child is about files and --push: name a --format")
                             : base::Result<void>();
  }
  const auto wrong = [&](std::string_view flag) {
    const std::string other = flags.push.empty() ? "--format " + flags.format : "--push";
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is about text, and {} is none", flag, other));
  };
  if (flags.follow) return wrong("--follow");
  if (flags.format == "html" && !flags.children.filters.empty()) return wrong("--filter");
  if (!flags.children.group_by.empty()) return wrong("--group-by");
  if (!flags.children.sort.empty()) return wrong("--sort");
  if (flags.children.limit > 0) return wrong("--limit");
  return {};
}

base::Result<void> write_trace(const DataDirectory& data, const std::string& arn,
                               const TraceFlags& flags, std::FILE* out) {
  const auto payloads = trace::Redactor::create(redaction_rules(flags.redact));
  if (!payloads) return fail(payloads.error().code, "--redact: " + payloads.error().message);
  if (flags.format != "text" || !flags.push.empty())
    return export_trace(data, arn, flags, *payloads, out);
  const terminal::Terminal terminal = terminal_of(out, flags);
  Kept kept;
  const auto draw = [&](const reading::Query& now) {
    return draw_text(now, kept, arn, flags, *payloads, terminal);
  };
  const terminal::Pager pager(terminal, flags.read.pager && !flags.follow && out == stdout);
  auto frame = flags.follow ? follow_frames(flags.read.data, terminal, draw) : draw(*data.query);
  if (!frame) return std::unexpected(frame.error());
  std::fwrite(frame->text.data(), 1, frame->text.size(), out);
  std::fflush(out);
  return {};
}

}  // namespace

base::Result<int> trace_command(const TraceFlags& flags) {
  if (flags.open) {
    if (flags.format != "text" || !flags.push.empty() || !flags.output.empty() || flags.follow) {
      return fail(
          ErrorCode::kInvalidArgument,
          "--open shows the page: --format, --output, --push and --follow mean nothing to it");
    }
    return ui_command({.read = flags.read, .redact = flags.redact});
  }
  if (auto good = check_flags(flags); !good) return std::unexpected(good.error());
  const bool file_only = flags.format == "html" || flags.format == "chrome";
  if (file_only && flags.push.empty() && flags.output.empty() &&
      terminal::Terminal::of(stdout).cuts) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("--format {} is a file, not for a terminal: name one with --output",
                            flags.format));
  }
  auto data = open_data(flags.read.data);
  if (!data) return std::unexpected(data.error());
  auto arn = resolve_arn(*data->query, flags.read.arn);
  if (!arn) return std::unexpected(arn.error());
  std::unique_ptr<std::FILE, CloseFile> file;
  if (!flags.output.empty()) {
    file.reset(std::fopen(flags.output.c_str(), "wb"));
    if (!file) {
      return fail(ErrorCode::kIo,
                  fmt::format("Cannot write {}: {}", flags.output, std::strerror(errno)));
    }
  }
  std::FILE* out = file ? file.get() : stdout;
  if (auto written = write_trace(*data, *arn, flags, out); !written) {
    return std::unexpected(written.error());
  }
  if (std::fflush(out) != 0 || std::ferror(out) != 0) {
    return fail(ErrorCode::kIo, fmt::format("Cannot write {}: {}",
                                            flags.output.empty() ? "the trace" : flags.output,
                                            std::strerror(errno)));
  }
  if (file) {
    terminal::say(stderr, fmt::format("Wrote {} ({} bytes)", flags.output,
                                      terminal::grouped(static_cast<uint64_t>(std::ftell(out)))));
  }
  return 0;
}

}  // namespace weft::cli
