#include <algorithm>

#include "api/query/lane_paint.h"
#include "api/query/question.h"
#include "columns/lanes.h"

namespace weft::api {
namespace {

// A tile has so many cells; a cell of level 0 is 100 µs of one lane.
constexpr int64_t kTileWidth = 256;
constexpr int64_t kTileHeight = 64;
constexpr int64_t kCellUs = 100;
// Of a cell: 2^40 times 100 µs is three years, 2^24 lanes are more than any run has.
constexpr int64_t kTimeLevelMax = 40;
constexpr int64_t kLaneLevelMax = 24;
constexpr int64_t kPlaceMax = 1 << 30;

}  // namespace

FoundResult map_run_tile(const Question& question) {
  const auto number = [&](std::string_view name, int64_t high) {
    return whole_parameter(question.parameters, name, 0, 0, high);
  };
  const auto kt = number("kt", kTimeLevelMax);
  if (!kt) return std::unexpected(kt.error());
  const auto kl = number("kl", kLaneLevelMax);
  if (!kl) return std::unexpected(kl.error());
  const int64_t width_us = (kTileWidth * kCellUs) << *kt;
  const int64_t lanes = kTileHeight << *kl;
  const auto x = number("x", std::min(kPlaceMax, INT64_MAX / width_us - 1));
  if (!x) return std::unexpected(x.error());
  const auto y = number("y", UINT32_MAX / lanes - 1);
  if (!y) return std::unexpected(y.error());
  const auto paint = lane_paint(question);
  if (!paint) return std::unexpected(paint.error());
  const auto view = read_run(question);
  if (!view) return std::unexpected(view.error());
  const columns::LaneWindow window{.time = {*x * width_us, (*x + 1) * width_us},
                                   .first_lane = static_cast<uint32_t>(*y * lanes),
                                   .end_lane = static_cast<uint32_t>((*y + 1) * lanes)};
  const size_t total = columns::count_in_window(*view->columns, view->rows(), window);
  return Found{begin_answer(question, *view)
                   .number("total", static_cast<int64_t>(total))
                   .text("d", columns::lane_cells(*view->columns, view->rows(), window, kTileWidth,
                                                  kTileHeight, paint->color, paint->typical_us))
                   .to_text(),
               view->final()};
}

}  // namespace weft::api
