#include <charconv>

#include <fmt/format.h>

#include "api/query/question.h"
#include "columns/children.h"

namespace weft::api {
namespace {

// `after` of the next page: the order's value and the index of the last row, "1500000.17".
base::Result<std::optional<columns::Cursor>> cursor_parameter(const net::Query& parameters) {
  const auto text = parameters.find("after");
  if (!text || text->empty()) return std::nullopt;
  columns::Cursor cursor;
  const char* const end = text->data() + text->size();
  const auto value = std::from_chars(text->data(), end, cursor.value);
  if (value.ec == std::errc() && value.ptr != end && *value.ptr == '.') {
    const auto index = std::from_chars(value.ptr + 1, end, cursor.index);
    if (index.ec == std::errc() && index.ptr == end) return cursor;
  }
  return base::fail(base::ErrorCode::kInvalidToken,
                    fmt::format("after={}: expected the value of an answer's `next`", *text));
}

// Why a child kept full detail: "all" where nobody had to choose, null when it lost it.
json::Value kept_value(const trace::DetailChoice& choice, uint64_t index, json::Arena& arena) {
  if (choice.complete()) return json::Value::string("all", arena);
  const trace::DetailChoice::Child* child = choice.find(index);
  return child == nullptr ? json::Value::null() : json::Value::string(child->reason, arena);
}

json::Value child_value(const Question& question, const RunView& view,
                        const trace::DetailChoice& choice, uint32_t row) {
  const columns::Columns& c = *view.columns;
  const history::ExecutionKey key{view.run.number, c.index[row]};
  return aws::Answer(question.arena)
      .number("idx", static_cast<int64_t>(c.index[row]))
      .text("arn", question.query.child_arn(view.run, c.index[row]))
      .text("name", question.query.child_names().name(key))
      .text("status", history::to_string(c.status[row]))
      .number("s", c.start[row])
      .number("d", c.duration[row])
      .number("items", c.items[row])
      .number("itemsFailed", c.failed(row) ? c.items[row] : 0)
      .number("err", c.error_group[row])
      .number("retries", c.retries[row])
      .number("lane", c.lane[row])
      .value("kept", kept_value(choice, c.index[row], question.arena))
      .finish();
}

}  // namespace

FoundResult map_run_children(const Question& question) {
  const auto order = columns::parse_order(question.parameters.find("sort").value_or("dur:desc"));
  if (!order) return std::unexpected(order.error());
  const auto limit = whole_parameter(question.parameters, "limit", 100, 1, 1'000);
  if (!limit) return std::unexpected(limit.error());
  const auto after = cursor_parameter(question.parameters);
  if (!after) return std::unexpected(after.error());
  const auto view = read_run(question);
  if (!view) return std::unexpected(view.error());
  const columns::Rows page =
      columns::sorted_page(*view->columns, view->rows, *order, static_cast<size_t>(*limit), *after);
  const auto detail = question.host.detail(view->run.number);
  if (!detail) return std::unexpected(detail.error());
  const trace::DetailChoice choice = detail->value_or(trace::DetailChoice());
  json::ArrayBuilder rows(question.arena);
  for (const uint32_t row : page) rows.push(child_value(question, *view, choice, row));
  aws::Answer answer = begin_answer(question, *view);
  answer.number("total", static_cast<int64_t>(view->rows.size())).value("rows", rows.finish());
  if (page.size() == static_cast<size_t>(*limit)) {
    answer.text("next",
                fmt::format("{}.{}", columns::sort_value(*view->columns, page.back(), order->by),
                            view->columns->index[page.back()]));
  }
  return Found{answer.to_text(), view->final()};
}

}  // namespace weft::api
