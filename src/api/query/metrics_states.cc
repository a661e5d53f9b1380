#include "api/query/question.h"
#include "api/state_rows.h"
#include "reading/measured_history.h"

namespace weft::api {

FoundResult metrics_states(const Question& question) {
  reading::MeasuredRange range;
  for (const auto& [name, bound] : {std::pair{"from", &range.from_ms}, {"to", &range.to_ms}}) {
    const auto us = whole_parameter(question.parameters, name, -1, 0, INT64_MAX);
    if (!us) return std::unexpected(us.error());
    if (*us >= 0) *bound = *us / 1'000;
  }
  range.machine = question.parameters.find("machine").value_or("");
  const auto measured = reading::measure_history(question.query, range, &question.measured);
  if (!measured) return std::unexpected(measured.error());
  return Found{
      .body = aws::Answer(question.arena)
                  .value("rows", state_rows_value(columns::state_rows(*measured), question.arena))
                  .to_text()};
}

}  // namespace weft::api
