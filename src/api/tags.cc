#include "api/tags.h"

#include "api/members.h"
#include "running/machines.h"

namespace weft::api {
namespace {

// AWS: "Tagging in Step Functions".
constexpr size_t kTagKeyCharsMax = 128;
constexpr size_t kTagValueCharsMax = 256;

}  // namespace

std::expected<records::Tags, aws::Fault> tags_of(json::Value list) {
  records::TagChange given;
  for (uint32_t i = 0; i < list.size(); ++i) {
    Members tag(list.item(i));
    if (!list.item(i).is_object()) {
      return std::unexpected(
          aws::Fault(base::ErrorCode::kSerialization,
                     "The members of 'tags' must be objects with 'key' and 'value'"));
    }
    const auto key = tag.required("key", kTagKeyCharsMax);
    const auto value = tag.optional("value", kTagValueCharsMax, 0);
    if (auto ok = tag.check(); !ok) return std::unexpected(ok.error());
    given.set.emplace_back(key, value.value_or(""));
  }
  records::Tags tags = records::changed({}, given);
  if (auto ok = running::check_tag_count(tags); !ok) return std::unexpected(ok.error());
  return tags;
}

}  // namespace weft::api
