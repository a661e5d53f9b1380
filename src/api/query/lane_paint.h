#pragma once

#include "api/query/question.h"
#include "columns/lanes.h"

namespace weft::api {

// What cells of lanes show, in every answer that draws some.
struct LanePaint {
  columns::LaneColor color = columns::LaneColor::kDuration;
  int64_t typical_us = 1'000'000;  // what durations are a multiple of
};

// The parameters `typical` (microseconds, 1,000,000 unless given) and `color` ("duration" unless
// given). kInvalidArgument names the one that is wrong.
inline base::Result<LanePaint> lane_paint(const Question& question) {
  const auto typical = whole_parameter(question.parameters, "typical", 1'000'000, 1, INT64_MAX);
  if (!typical) return std::unexpected(typical.error());
  const auto color =
      columns::parse_lane_color(question.parameters.find("color").value_or("duration"));
  if (!color) return std::unexpected(color.error());
  return LanePaint{*color, *typical};
}

}  // namespace weft::api
