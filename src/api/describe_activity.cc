#include "api/operations.h"
#include "aws/answer.h"
#include "reading/activities.h"

namespace weft::api {

aws::Reply describe_activity(Call& call) {
  const auto arn = call.in.required("activityArn", kArnCharsMax);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const auto activity = reading::activity(call.query, arn);
  if (!activity) return std::unexpected(running::activity_fault(activity.error()));
  return aws::Answer(call.arena)
      .text("activityArn", activity->arn)
      .text("name", activity->name)
      .time("creationDate", activity->created_ms)
      .value("encryptionConfiguration",
             aws::Answer(call.arena).text("type", "AWS_OWNED_KEY").finish())
      .to_text();
}

}  // namespace weft::api
