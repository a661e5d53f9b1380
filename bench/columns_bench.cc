#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>

#include "columns/batches.h"
#include "columns/bytes.h"
#include "columns/differs.h"
#include "columns/errors.h"
#include "columns/filter.h"
#include "columns/heatmap.h"
#include "columns/lanes.h"
#include "columns/order.h"
#include "columns/strip.h"
#include "columns/summary.h"
#include "columns/synthetic.h"

// Times the queries over the columns of one synthetic Map Run:
//   bench_columns [CHILDREN]

namespace {

using namespace weft::columns;

void time_of(const char* what, const std::function<size_t()>& query) {
  double best = 1e9;
  size_t result = 0;
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    result = query();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
  }
  std::printf("  %-34s %9.1f ms   (%zu)\n", what, best, result);
}

}  // namespace

int main(int argc, char** argv) {
  const size_t children = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const Columns columns = synthetic_columns(children, 1);
  std::printf("%zu children, %.1f MB of columns, best of 5\n", children,
              static_cast<double>(columns.bytes()) / 1e6);
  const RowSpan rows = all_rows(columns);
  const Range range = extent(columns, rows);
  time_of("a column, value by value", [&] {
    int64_t sum = 0;
    for (const int64_t duration : columns.duration) sum += duration;
    return static_cast<size_t>(sum);
  });
  time_of("the same, batch by batch", [&] {
    int64_t sum = 0;
    each_value(columns.duration, rows, [&](int64_t duration) { sum += duration; });
    return static_cast<size_t>(sum);
  });
  std::string text;
  write_bytes(columns, [&](std::string_view piece) { text += piece; });
  const auto bytes = std::make_shared<std::byte[]>(text.size());
  std::memcpy(bytes.get(), text.data(), text.size());
  time_of("columns out of their bytes", [&] { return from_bytes(bytes, text.size())->size(); });
  time_of("extent", [&] { return static_cast<size_t>(extent(columns, rows).to); });
  time_of("filter status:failed dur:>1s",
          [&] { return select(columns, *parse_filter("status:failed dur:>1s")).size(); });
  time_of("summary", [&] { return static_cast<size_t>(summarize(columns, rows).duration.p99); });
  const Rows retried = select(columns, *parse_filter("retry:>0"));
  time_of("summary of those tried again",
          [&] { return static_cast<size_t>(summarize(columns, retried).duration.p99); });
  const Rows fine = select(columns, *parse_filter("status:succeeded"));
  time_of("heatmap of those that succeeded",
          [&] { return heatmap(columns, fine, range, 256, 64).cells.size(); });
  const LaneWindow whole{range, 0, columns.lane.bounds().most + 1};
  time_of("lanes 384 x 53", [&] {
    return lane_cells(columns, rows, whole, 384, 53, LaneColor::kDuration, 500'000).size();
  });
  time_of("attributes of all",
          [&] { return static_cast<size_t>(count_attributes(columns).rows()); });
  time_of("heatmap 256 x 64", [&] { return heatmap(columns, rows, range, 256, 64).cells.size(); });
  time_of("strip of 400", [&] { return strip(columns, rows, range, 400).size(); });
  time_of("error groups", [&] { return group_errors(columns, rows, range, 100).groups.size(); });
  time_of("50 slowest", [&] { return slowest(columns, rows, 50).size(); });
  const Rows slow = slowest(columns, rows, children / 100);
  time_of("what the slowest 1 % share",
          [&] { return differs(columns, slow, rows, {Field::kDuration}, 40).found.size(); });
  const Rows burst = select(columns, *parse_filter("err:4711"));
  time_of("what an error group shares", [&] {
    return differs(columns, burst, rows, {Field::kError, Field::kStatus}, 40).found.size();
  });
  for (const Difference& one : differs(columns, slow, rows, {Field::kDuration}, 3).found) {
    std::printf("    %s = %s: %.1f %% of the slowest, %.1f %% of the others, x%.1f\n",
                one.attribute.c_str(), one.value.c_str(), 100 * one.selected_share,
                100 * one.base_share, one.lift);
  }
  return 0;
}
