#pragma once

#include <expected>

#include "aws/json_protocol.h"
#include "json/value.h"
#include "records/tags.h"

namespace weft::api {

// Reads the member `tags`, an array or undefined; of a key that comes twice the last value holds.
// kInvalidArgument, kSerialization, TooManyTags.
std::expected<records::Tags, aws::Fault> tags_of(json::Value list);

}  // namespace weft::api
