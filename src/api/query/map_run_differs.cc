#include <algorithm>

#include "api/query/question.h"
#include "columns/differs.h"

namespace weft::api {
namespace {

constexpr size_t kDifferencesMax = 40;

json::Value difference_value(const columns::Difference& one, json::Arena& arena) {
  return aws::Answer(arena)
      .text("attr", one.attribute)
      .text("value", one.value)
      .number("n", static_cast<int64_t>(one.selected))
      .real("selShare", one.selected_share)
      .real("baseShare", one.base_share)
      .real("lift", one.lift)
      .real("score", one.score)
      .finish();
}

}  // namespace

FoundResult map_run_differs(const Question& question) {
  const auto selection = filter_parameter(question.parameters, "sel");
  if (!selection) return std::unexpected(selection.error());
  if (selection->empty()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "sel: expected the filter of the children to explain");
  }
  const auto base = filter_parameter(question.parameters, "base");
  if (!base) return std::unexpected(base.error());
  const auto view = read_run(question, true);
  if (!view) return std::unexpected(view.error());
  std::vector<columns::Field> except;
  for (const columns::Condition& condition : *selection) except.push_back(condition.field);
  // A failure has an error and a bad end: neither explains the other.
  const auto chosen_by = [&](columns::Field field) {
    return std::ranges::find(except, field) != except.end();
  };
  if (chosen_by(columns::Field::kError)) except.push_back(columns::Field::kStatus);
  const columns::Differences found =
      columns::differs(*view->columns, columns::select(*view->columns, *selection),
                       columns::select(*view->columns, *base), except, kDifferencesMax);
  json::ArrayBuilder attributes(question.arena);
  for (const columns::Difference& one : found.found) {
    attributes.push(difference_value(one, question.arena));
  }
  aws::Answer answer = begin_answer(question, *view);
  answer.number("sel", static_cast<int64_t>(found.selected))
      .number("base", static_cast<int64_t>(found.base))
      .value("attrs", attributes.finish());
  return Found{answer.to_text(), view->final()};
}

}  // namespace weft::api
