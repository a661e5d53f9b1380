#include <algorithm>

#include "api/query/lane_paint.h"
#include "api/query/question.h"
#include "api/query/still_running.h"
#include "columns/lanes.h"

namespace weft::api {
namespace {

// Children that are answered one by one; more are answered as a picture.
constexpr int64_t kChildrenMax = 3'500;
constexpr int64_t kLanesMax = UINT32_MAX;

base::Result<columns::LaneWindow> window_parameters(const Question& question, const RunView& view,
                                                    const std::vector<StillRunning>& running) {
  const auto range = range_parameter(question, view);
  if (!range) return std::unexpected(range.error());
  const auto first = whole_parameter(question.parameters, "l0", 0, 0, kLanesMax - 1);
  if (!first) return std::unexpected(first.error());
  uint32_t lanes = view.columns->size() == 0 ? 1 : view.columns->lane.bounds().most + 1;
  for (const StillRunning& child : running) lanes = std::max(lanes, child.lane + 1);
  const auto end = whole_parameter(question.parameters, "l1", std::max<int64_t>(lanes, *first + 1),
                                   *first + 1, kLanesMax);
  if (!end) return std::unexpected(end.error());
  return columns::LaneWindow{*range, static_cast<uint32_t>(*first), static_cast<uint32_t>(*end)};
}

void add_children(const Question& question, const RunView& view, const columns::Rows& rows,
                  aws::Answer& answer) {
  const columns::Columns& c = *view.columns;
  const auto column = [&](auto number) { return numbers(question.arena, rows, number); };
  answer.flag("exact", true)
      .value("idx", column([&](uint32_t row) { return c.index[row]; }))
      .value("s", column([&](uint32_t row) { return c.start[row]; }))
      .value("d", column([&](uint32_t row) { return c.duration[row]; }))
      .value("lane", column([&](uint32_t row) { return c.lane[row]; }))
      .value("st", column([&](uint32_t row) { return static_cast<int>(c.status[row]); }))
      .value("wait", column([&](uint32_t row) { return c.queue[row]; }))
      .value("cold", column([&](uint32_t row) { return c.cold[row]; }))
      .value("run", column([&](uint32_t row) { return c.run[row]; }))
      .value("retries", column([&](uint32_t row) { return c.retries[row]; }));
}

// Those in the window that have no end yet, as columns: there are no more of them than ran at once.
json::Value running_value(const Question& question, const std::vector<StillRunning>& children,
                          const columns::LaneWindow& window) {
  std::vector<StillRunning> some;
  for (const StillRunning& child : children) {
    if (child.start_us < window.time.to && child.lane >= window.first_lane &&
        child.lane < window.end_lane && some.size() < kChildrenMax) {
      some.push_back(child);
    }
  }
  const auto column = [&](auto number) { return numbers(question.arena, some, number); };
  return aws::Answer(question.arena)
      .value("idx", column([](const StillRunning& child) { return child.index; }))
      .value("s", column([](const StillRunning& child) { return child.start_us; }))
      .value("lane", column([](const StillRunning& child) { return child.lane; }))
      .finish();
}

}  // namespace

FoundResult map_run_lanes(const Question& question) {
  const auto width = whole_parameter(question.parameters, "w", 256, 1, 1'024);
  if (!width) return std::unexpected(width.error());
  const auto height = whole_parameter(question.parameters, "h", 64, 1, 1'024);
  if (!height) return std::unexpected(height.error());
  const auto limit = whole_parameter(question.parameters, "lim", kChildrenMax, 0, kChildrenMax);
  if (!limit) return std::unexpected(limit.error());
  const auto paint = lane_paint(question);
  if (!paint) return std::unexpected(paint.error());
  const auto view = read_run(question);
  if (!view) return std::unexpected(view.error());
  const auto running = still_running(question, *view);
  const auto window = window_parameters(question, *view, running);
  if (!window) return std::unexpected(window.error());
  const size_t total = columns::count_in_window(*view->columns, view->rows(), *window);
  aws::Answer answer = begin_answer(question, *view);
  answer.number("t0", window->time.from)
      .number("t1", window->time.to)
      .number("l0", window->first_lane)
      .number("l1", window->end_lane)
      .number("total", static_cast<int64_t>(total));
  if (!running.empty()) answer.value("running", running_value(question, running, *window));
  if (total <= static_cast<size_t>(*limit)) {
    add_children(question, *view, columns::in_window(*view->columns, view->rows(), *window),
                 answer);
  } else {
    const std::string cells =
        columns::lane_cells(*view->columns, view->rows(), *window, static_cast<uint32_t>(*width),
                            static_cast<uint32_t>(*height), paint->color, paint->typical_us,
                            question.columns.together());
    answer.flag("exact", false).number("w", *width).number("h", *height).text("cells", cells);
  }
  return Found{answer.to_text(), view->final()};
}

}  // namespace weft::api
