#include "api/query/still_running.h"

#include <algorithm>

namespace weft::api {
namespace {

// When the last row of each lane has ended.
std::vector<int64_t> lane_ends(const columns::Columns& c) {
  std::vector<int64_t> ends(c.size() == 0 ? 0 : c.lane.bounds().most + 1, 0);
  for (const uint32_t row : columns::all_rows(c)) {
    int64_t& end = ends[c.lane[row]];
    end = std::max<int64_t>(end, c.start[row] + c.duration[row]);
  }
  return ends;
}

}  // namespace

int64_t began_us(const reading::ExecutionItem& child, const records::MapRunRecord& run) {
  const base::UnixMs began = std::max(child.start_ms, child.redrive_ms);
  return std::max<int64_t>(0, (began - run.start_ms) * 1'000);
}

std::vector<StillRunning> still_running(const Question& question, const RunView& view) {
  std::vector<StillRunning> children;
  if (view.ended() || view.chosen) return children;
  for (const reading::ExecutionItem& item : question.host.running_children(view.run.arn)) {
    children.push_back({.index = item.key.index, .start_us = began_us(item, view.run)});
  }
  std::ranges::sort(children, {}, [](const StillRunning& child) {
    return std::pair(child.start_us, child.index);
  });
  std::vector<int64_t> ends = lane_ends(*view.columns);
  // Who starts later finds no lane that was taken before: one look from the first lane on would do
  // for each, but a lane that was free too late for one may be in time for the next.
  size_t first = 0;
  for (StillRunning& child : children) {
    while (first < ends.size() && ends[first] == INT64_MAX) ++first;
    size_t lane = first;
    while (lane < ends.size() && ends[lane] > child.start_us) ++lane;
    if (lane == ends.size()) ends.push_back(0);
    ends[lane] = INT64_MAX;
    child.lane = static_cast<uint32_t>(lane);
  }
  return children;
}

void add_running(const std::vector<StillRunning>& children, columns::Range range,
                 std::vector<columns::StripBucket>& buckets) {
  const double width =
      static_cast<double>(range.to - range.from) / static_cast<double>(buckets.size());
  if (width <= 0) return;
  for (const StillRunning& child : children) {
    if (child.start_us >= range.to) continue;
    const double at = static_cast<double>(child.start_us - range.from) / width;
    const size_t first = at <= 0 ? 0 : std::min(buckets.size() - 1, static_cast<size_t>(at));
    if (at >= 0) ++buckets[first].starts;
    buckets[first].running += at <= 0 ? 1 : 1 - (at - static_cast<double>(first));
    for (size_t i = first + 1; i < buckets.size(); ++i) ++buckets[i].running;
  }
}

}  // namespace weft::api
