#include "api/query/question.h"
#include "columns/order.h"

namespace weft::api {

FoundResult map_run_tail(const Question& question) {
  const auto count = whole_parameter(question.parameters, "n", 50, 1, 10'000);
  if (!count) return std::unexpected(count.error());
  const auto view = read_run(question);
  if (!view) return std::unexpected(view.error());
  const columns::Columns& c = *view->columns;
  const columns::Rows rows = columns::slowest(c, view->rows(), static_cast<size_t>(*count));
  const auto column = [&](auto number) { return numbers(question.arena, rows, number); };
  aws::Answer answer = begin_answer(question, *view);
  answer.value("idx", column([&](uint32_t row) { return c.index[row]; }))
      .value("s", column([&](uint32_t row) { return c.start[row]; }))
      .value("d", column([&](uint32_t row) { return c.duration[row]; }))
      .value("st", column([&](uint32_t row) { return static_cast<int>(c.status[row]); }))
      .value("err", column([&](uint32_t row) { return c.error_group[row]; }))
      .value("wait", column([&](uint32_t row) { return c.queue[row]; }))
      .value("cold", column([&](uint32_t row) { return c.cold[row]; }))
      .value("retryWait",
             column([&](uint32_t row) { return c.retries[row] > 0 ? c.other(row) : 0; }))
      .value("lambda", column([&](uint32_t row) { return c.run[row]; }))
      .value("other", column([&](uint32_t row) { return c.retries[row] > 0 ? 0 : c.other(row); }));
  return Found{answer.to_text(), view->final()};
}

}  // namespace weft::api
