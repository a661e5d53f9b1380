#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "integrations/s3/object_attributes.h"
#include "integrations/s3/s3_error.h"

// Tags of objects (AWS page "Categorizing your objects using tags"). They are kept with the
// object's headers, as the header x-amz-tagging says them: "name=value&name=value",
// percent-encoded.

namespace weft::s3 {

using Tags = std::vector<std::pair<std::string, std::string>>;

// The header under which an object's attributes hold its tags; GET does not send it.
inline constexpr std::string_view kTaggingHeader = "x-amz-tagging";

// Reads tags as the header has them. Errors: kInvalidTag (more than 10, a name twice, a name of
// none or more than 128 characters, a value of more than 256).
S3Result<Tags> parse_tags(std::string_view header);
S3Result<void> check_tags(const Tags& tags);
std::string tags_text(const Tags& tags);

// The tags among an object's attributes, in the header's form; "" = none.
std::string_view tags_of(const ObjectAttributes& attributes);
void set_tags_of(ObjectAttributes& attributes, std::string_view tags);

}  // namespace weft::s3
