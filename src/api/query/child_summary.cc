#include <algorithm>

#include <fmt/format.h>

#include "api/query/question.h"

namespace weft::api {
namespace {

// The one that used the lane before, and the one after.
json::Value neighbour(const columns::Columns& c, std::optional<uint32_t> row, json::Arena& arena) {
  if (!row) return json::Value::null();
  return aws::Answer(arena)
      .number("idx", static_cast<int64_t>(c.index[*row]))
      .number("s", c.start[*row])
      .number("d", c.duration[*row])
      .finish();
}

}  // namespace

FoundResult child_summary(const Question& question) {
  const auto arn = question.parameters.find("maprun");
  if (!arn) return base::fail(base::ErrorCode::kInvalidArgument, "maprun: expected its ARN");
  if (!question.parameters.has("idx")) {
    return base::fail(base::ErrorCode::kInvalidArgument, "idx: expected the index of a child");
  }
  const auto index = whole_parameter(question.parameters, "idx", 0, 0, INT64_MAX);
  if (!index) return std::unexpected(index.error());
  const auto run = question.query.map_run(*arn);
  if (!run) return std::unexpected(run.error());
  const auto columns = question.columns.get(question.query, *run, false);
  if (!columns) return std::unexpected(columns.error());
  const columns::Columns& c = **columns;
  const auto found = std::ranges::find(c.index, static_cast<uint64_t>(*index));
  const std::string child = question.query.child_arn(*run, static_cast<uint64_t>(*index));
  return summary_of(question, child, [&](aws::Answer& answer) {
    answer.number("idx", *index);
    if (found == c.index.end()) return;  // it runs
    const auto at = static_cast<uint32_t>(std::ranges::distance(c.index.begin(), found));
    std::optional<uint32_t> before;
    std::optional<uint32_t> after;
    for (uint32_t row = 0; row < c.size(); ++row) {
      if (row == at || c.lane[row] != c.lane[at]) continue;
      const bool earlier = c.start[row] < c.start[at];
      std::optional<uint32_t>& nearest = earlier ? before : after;
      if (!nearest ||
          (earlier ? c.start[row] > c.start[*nearest] : c.start[row] < c.start[*nearest]))
        nearest = row;
    }
    answer.number("lane", c.lane[at])
        .value("before", neighbour(c, before, question.arena))
        .value("after", neighbour(c, after, question.arena));
  });
}

}  // namespace weft::api
