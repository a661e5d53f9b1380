#include "api/operations.h"
#include "api/tags.h"

namespace weft::api {

aws::Reply tag_resource(Call& call) {
  const auto arn = call.in.required("resourceArn", kArnCharsMax);
  const json::Value list = call.in.required_array("tags");
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  auto tags = tags_of(list);
  if (!tags) return std::unexpected(tags.error());
  if (auto ok = call.host.change_tags(arn, {.set = std::move(*tags)}); !ok)
    return std::unexpected(ok.error());
  return "{}";
}

}  // namespace weft::api
