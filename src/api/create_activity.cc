#include <algorithm>

#include <fmt/format.h>

#include "api/operations.h"
#include "aws/answer.h"
#include "base/limits.h"

namespace weft::api {
namespace {

using Tags = running::TaskCallbacks::Tags;

// AWS: "Tagging in Step Functions".
constexpr size_t kTagsMax = 50;
constexpr size_t kTagKeyCharsMax = 128;
constexpr size_t kTagValueCharsMax = 256;

std::expected<Tags, aws::Fault> tags_of(json::Value list) {
  Tags tags;
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
    const auto known = std::ranges::find(tags, key, &Tags::value_type::first);
    if (known == tags.end()) {
      tags.emplace_back(key, value.value_or(""));
    } else {
      known->second = value.value_or("");
    }
  }
  if (tags.size() <= kTagsMax) return tags;
  return std::unexpected(aws::Fault::named(
      "TooManyTags",
      fmt::format("Too Many Tags: '{} tags, the limit is {}'", tags.size(), kTagsMax)));
}

// Weft encrypts nothing itself: what AWS does when nobody asks for a key of their own.
std::expected<void, aws::Fault> check_encryption(json::Value configuration) {
  if (configuration.is_undefined()) return {};
  const json::Value type = configuration.find("type");
  if (type.is_string() && type.as_string() == "AWS_OWNED_KEY") return {};
  return std::unexpected(aws::Fault::named(
      "InvalidEncryptionConfiguration",
      fmt::format("Invalid Encryption Configuration: 'the type is {}, Weft has AWS_OWNED_KEY only'",
                  type.is_string() ? type.as_string() : "missing")));
}

}  // namespace

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
