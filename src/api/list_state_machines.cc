#include "api/operations.h"
#include "api/page_token.h"
#include "aws/answer.h"

namespace weft::api {

aws::Reply list_state_machines(Call& call) {
  const int64_t limit = call.in.whole("maxResults", kPageRowsMax);
  const auto token = call.in.optional("nextToken", kTokenCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const PageToken tokens("ListStateMachines", {});
  auto place = tokens.decode(token.value_or(""));
  if (!place) return std::unexpected(place.error());
  auto page =
      call.query.machines(limit == 0 ? kPageRowsDefault : static_cast<size_t>(limit), *place);
  if (!page) return std::unexpected(page.error());
  json::ArrayBuilder rows(call.arena);
  for (const records::MachineRecord& machine : page->rows) {
    rows.push(aws::Answer(call.arena)
                  .text("stateMachineArn", machine.arn)
                  .text("name", machine.name)
                  .text("type", machine.express ? "EXPRESS" : "STANDARD")
                  .time("creationDate", machine.created_ms)
                  .finish());
  }
  aws::Answer answer(call.arena);
  answer.value("stateMachines", rows.finish());
  if (!page->next_token.empty()) answer.text("nextToken", tokens.encode(page->next_token));
  return answer.to_text();
}

}  // namespace weft::api
