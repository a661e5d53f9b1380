#include <algorithm>
#include <charconv>

#include "api/execution_arn.h"
#include "api/operations.h"
#include "api/page_token.h"
#include "aws/answer.h"

namespace weft::api {

aws::Reply list_map_runs(Call& call) {
  const auto arn = call.in.required("executionArn", kArnCharsMax);
  const int64_t max = call.in.whole("maxResults", kPageRowsMax);
  const auto token = call.in.optional("nextToken", kTokenCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const PageToken tokens("ListMapRuns", {arn});
  auto place = tokens.decode(token.value_or(""));
  if (!place) return std::unexpected(place.error());
  auto key = standard_execution(call.query, arn);
  if (!key) return std::unexpected(key.error());
  auto runs = call.query.map_runs(*key);
  if (!runs) return std::unexpected(runs.error());
  std::ranges::reverse(*runs);  // newest first

  size_t next = 0;
  std::from_chars(place->data(), place->data() + place->size(), next);
  next = std::min(next, runs->size());
  const size_t limit = max == 0 ? kPageRowsDefault : static_cast<size_t>(max);
  const size_t end = std::min(runs->size(), next + limit);
  json::ArrayBuilder rows(call.arena);
  for (size_t i = next; i < end; ++i) {
    const records::MapRunRecord& run = (*runs)[i];
    rows.push(aws::Answer(call.arena)
                  .text("executionArn", run.execution_arn)
                  .text("mapRunArn", run.arn)
                  .text("stateMachineArn",
                        arn::machine_arn(call.query.identity(), run.machine_name + "/" + run.label))
                  .time("startDate", run.start_ms)
                  .time("stopDate", run.stop_ms)
                  .finish());
  }
  aws::Answer answer(call.arena);
  answer.value("mapRuns", rows.finish());
  if (end < runs->size()) answer.text("nextToken", tokens.encode(std::to_string(end)));
  return answer.to_text();
}

}  // namespace weft::api
