#include <cmath>

#include "api/query/question.h"
#include "api/query/still_running.h"
#include "columns/strip.h"

namespace weft::api {

FoundResult map_run_strip(const Question& question) {
  const auto width = whole_parameter(question.parameters, "w", 400, 1, 4'000);
  if (!width) return std::unexpected(width.error());
  const auto view = read_run(question);
  if (!view) return std::unexpected(view.error());
  const auto range = range_parameter(question, *view);
  if (!range) return std::unexpected(range.error());
  auto buckets = columns::strip(*view->columns, view->rows(), *range, static_cast<size_t>(*width),
                                question.columns.together());
  add_running(still_running(question, *view), *range, buckets);
  const auto column = [&](auto number) { return numbers(question.arena, buckets, number); };
  json::ArrayBuilder running(question.arena);
  for (const columns::StripBucket& bucket : buckets) {
    running.push(json::Value::number(std::round(bucket.running * 100) / 100));
  }
  using Bucket = columns::StripBucket;
  aws::Answer answer = begin_answer(question, *view);
  answer.number("t0", range->from)
      .number("t1", range->to)
      .number("w", *width)
      .value("conc", running.finish())
      .value("starts", column([](const Bucket& b) { return b.starts; }))
      .value("ends", column([](const Bucket& b) { return b.ends; }))
      .value("err", column([](const Bucket& b) { return b.errors; }))
      .value("p50", column([](const Bucket& b) { return b.p50; }))
      .value("p95", column([](const Bucket& b) { return b.p95; }))
      .value("max", column([](const Bucket& b) { return b.max; }))
      .number("limit", view->run.max_concurrency);
  return Found{answer.to_text(), view->final()};
}

}  // namespace weft::api
