#include <charconv>

#include <fmt/format.h>

#include "api/query/question.h"
#include "arn/arn.h"
#include "columns/order.h"
#include "json/parse.h"
#include "json/write.h"
#include "reading/input_paths.h"
#include "reading/properties.h"

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

constexpr size_t kItemBytesMax = 120;
constexpr size_t kAskedColumnsMax = 8;

// At most so much of a text, between two characters.
std::string shortened(std::string text) {
  if (text.size() <= kItemBytesMax) return text;
  size_t end = kItemBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

// The parameters `col`: members of the input, "input.customer.region".
base::Result<std::vector<std::string>> asked_columns(const net::Query& parameters) {
  std::vector<std::string> columns;
  for (const auto& [name, value] : parameters.parameters) {
    if (name != "col" || value.empty()) continue;
    if (value.starts_with("input.") && columns::is_property(value) &&
        columns.size() < kAskedColumnsMax) {
      columns.push_back(value);
      continue;
    }
    return base::fail(
        base::ErrorCode::kInvalidArgument,
        fmt::format("col={}: expected input.PATH, at most {} of them", value, kAskedColumnsMax));
  }
  return columns;
}

// What stands at each of the paths, as it may be seen; null where nothing does.
json::Value asked_values(const Question& question, const std::vector<std::string>& asked,
                         std::string_view input) {
  const std::string shown = question.payloads.uncut(input);
  json::Arena arena;
  const auto parsed = json::parse(shown, arena);
  json::ArrayBuilder values(question.arena);
  for (const std::string& column : asked) {
    const std::string_view path = std::string_view(column).substr(column.find('.') + 1);
    const json::Value found = parsed ? reading::value_at(*parsed, path) : json::Value();
    values.push(
        found.is_undefined() || !question.payloads.shows_payloads()
            ? json::Value::null()
            : json::Value::string(shortened(found.is_string() ? std::string(found.as_string())
                                                              : json::to_text(found)),
                                  question.arena));
  }
  return values.finish();
}

// What the child was about, out of the input that it was started with: the item's key, or where it
// has none the beginning of the input, as it may be seen.
void add_item(const Question& question, history::ExecutionKey key, std::string_view key_path,
              const std::vector<std::string>& asked, aws::Answer& answer) {
  const auto events = question.query.events(key);
  if (!events) return;
  for (const history::Event& event : *events) {
    if (event.type != history::EventType::kExecutionStarted) continue;
    if (!asked.empty()) answer.value("cols", asked_values(question, asked, event.text.view()));
    const std::string name =
        question.payloads.clean(reading::item_text(event.text.view(), key_path));
    answer.text_if("key", name);
    if (!name.empty() || !question.payloads.shows_payloads()) return;
    answer.text_if("item", shortened(question.payloads.apply(event.text.view())));
    return;
  }
}

// Only the child whose ARN the parameter `child` is, where there is one.
base::Result<void> narrow(const Question& question, RunView& view) {
  const auto arn = question.parameters.find("child");
  if (!arn || arn->empty()) return {};
  const auto key = question.query.find_execution(*arn);
  if (!key) return std::unexpected(key.error());
  columns::Rows only;
  std::ranges::copy_if(view.rows(), std::back_inserter(only), [&](uint32_t row) {
    return key->run == view.run.number && view.columns->index[row] == key->index;
  });
  view.chosen = std::move(only);
  return {};
}

json::Value child_value(const Question& question, const RunView& view,
                        const trace::DetailChoice& choice, std::string_view key_path,
                        const std::vector<std::string>& asked, uint32_t row) {
  const columns::Columns& c = *view.columns;
  const history::ExecutionKey key{view.run.number, c.index[row]};
  const std::string arn = question.query.child_arn(view.run, key.index);
  aws::Answer answer(question.arena);
  answer.number("idx", static_cast<int64_t>(c.index[row]))
      .text("arn", arn)
      .text("name", arn::execution_name_of(arn))
      .text("status", history::to_string(c.status[row]))
      .number("s", c.start[row])
      .number("d", c.duration[row])
      .number("items", c.items[row])
      .number("itemsFailed", c.failed(row) ? c.items[row] : 0)
      .number("err", c.error_group[row])
      .number("retries", c.retries[row])
      .number("lane", c.lane[row])
      .number("bytes", c.input_bytes[row])
      .number("wait", c.queue[row])
      .number("cold", c.cold[row])
      .number("run", c.run[row])
      .number("retryWait", c.retries[row] > 0 ? c.other(row) : 0)
      .number("other", c.retries[row] > 0 ? 0 : c.other(row))
      .value("kept", kept_value(choice, c.index[row], question.arena));
  add_item(question, key, key_path, asked, answer);
  return answer.finish();
}

}  // namespace

FoundResult map_run_children(const Question& question) {
  const auto order = columns::parse_order(question.parameters.find("sort").value_or("dur:desc"));
  if (!order) return std::unexpected(order.error());
  const auto limit = whole_parameter(question.parameters, "limit", 100, 1, 1'000);
  if (!limit) return std::unexpected(limit.error());
  const auto after = cursor_parameter(question.parameters);
  if (!after) return std::unexpected(after.error());
  const auto asked = asked_columns(question.parameters);
  if (!asked) return std::unexpected(asked.error());
  auto view = read_run(question);
  if (!view) return std::unexpected(view.error());
  if (auto narrowed = narrow(question, *view); !narrowed) return std::unexpected(narrowed.error());
  const columns::Rows page = columns::sorted_page(*view->columns, view->rows(), *order,
                                                  static_cast<size_t>(*limit), *after);
  const auto detail = question.host.detail(view->run.number);
  if (!detail) return std::unexpected(detail.error());
  const trace::DetailChoice choice = detail->value_or(trace::DetailChoice());
  const auto shape = question.columns.shape(question.query, view->run);
  if (!shape) return std::unexpected(shape.error());
  json::ArrayBuilder rows(question.arena);
  for (const uint32_t row : page) {
    rows.push(child_value(question, *view, choice, shape->key_path, *asked, row));
  }
  aws::Answer answer = begin_answer(question, *view);
  answer.number("total", static_cast<int64_t>(view->rows().size())).value("rows", rows.finish());
  if (page.size() == static_cast<size_t>(*limit)) {
    answer.text("next",
                fmt::format("{}.{}", columns::sort_value(*view->columns, page.back(), order->by),
                            view->columns->index[page.back()]));
  }
  return Found{answer.to_text(), view->final()};
}

}  // namespace weft::api
