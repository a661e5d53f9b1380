#include <algorithm>

#include "api/query/execution_spans.h"
#include "trace/critical.h"

namespace weft::api {
namespace {

// Parts of one answer; of more, the longest.
constexpr size_t kPartsMax = 500;

}  // namespace

FoundResult execution_critical(const Question& question) {
  const auto found = spans_of_execution(question, false);
  if (!found) return std::unexpected(found.error());
  std::vector<trace::CriticalPart> parts = trace::critical_path(found->spans);
  const size_t all = parts.size();
  if (all > kPartsMax) {
    const auto longer = [](const trace::CriticalPart& a, const trace::CriticalPart& b) {
      return a.end_us - a.start_us > b.end_us - b.start_us;
    };
    std::ranges::nth_element(parts, parts.begin() + kPartsMax, longer);
    parts.resize(kPartsMax);
    std::ranges::sort(parts, {}, &trace::CriticalPart::start_us);
  }
  const int64_t origin = found->spans.front().start_us;
  json::ArrayBuilder segments(question.arena);
  for (const trace::CriticalPart& part : parts) {
    const trace::Span& span = found->spans[part.span];
    segments.push(aws::Answer(question.arena)
                      .text("id", span_text(span.span_id))
                      .text("kind", trace::to_string(span.kind))
                      .text("name", span.name)
                      .number("s", part.start_us - origin)
                      .number("d", part.end_us - part.start_us)
                      .finish());
  }
  aws::Answer answer(question.arena);
  answer.flag("final", found->final)
      .text("arn", found->arn)
      .number("all", static_cast<int64_t>(all))
      .value("segs", segments.finish());
  return Found{answer.to_text(), found->final};
}

}  // namespace weft::api
