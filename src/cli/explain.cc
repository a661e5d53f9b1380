#include "reading/explain.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "api/explanation.h"
#include "arn/arn.h"
#include "aws/answer.h"
#include "base/time.h"
#include "cli/commands.h"
#include "terminal/pager.h"
#include "terminal/shell_word.h"
#include "terminal/table.h"
#include "terminal/terminal.h"
#include "terminal/text.h"
#include "terminal/time_split.h"
#include "trace/identity.h"

namespace weft::cli {
namespace {

using base::format_duration_us;
using reading::Explanation;
using terminal::counted;
using terminal::cut;
using terminal::cut_middle;
using terminal::grouped;
using terminal::percent;
using terminal::single_line;

constexpr size_t kKindsShown = 8;
constexpr size_t kCausesShown = 3;

std::string percent_of(uint64_t part, uint64_t whole) {
  return percent(whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole));
}

// Draws one explanation within the terminal's width.
class Screen {
 public:
  Screen(const Explanation& answer, const terminal::Terminal& terminal)
      : answer_(answer), terminal_(terminal), width_(terminal.room()) {}

  std::string draw() {
    title();
    if (answer_.selection) {
      heading(fmt::format("The {} chosen against the {} others", grouped(answer_.selection->count),
                          grouped(answer_.children - answer_.selection->count)));
      for (const std::string& why : answer_.nothing_chosen) wrapped(why);
      if (answer_.selection->count > 0) group(*answer_.selection, "chosen");
      return std::move(out_);
    }
    if (answer_.failed) failed();
    if (answer_.slow) slow();
    if (!answer_.failed && !answer_.slow) line("None failed, and none stands apart as slow.");
    where();
    if (!answer_.advice.empty()) {
      heading("What to change");
      for (const std::string& one : answer_.advice) wrapped(one);
    }
    return std::move(out_);
  }

 private:
  void line(std::string_view text) { (out_ += text) += '\n'; }
  void heading(const std::string& text) {
    out_ += '\n';
    line(terminal_.bold(cut(text, width_)));
  }
  void wrapped(std::string_view text) {
    line("  " + terminal::wrapped(single_line(text), terminal_.prose_room(), 2, 2));
  }

  void title() {
    const columns::Summary& all = answer_.all;
    const std::string counts = fmt::format(
        "  {}, {} failed", counted(answer_.children, "finished child", "finished children"),
        grouped(all.failed));
    const size_t room = width_ - std::min(width_, terminal::display_width(counts));
    line(terminal_.bold(cut_middle(single_line(answer_.run.state_name), room)) + counts);
    line(terminal_.dim(
        cut(fmt::format("p50 {}, p95 {}, p99 {}, max {}", format_duration_us(all.duration.p50),
                        format_duration_us(all.duration.p95), format_duration_us(all.duration.p99),
                        format_duration_us(all.duration.max)),
            width_)));
  }

  void failed() {
    heading(fmt::format("Failed: {} of {} ({})", grouped(answer_.failed->count),
                        grouped(answer_.children),
                        percent_of(answer_.failed->count, answer_.children)));
    size_t shown = 0;
    for (const reading::ErrorKind& kind : answer_.errors.kinds) {
      if (shown++ == kKindsShown) break;
      kind_lines(kind);
    }
    if (answer_.errors.kinds.size() > kKindsShown) {
      line("  and " + counted(answer_.errors.kinds.size() - kKindsShown, "more kind"));
    }
    group(*answer_.failed, "failed");
  }

  void kind_lines(const reading::ErrorKind& kind) {
    const std::string count = fmt::format("  {:>7} {:>7}  ", grouped(kind.count),
                                          percent_of(kind.count, answer_.failed->count));
    const std::string name = kind.error.empty() ? "no error name" : single_line(kind.error);
    std::string text =
        kind.state.empty() ? name : fmt::format("{} in {}", name, single_line(kind.state));
    const size_t room = width_ - terminal::display_width(count);
    line(count + terminal_.red(cut(text, room)));
    const std::string indent(terminal::display_width(count), ' ');
    size_t shown = 0;
    for (const reading::ErrorCause& cause : kind.causes) {
      if (shown++ == kCausesShown) break;
      const std::string filter = fmt::format("  err:{}", cause.fingerprint);
      const std::string many =
          kind.causes.size() == 1 ? "" : fmt::format("{} x ", grouped(cause.count));
      line(indent + cut(many + single_line(cause.message), room - filter.size()) +
           terminal_.dim(filter));
    }
    if (kind.causes.size() > kCausesShown) {
      line(indent + "and " + counted(kind.causes.size() - kCausesShown, "more cause"));
    }
  }

  void slow() {
    heading(fmt::format("Slow{}: {} of {} ({}), longer than {}",
                        answer_.slow_in_functions ? " in functions" : "",
                        grouped(answer_.slow->count), grouped(answer_.children),
                        percent_of(answer_.slow->count, answer_.children),
                        format_duration_us(answer_.slow_from_us)));
    group(*answer_.slow, "slow");
  }

  // What a side shares.
  void group(const reading::ExplainedGroup& side, std::string_view name) {
    if (side.shares.empty() && side.spans.empty()) {
      line("  they share nothing that the others do not");
      return;
    }
    if (!side.shares.empty()) shares(side.shares, name);
    for (const reading::SpanShare& span : side.spans) {
      line("  " + cut(fmt::format("{} takes {} in a {} child, {} in others", single_line(span.name),
                                  format_duration_us(span.selected_us), name,
                                  format_duration_us(span.others_us)),
                      width_ - 2));
    }
  }

  void shares(const std::vector<columns::Difference>& shares, std::string_view name) {
    using terminal::Align;
    terminal::Table table({{.title = fmt::format("  {:>8}", name), .align = Align::kRight},
                           {.title = fmt::format("{:>8}", "others"), .align = Align::kRight},
                           {.title = fmt::format("{:>6}", "lift"), .align = Align::kRight},
                           {.title = "what they share", .cut = terminal::Cut::kMiddle}});
    for (const columns::Difference& one : shares) {
      const std::string value = one.value.empty() ? "(none)" : one.value;
      table.row({{percent(one.selected_share)},
                 {percent(one.base_share)},
                 {fmt::format("{:.{}f}x", one.lift, one.lift < 10 ? 1 : 0)},
                 {one.attribute + " " + value}});
      if (!one.filter.empty() && one.score > next_score_) {
        next_ = one.filter;
        next_score_ = one.score;
      }
    }
    out_ += table.draw(terminal_);
  }

  void where() {
    const std::string all = terminal::time_split_text(answer_.time);
    if (all.empty()) return;
    heading("Where the time went");
    line("  " + cut("all   " + all, width_ - 2));
    if (answer_.slow)
      line("  " + cut("slow  " + terminal::time_split_text(answer_.slow_time), width_ - 2));
  }

 public:
  // The condition that tells most, to look on with; "" when there is none.
  const std::string& next() const { return next_; }
  double next_score() const { return next_score_; }

 private:
  const Explanation& answer_;
  const terminal::Terminal& terminal_;
  const size_t width_;
  std::string out_;
  std::string next_;
  double next_score_ = 0;
};

base::Result<std::vector<records::MapRunRecord>> runs_of(const reading::Query& query,
                                                         const std::string& arn) {
  if (arn::arn_parts(arn).kind == "mapRun") {
    auto run = query.map_run(arn);
    if (!run) return std::unexpected(run.error());
    return std::vector{std::move(*run)};
  }
  auto key = query.find_execution(arn);
  if (!key) return std::unexpected(key.error());
  auto runs = query.map_runs(*key);
  if (!runs) return std::unexpected(runs.error());
  if (!runs->empty()) return runs;
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("{} has no Distributed Map: weft explain is about the children of "
                                "one. weft trace shows where its time went",
                                arn));
}

}  // namespace

base::Result<int> explain_command(const ExplainFlags& flags) {
  auto data = open_data(flags.read.data);
  if (!data) return std::unexpected(data.error());
  const reading::Query& query = *data->query;
  auto arn = resolve_arn(query, flags.read.arn);
  if (!arn) return std::unexpected(arn.error());
  auto runs = runs_of(query, *arn);
  if (!runs) return std::unexpected(runs.error());
  const auto filter = parse_filters(flags.filters);
  if (!filter) return std::unexpected(filter.error());
  const auto payloads = trace::Redactor::create({});
  if (!payloads) return std::unexpected(payloads.error());
  const auto terminal = terminal::Terminal::of(stdout);
  const terminal::Pager pager(terminal, flags.read.pager && !flags.read.json);
  reading::RunColumns reader;
  json::Arena arena;
  json::ArrayBuilder rows(arena);
  std::string next;
  double next_score = 0;
  bool failed = false;
  for (const records::MapRunRecord& run : *runs) {
    const auto answer = reading::explain(query, reader, run, *filter, *payloads);
    if (!answer) return std::unexpected(answer.error());
    if (flags.read.json) {
      rows.push(api::explanation_value(*answer, arena));
      continue;
    }
    Screen screen(*answer, terminal);
    fmt::print("{}{}", &run == &runs->front() ? "" : "\n", screen.draw());
    failed = failed || answer->failed;
    if (screen.next_score() <= next_score) continue;
    next = screen.next();
    next_score = screen.next_score();
  }
  if (flags.read.json) {
    terminal::print_json(aws::Answer(arena).value("mapRuns", rows.finish()).to_text());
    return 0;
  }
  // A Map Run's name says nothing without the rest of its ARN.
  const bool map_run = arn::arn_parts(*arn).kind == "mapRun";
  const std::string trace = fmt::format(
      "weft trace {}{}", terminal::shell_word(map_run ? *arn : arn::execution_name_of(*arn)),
      where_text(flags.read.data));
  const auto command = [&](std::string_view label, const std::string& rest) {
    fmt::print("{} {}\n", terminal.dim(label),
               terminal::command_lines(trace + rest, terminal.room(), label.size() + 1));
  };
  if (failed || !next.empty()) fmt::print("\n");
  if (failed) command("the failed:", " --group-by error");
  if (!next.empty()) command("look at them:", " --filter " + terminal::shell_word(next));
  return 0;
}

}  // namespace weft::cli
