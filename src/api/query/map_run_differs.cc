#include <algorithm>

#include "api/explanation.h"
#include "api/query/question.h"
#include "columns/differs.h"

namespace weft::api {
namespace {

constexpr size_t kDifferencesMax = 40;

// What the failed and the slow share: the answer of `weft explain`.
FoundResult worth_a_look(const Question& question) {
  const auto view = read_run(question);
  if (!view) return std::unexpected(view.error());
  const auto answer =
      reading::explain(question.query, question.columns, view->run, {}, question.payloads);
  if (!answer) return std::unexpected(answer.error());
  aws::Answer out = begin_answer(question, *view);
  out.value("explanation", explanation_value(*answer, question.arena));
  return Found{out.to_text(), view->final()};
}

}  // namespace

FoundResult map_run_differs(const Question& question) {
  const auto selection = filter_parameter(question.parameters, "sel");
  if (!selection) return std::unexpected(selection.error());
  if (selection->empty()) return worth_a_look(question);
  const auto base = filter_parameter(question.parameters, "base");
  if (!base) return std::unexpected(base.error());
  reading::WantedColumns wanted(true);
  wanted.discover = true;
  reading::add_wanted(*selection, wanted);
  reading::add_wanted(*base, wanted);
  const auto view = read_run(question, wanted);
  if (!view) return std::unexpected(view.error());
  std::vector<columns::Field> except;
  for (const columns::Condition& condition : *selection) except.push_back(condition.field);
  // A failure has an error and a bad end: neither explains the other.
  const auto chosen_by = [&](columns::Field field) {
    return std::ranges::find(except, field) != except.end();
  };
  if (chosen_by(columns::Field::kError)) except.push_back(columns::Field::kStatus);
  columns::Rows some;
  if (!base->empty()) some = columns::select(*view->columns, *base);
  const columns::Differences found = columns::differs(
      *view->columns, columns::select(*view->columns, *selection),
      base->empty() ? columns::all_rows(*view->columns) : columns::RowSpan(some), except,
      kDifferencesMax, columns::properties_of(*selection),
      base->empty() ? question.columns.attributes(view->run.number, view->columns).get() : nullptr);
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
