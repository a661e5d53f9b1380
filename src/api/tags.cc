#include "api/tags.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "api/members.h"
#include "base/ascii.h"
#include "running/machines.h"

namespace weft::api {
namespace {

// AWS: "Tagging in Step Functions".
constexpr size_t kTagKeyCharsMax = 128;
constexpr size_t kTagValueCharsMax = 256;
constexpr std::string_view kTagSigns = "_.:/=+-@";

bool is_taken(char c) {
  return base::is_letter_or_digit(c) || c == ' ' || c == '\t' ||
         static_cast<unsigned char>(c) >= 0x80 || kTagSigns.find(c) != std::string_view::npos;
}

// AWS's own tags begin like this, in letters of either case.
bool is_reserved(std::string_view key) {
  constexpr std::string_view kReservedPrefix = "aws:";
  return std::ranges::equal(
      key.substr(0, kReservedPrefix.size()), kReservedPrefix, [](char given, char small) {
        return given == small || (given >= 'A' && given <= 'Z' && given - 'A' + 'a' == small);
      });
}

// A key that is there twice is taken, as was recorded: the last one counts.
std::expected<void, aws::Fault> check_tag(std::string_view key, std::string_view value) {
  const auto refuse = [](std::string why) {
    return std::unexpected(aws::Fault(base::ErrorCode::kInvalidArgument, std::move(why)));
  };
  if (is_reserved(key)) {
    return refuse(
        fmt::format("Invalid tag key '{}': keys that begin with 'aws:' are AWS's own", key));
  }
  for (const auto& [what, text] : {std::pair{"key", key}, std::pair{"value", value}}) {
    if (std::ranges::all_of(text, is_taken)) continue;
    return refuse(fmt::format(
        "Invalid tag {} '{}': it must consist of letters, digits, white space and the signs {}",
        what, text, kTagSigns));
  }
  return {};
}

}  // namespace

std::expected<records::Tags, aws::Fault> tags_of(json::Value list) {
  records::TagChange given;
  for (uint32_t i = 0; i < list.size(); ++i) {
    Members tag(list.item(i), fmt::format("tags.{}.member.", i + 1));
    if (!list.item(i).is_object()) {
      return std::unexpected(
          aws::Fault(base::ErrorCode::kSerialization,
                     "The members of 'tags' must be objects with 'key' and 'value'"));
    }
    const auto key = tag.required("key", kTagKeyCharsMax);
    const auto value = tag.optional("value", kTagValueCharsMax, 0);
    if (auto ok = tag.check(); !ok) return std::unexpected(ok.error());
    if (auto ok = check_tag(key, value.value_or("")); !ok) return std::unexpected(ok.error());
    given.set.emplace_back(key, value.value_or(""));
  }
  records::Tags tags = records::changed({}, given);
  if (auto ok = running::check_tag_count(tags); !ok) return std::unexpected(ok.error());
  return tags;
}

}  // namespace weft::api
