#include "api/operations.h"

namespace weft::api {

aws::Reply untag_resource(Call& call) {
  const auto arn = call.in.required("resourceArn", kArnCharsMax);
  const json::Value list = call.in.required_array("tagKeys");
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  records::TagChange change;
  for (size_t i = 0; i < list.size(); ++i) {
    if (!list.item(i).is_string()) {
      return std::unexpected(
          aws::Fault(base::ErrorCode::kSerialization, "The members of 'tagKeys' must be strings"));
    }
    change.removed.emplace_back(list.item(i).as_string());
  }
  if (auto ok = call.host.change_tags(arn, change); !ok) return std::unexpected(ok.error());
  return "{}";
}

}  // namespace weft::api
