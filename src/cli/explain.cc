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
#include "terminal/terminal.h"
#include "terminal/text.h"
#include "trace/identity.h"

namespace weft::cli {
namespace {

using base::format_duration_us;
using reading::Explanation;
using terminal::cut;
using terminal::fit;
using terminal::grouped;
using terminal::single_line;

constexpr size_t kKindsShown = 8;
constexpr size_t kCausesShown = 3;
constexpr size_t kWidthMin = 60;

std::string percent(double share) {
  return share > 0 && share < 0.001 ? "<0.1 %" : fmt::format("{:.1f} %", 100 * share);
}

std::string percent_of(uint64_t part, uint64_t whole) {
  return percent(whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole));
}

// "queue 12 % · function 80 %".
std::string split_text(const columns::TimeSplit& split) {
  std::string text;
  const auto add = [&](std::string_view name, int64_t part) {
    const double share =
        split.total() == 0 ? 0 : static_cast<double>(part) / static_cast<double>(split.total());
    if (share < 0.005) return;
    text += fmt::format("{}{} {:.0f} %", text.empty() ? "" : " · ", name, 100 * share);
  };
  add("queue", split.queue);
  add("cold start", split.cold);
  add("function", split.run);
  add("retry wait", split.retry_wait);
  add("other", split.other);
  return text;
}

// Draws one explanation within the terminal's width.
class Screen {
 public:
  Screen(const Explanation& answer, const terminal::Terminal& terminal)
      : answer_(answer),
        terminal_(terminal),
        width_(std::max(kWidthMin, static_cast<size_t>(terminal.width))) {}

  std::string draw() {
    title();
    if (answer_.selection) {
      heading(fmt::format("The {} chosen against the {} others", grouped(answer_.selection->count),
                          grouped(answer_.children - answer_.selection->count)));
      group(*answer_.selection, "chosen");
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
    while (!text.empty()) {
      size_t end = text.size() <= width_ - 2 ? text.size() : text.rfind(' ', width_ - 2);
      if (end == std::string_view::npos || end == 0) end = std::min(text.size(), width_ - 2);
      line("  " + terminal::printable(text.substr(0, end)));
      text.remove_prefix(end);
      text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    }
  }

  void title() {
    const columns::Summary& all = answer_.all;
    line(terminal_.bold(cut(single_line(answer_.run.state_name), width_ / 2)) +
         fmt::format("  {} finished {}, {} failed", grouped(answer_.children),
                     answer_.children == 1 ? "child" : "children", grouped(all.failed)));
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
      line(fmt::format("  and {} more kinds", grouped(answer_.errors.kinds.size() - kKindsShown)));
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
      line(indent + fmt::format("and {} more causes", grouped(kind.causes.size() - kCausesShown)));
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
    if (!side.shares.empty()) {
      line(terminal_.dim(
          fmt::format("  {:>8} {:>8} {:>6}  what they share", name, "others", "lift")));
    }
    for (const columns::Difference& one : side.shares) {
      const std::string numbers =
          fmt::format("  {:>8} {:>8} {:>6}  ", percent(one.selected_share), percent(one.base_share),
                      fmt::format("{:.{}f}x", one.lift, one.lift < 10 ? 1 : 0));
      const size_t room = width_ - terminal::display_width(numbers);
      const std::string value = one.value.empty() ? "(none)" : single_line(one.value);
      line(numbers + cut(fmt::format("{} {}", single_line(one.attribute), value), room));
      if (next_.empty() && !one.filter.empty()) next_ = one.filter;
    }
    for (const reading::SpanShare& span : side.spans) {
      line("  " + cut(fmt::format("{} takes {} in a {} child, {} in others", single_line(span.name),
                                  format_duration_us(span.selected_us), name,
                                  format_duration_us(span.others_us)),
                      width_ - 2));
    }
  }

  void where() {
    const std::string all = split_text(answer_.time);
    if (all.empty()) return;
    heading("Where the time went");
    line("  " + cut("all   " + all, width_ - 2));
    if (answer_.slow) line("  " + cut("slow  " + split_text(answer_.slow_time), width_ - 2));
  }

 public:
  // The best condition to look on with; "" when there is none.
  const std::string& next() const { return next_; }

 private:
  const Explanation& answer_;
  const terminal::Terminal& terminal_;
  const size_t width_;
  std::string out_;
  std::string next_;
};

base::Result<std::vector<records::MapRunRecord>> runs_of(const reading::Query& query,
                                                         const std::string& arn) {
  if (arn.find(":mapRun:") != std::string::npos) {
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
  reading::RunColumns reader;
  json::Arena arena;
  json::ArrayBuilder rows(arena);
  std::string next;
  for (const records::MapRunRecord& run : *runs) {
    const auto answer = reading::explain(query, reader, run, *filter, *payloads);
    if (!answer) return std::unexpected(answer.error());
    if (flags.read.json) {
      rows.push(api::explanation_value(*answer, arena));
      continue;
    }
    Screen screen(*answer, terminal);
    fmt::print("{}{}", &run == &runs->front() ? "" : "\n", screen.draw());
    if (next.empty()) next = screen.next();
  }
  if (flags.read.json) {
    fmt::print("{}\n", aws::Answer(arena).value("mapRuns", rows.finish()).to_text());
    return 0;
  }
  if (!next.empty()) {
    fmt::print("\n{} weft trace {}{} --filter '{}'\n", terminal.dim("look at them:"),
               arn::execution_name_of(*arn), where_text(flags.read.data),
               terminal::single_line(next));
  }
  return 0;
}

}  // namespace weft::cli
