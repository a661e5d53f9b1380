#include <algorithm>
#include <cctype>
#include <charconv>

#include <fmt/format.h>

#include "api/page/page.h"
#include "api/query/question.h"
#include "arn/arn.h"
#include "base/ascii.h"
#include "reading/properties.h"

namespace weft::api {
namespace {

using reading::ExecutionItem;

constexpr size_t kSearchPage = 1'000;
// Executions that a search looks at, newest first; and children whose keys it looks at.
constexpr size_t kSearchedMax = 10'000;
constexpr size_t kKeysSearchedMax = 1'000'000;
constexpr size_t kMapRunsSearchedMax = 20;
constexpr size_t kSearchBytesMax = 2'100;

std::string page_of(std::string_view arn) {
  const std::string_view kind = arn::arn_parts(arn).kind;
  const std::string_view place = kind == "mapRun"         ? "maprun/"
                                 : kind == "stateMachine" ? "machine/"
                                                          : "exec/";
  return fmt::format("{}{}{}", kPagePath, place, net::percent_encode(arn, ":/"));
}

// Whether the trace has the id that was given: 32 hexadecimal digits as W3C has it, or Datadog's
// decimal number.
bool has_trace(const trace::Context& context, std::string_view text) {
  if (text.size() == 32 && std::ranges::all_of(text, base::is_hex))
    return context.trace.hex() == text;
  uint64_t low = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), low);
  return error == std::errc() && end == text.data() + text.size() && low == context.trace.low;
}

bool looks_like_trace(std::string_view text) {
  return (text.size() == 32 && std::ranges::all_of(text, base::is_hex)) ||
         (text.size() >= 15 &&
          std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; }));
}

class Search {
 public:
  Search(const Question& question, std::string text, size_t limit)
      : question_(question), text_(std::move(text)), limit_(limit), groups_(question.arena) {}

  FoundResult run() {
    if (auto jumped = jump(); !jumped) return std::unexpected(jumped.error());
    if (jump_.empty()) {
      if (auto done = machines(); !done) return std::unexpected(done.error());
      if (auto done = executions(); !done) return std::unexpected(done.error());
      if (auto done = children(); !done) return std::unexpected(done.error());
    }
    aws::Answer answer(question_.arena);
    if (jump_.empty()) {
      answer.value("jump", json::Value::null());
    } else {
      answer.value("jump", aws::Answer(question_.arena).text("url", jump_).finish());
    }
    return Found{answer.flag("more", more_).value("groups", groups_.finish()).to_text()};
  }

 private:
  struct Row {
    std::string title;
    std::string sub;
    std::string url;
  };

  // What names one thing leads there.
  base::Result<void> jump() {
    if (text_.starts_with("arn:")) {
      const auto parts = arn::parse_states_arn(text_);
      if (!parts) return {};
      const bool there = parts->kind == "mapRun" ? question_.query.map_run(text_).has_value()
                         : parts->kind == "stateMachine"
                             ? question_.query.machine(text_).has_value()
                             : question_.query.find_execution(text_).has_value();
      if (there) jump_ = page_of(text_);
      return {};
    }
    const auto called = question_.query.find_request(text_);
    if (!called) return std::unexpected(called.error());
    if (!*called) return {};
    const auto arn = question_.query.execution_arn(**called);
    if (!arn) return std::unexpected(arn.error());
    jump_ = page_of(*arn);
    return {};
  }

  base::Result<void> machines() {
    std::vector<Row> rows;
    const auto page = question_.query.machines(kSearchPage, "");
    if (!page) return std::unexpected(page.error());
    for (const records::MachineRecord& record : page->rows) {
      if (!contains_text(record.name, text_)) continue;
      rows.push_back({record.name, record.express ? "Express" : "Standard", page_of(record.arn)});
    }
    more_ |= !page->next_token.empty();
    add("machines", rows);
    return {};
  }

  base::Result<void> executions() {
    std::vector<Row> rows;
    const bool trace = looks_like_trace(text_);
    const auto left = each_execution(question_, "", kSearchedMax, [&](const ExecutionItem& row) {
      if (contains_text(row.name, text_)) {
        rows.push_back({row.name, described(row), page_of(row.arn)});
      } else if (trace) {
        const auto record = question_.query.execution_record(row.key);
        if (record && has_trace(record->trace, text_)) {
          rows.push_back({row.name, "trace " + record->trace.trace.hex(), page_of(row.arn)});
        }
      }
      return rows.size() <= limit_;
    });
    if (!left) return std::unexpected(left.error());
    more_ |= *left;
    add("executions", rows);
    return {};
  }

  static std::string described(const ExecutionItem& row) {
    return fmt::format("{}, {}", arn::arn_parts(row.arn).machine, history::to_string(row.status));
  }

  // Children whose item has this key, or one below it, in the newest Map Runs.
  base::Result<void> children() {
    std::vector<Row> rows;
    const auto condition = columns::parse_condition("key:" + text_);
    if (!condition || text_.find_first_of("/.") == std::string::npos) return {};
    const columns::Filter filter = {*condition};
    const auto page = question_.query.executions("", std::nullopt, kSearchPage, "");
    if (!page) return std::unexpected(page.error());
    size_t looked = 0;
    size_t runs_looked = 0;
    for (const ExecutionItem& row : page->rows) {
      const auto runs = question_.query.map_runs(row.key);
      if (!runs) return std::unexpected(runs.error());
      for (const records::MapRunRecord& run : *runs) {
        if (rows.size() > limit_) break;
        if (++runs_looked > kMapRunsSearchedMax || looked > kKeysSearchedMax) {
          more_ = true;
          break;
        }
        auto found = question_.columns.get(question_.query, run, true);
        if (!found) return std::unexpected(found.error());
        looked += (*found)->size();
        add_children(run, **found, columns::select(**found, filter), rows);
      }
    }
    add("children", rows);
    return {};
  }

  void add_children(const records::MapRunRecord& run, const columns::Columns& columns,
                    const columns::Rows& chosen, std::vector<Row>& rows) const {
    for (const uint32_t row : chosen) {
      if (rows.size() > limit_) return;
      const uint64_t index = columns.index[row];
      rows.push_back(
          {fmt::format("#{} {}", index, columns.folder.text(row)),
           fmt::format("{}, {}", run.state_name, history::to_string(columns.status[row])),
           page_of(question_.query.child_arn(run, index))});
    }
  }

  void add(std::string_view kind, const std::vector<Row>& rows) {
    if (rows.empty()) return;
    json::ArrayBuilder values(question_.arena);
    for (const Row& row : rows) {
      if (values.size() == limit_) break;
      values.push(aws::Answer(question_.arena)
                      .text("title", row.title)
                      .text("sub", row.sub)
                      .text("url", row.url)
                      .finish());
    }
    groups_.push(aws::Answer(question_.arena)
                     .text("kind", kind)
                     .flag("more", rows.size() > limit_)
                     .value("rows", values.finish())
                     .finish());
  }

  const Question& question_;
  const std::string text_;
  const size_t limit_;
  json::ArrayBuilder groups_;
  std::string jump_;
  bool more_ = false;  // not everything was looked at
};

}  // namespace

FoundResult search(const Question& question) {
  std::string text(question.parameters.find("q").value_or(""));
  const auto blank = [](unsigned char c) { return std::isspace(c) != 0; };
  text.erase(text.begin(), std::ranges::find_if_not(text, blank));
  while (!text.empty() && blank(static_cast<unsigned char>(text.back()))) text.pop_back();
  if (text.empty() || text.size() > kSearchBytesMax) {
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        fmt::format("q: expected 1 to {} bytes, it has {}", kSearchBytesMax, text.size()));
  }
  const auto limit = whole_parameter(question.parameters, "limit", 10, 1, 100);
  if (!limit) return std::unexpected(limit.error());
  return Search(question, std::move(text), static_cast<size_t>(*limit)).run();
}

}  // namespace weft::api
