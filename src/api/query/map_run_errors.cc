#include "api/query/question.h"
#include "columns/errors.h"

namespace weft::api {
namespace {

constexpr size_t kGroupsMax = 100;
constexpr size_t kCauseBytesMax = 2'048;

// How one child of the group failed: the names and texts that stand for all of it.
void add_sample(const Question& question, const RunView& view, uint32_t row, aws::Answer& answer) {
  const auto events = question.query.events({view.run.number, view.columns->index[row]});
  if (!events) return;
  std::string_view state;
  for (const history::Event& event : *events) {
    if (history::is_state_entered(event.type)) state = event.name;
    if (!history::is_terminal(event.type)) continue;
    answer.text("state", state)
        .text("error", question.payloads.clean(event.error.value_or("")))
        .text("cause", std::string_view(question.payloads.clean(event.cause.value_or("")))
                           .substr(0, kCauseBytesMax));
  }
}

}  // namespace

FoundResult map_run_errors(const Question& question) {
  const auto view = read_run(question);
  if (!view) return std::unexpected(view.error());
  const columns::ErrorGroups found =
      columns::group_errors(*view->columns, view->rows(), view->range(question.now_ms), kGroupsMax);
  json::ArrayBuilder groups(question.arena);
  for (const columns::ErrorGroup& group : found.groups) {
    aws::Answer one(question.arena);
    one.number("id", group.fingerprint);
    add_sample(question, *view, group.exemplars.front(), one);
    groups.push(one.number("n", static_cast<int64_t>(group.count))
                    .number("first", group.first)
                    .number("last", group.last)
                    .value("spark", numbers(question.arena, group.spark, std::identity()))
                    .value("ex", numbers(question.arena, group.exemplars,
                                         [&](uint32_t row) { return view->columns->index[row]; }))
                    .finish());
  }
  aws::Answer answer = begin_answer(question, *view);
  answer.value("groups", groups.finish()).number("other", static_cast<int64_t>(found.other));
  return Found{answer.to_text(), view->final()};
}

}  // namespace weft::api
