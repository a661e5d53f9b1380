#include "api/query/question.h"
#include "columns/heatmap.h"

namespace weft::api {

FoundResult map_run_heatmap(const Question& question) {
  const auto width = whole_parameter(question.parameters, "w", 256, 1, 2'048);
  if (!width) return std::unexpected(width.error());
  const auto height = whole_parameter(question.parameters, "h", 64, 1, 2'048);
  if (!height) return std::unexpected(height.error());
  const auto view = read_run(question);
  if (!view) return std::unexpected(view.error());
  const auto range = range_parameter(question, *view);
  if (!range) return std::unexpected(range.error());
  const columns::Heatmap map =
      columns::heatmap(*view->columns, view->rows(), *range, static_cast<uint32_t>(*width),
                       static_cast<uint32_t>(*height), question.columns.together());
  const auto column = [&](auto number) { return numbers(question.arena, map.cells, number); };
  // Cells are named by their distance from the one before: small numbers compress well.
  uint32_t before = 0;
  const json::Value deltas = column(
      [&](const columns::HeatCell& cell) { return cell.cell - std::exchange(before, cell.cell); });
  aws::Answer answer = begin_answer(question, *view);
  answer.number("w", *width)
      .number("h", *height)
      .number("t0", range->from)
      .number("t1", range->to)
      .number("lo", map.low)
      .number("hi", map.high)
      .value("d", deltas)
      .value("c", column([](const columns::HeatCell& cell) { return cell.count; }))
      .value("e", column([](const columns::HeatCell& cell) { return cell.failed; }))
      .value("x", column([&](const columns::HeatCell& cell) {
               return view->columns->index[cell.exemplar];
             }));
  return Found{answer.to_text(), view->final()};
}

}  // namespace weft::api
