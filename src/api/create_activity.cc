#include "api/machine_configuration.h"
#include "api/operations.h"
#include "api/tags.h"
#include "aws/answer.h"
#include "base/limits.h"

namespace weft::api {
// Creating an activity again is a success and changes nothing.
aws::Reply create_activity(Call& call) {
  const auto name = call.in.required("name", base::kNameCharsMax);
  const json::Value list = call.in.array("tags");
  const json::Value encryption = call.in.object("encryptionConfiguration");
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  auto tags = tags_of(list);
  if (!tags) return std::unexpected(tags.error());
  if (auto ok = check_encryption(encryption); !ok) return std::unexpected(ok.error());
  const auto callbacks = task_callbacks(call);
  if (!callbacks) return std::unexpected(callbacks.error());
  const auto created = (*callbacks)->create_activity(std::string(name), std::move(*tags));
  if (!created) return std::unexpected(created.error());
  return aws::Answer(call.arena)
      .text("activityArn", created->arn)
      .time("creationDate", created->created_ms)
      .to_text();
}

}  // namespace weft::api
