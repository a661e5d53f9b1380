#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "trace/inner_span.h"

namespace weft::telemetry {

// What is kept of a span's texts, in bytes; Datadog's own limits (spec datadog.md 5.1).
inline constexpr size_t kNameBytesMax = 100;  // service, name, type
inline constexpr size_t kResourceBytesMax = 5'000;
inline constexpr size_t kKeyBytesMax = 200;
inline constexpr size_t kValueBytesMax = 25'000;
inline constexpr size_t kAttributesMax = 1'024;

// The first `max` bytes at most, cut between characters.
std::string cut_text(std::string_view text, size_t max);

// Puts a text attribute where it belongs: error texts and the request id into their members, what
// only tracers need nowhere, all else into `attributes`.
void set_attribute(std::string_view key, std::string_view value, trace::InnerSpan& span);

}  // namespace weft::telemetry
