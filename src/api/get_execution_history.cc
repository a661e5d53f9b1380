#include <algorithm>
#include <charconv>

#include "api/execution_arn.h"
#include "api/operations.h"
#include "api/page_token.h"
#include "arn/arn.h"
#include "history/aws_json.h"
#include "json/write.h"

namespace weft::api {

aws::Reply get_execution_history(Call& call) {
  const auto arn = call.in.required("executionArn", kArnCharsMax);
  const int64_t max = call.in.whole("maxResults", kPageRowsMax);
  const bool reverse = call.in.flag("reverseOrder", false);
  const bool with_data = call.in.flag("includeExecutionData", true);
  const auto token = call.in.optional("nextToken", kTokenCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const PageToken tokens("GetExecutionHistory",
                         {arn, reverse ? "reverse" : "", with_data ? "data" : ""});
  auto place = tokens.decode(token.value_or(""));
  if (!place) return std::unexpected(place.error());
  auto key = standard_execution(call.query, arn);
  if (!key) return std::unexpected(key.error());
  auto events = call.query.events(*key);
  if (!events) return std::unexpected(events.error());
  std::erase_if(*events,
                [](const history::Event& event) { return history::is_internal(event.type); });
  if (reverse) std::ranges::reverse(*events);

  size_t next = 0;
  std::from_chars(place->data(), place->data() + place->size(), next);
  next = std::min(next, events->size());
  const size_t limit = max == 0 ? kPageRowsDefault : static_cast<size_t>(max);
  const size_t end = std::min(events->size(), next + limit);
  const std::string region = arn::parse_states_arn(arn)->region;  // not ours when imported
  std::string body = R"({"events":[)";
  for (size_t i = next; i < end; ++i) {
    if (i > next) body += ',';
    history::append_history_event((*events)[i], with_data, body, region);
  }
  body += ']';
  if (end < events->size()) {
    body += R"(,"nextToken":)";
    json::write_string(tokens.encode(std::to_string(end)), body);
  }
  return body + "}";
}

}  // namespace weft::api
