#include "api/operations.h"
#include "aws/answer.h"
#include "reading/activities.h"
#include "running/machines.h"

namespace weft::api {
namespace {

std::expected<records::Tags, aws::Fault> find_tags(const reading::Query& query,
                                                   std::string_view arn) {
  if (arn::arn_parts(arn).kind == "activity") {
    auto activity = reading::activity(query, arn);
    if (activity) return activity->tags;
    if (activity.error().code == base::ErrorCode::kNotFound) return running::nothing_to_tag(arn);
    return std::unexpected(aws::Fault(activity.error()));
  }
  auto machine = query.machine(arn);
  if (machine) return machine->tags;
  if (machine.error().code == base::ErrorCode::kStateMachineDoesNotExist)
    return running::nothing_to_tag(arn);
  return std::unexpected(aws::Fault(machine.error()));
}

}  // namespace

aws::Reply list_tags_for_resource(Call& call) {
  const auto arn = call.in.required("resourceArn", kArnCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const auto tags = find_tags(call.query, arn);
  if (!tags) return std::unexpected(tags.error());
  json::ArrayBuilder list(call.arena);
  for (const auto& [key, value] : *tags)
    list.push(aws::Answer(call.arena).text("key", key).text("value", value).finish());
  return aws::Answer(call.arena).value("tags", list.finish()).to_text();
}

}  // namespace weft::api
