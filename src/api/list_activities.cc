#include "api/operations.h"
#include "api/page_token.h"
#include "aws/answer.h"
#include "reading/activities.h"

namespace weft::api {

aws::Reply list_activities(Call& call) {
  const int64_t limit = call.in.whole("maxResults", kPageRowsMax);
  const auto token = call.in.optional("nextToken", kTokenCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const PageToken tokens("ListActivities", {});
  const auto place = tokens.decode(token.value_or(""));
  if (!place) return std::unexpected(place.error());
  const auto page = reading::activities(
      call.query, limit == 0 ? kPageRowsDefault : static_cast<size_t>(limit), *place);
  if (!page) return std::unexpected(page.error());
  json::ArrayBuilder rows(call.arena);
  for (const records::ActivityRecord& activity : page->rows) {
    rows.push(aws::Answer(call.arena)
                  .text("activityArn", activity.arn)
                  .text("name", activity.name)
                  .time("creationDate", activity.created_ms)
                  .finish());
  }
  aws::Answer answer(call.arena);
  answer.value("activities", rows.finish());
  if (!page->next_token.empty()) answer.text("nextToken", tokens.encode(page->next_token));
  return answer.to_text();
}

}  // namespace weft::api
