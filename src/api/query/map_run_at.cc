#include <algorithm>

#include <fmt/format.h>

#include "api/query/question.h"
#include "columns/lanes.h"

namespace weft::api {

// The child that a place in the picture of lanes stands for: one that failed before others, then
// the longest.
FoundResult map_run_at(const Question& question) {
  constexpr int64_t kLaneEnd = UINT32_MAX;
  for (const std::string_view name : {"t", "l"}) {
    if (question.parameters.has(name)) continue;
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("{}: expected {}", name,
                                  name == "t" ? "a time in us since the start" : "a lane"));
  }
  const auto time = whole_parameter(question.parameters, "t", 0, 0, INT64_MAX / 2);
  if (!time) return std::unexpected(time.error());
  const auto width = whole_parameter(question.parameters, "dt", 1, 1, INT64_MAX / 2);
  if (!width) return std::unexpected(width.error());
  const auto lane = whole_parameter(question.parameters, "l", 0, 0, kLaneEnd - 1);
  if (!lane) return std::unexpected(lane.error());
  const auto height = whole_parameter(question.parameters, "dl", 1, 1, kLaneEnd - *lane);
  if (!height) return std::unexpected(height.error());
  const auto view = read_run(question);
  if (!view) return std::unexpected(view.error());
  const columns::Columns& c = *view->columns;
  const columns::Rows rows =
      columns::in_window(c, view->rows(),
                         {.time = {*time, *time + *width},
                          .first_lane = static_cast<uint32_t>(*lane),
                          .end_lane = static_cast<uint32_t>(*lane + *height)});
  const auto best = std::ranges::max_element(rows, [&](uint32_t a, uint32_t b) {
    if (c.failed(a) != c.failed(b)) return c.failed(b);
    if (c.duration[a] != c.duration[b]) return c.duration[a] < c.duration[b];
    return c.index[a] > c.index[b];
  });
  aws::Answer answer = begin_answer(question, *view);
  if (best == rows.end()) {
    answer.value("idx", json::Value::null());
  } else {
    answer.number("idx", static_cast<int64_t>(c.index[*best]));
  }
  return Found{answer.number("total", static_cast<int64_t>(rows.size())).to_text(), view->final()};
}

}  // namespace weft::api
