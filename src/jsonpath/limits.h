#pragma once

#include <cstddef>
#include <cstdint>

// The bounds of this folder. A path or a template comes from a stranger's definition and meets a
// stranger's data: each bound ends what would else take for ever, with an error that names it.

namespace weft::jsonpath {

// One path or call of a function, in bytes. AWS bounds a definition by 1 MiB and nothing else.
inline constexpr size_t kPathBytesMax = 65'536;
// Steps of one path.
inline constexpr size_t kStepsMax = 4'096;
// Filters inside of filters.
inline constexpr int kFilterDepthMax = 8;
// Levels of a document that one evaluation goes down, and steps that fan out on the way.
inline constexpr int kWalkDepthMax = 2'000;
// Nodes one evaluation may look at: a deep scan inside a deep scan multiplies. About a second.
inline constexpr uint64_t kNodesMax = 30'000'000;
// Steps of backtracking of a filter's regular expression on one text, and what a match that takes
// more than the first of them counts as nodes.
inline constexpr uint32_t kEasyMatchSteps = 2'000;
inline constexpr uint32_t kMatchStepsMax = 200'000;
inline constexpr uint64_t kHardMatchNodes = 50'000;
// What one evaluation may find.
inline constexpr size_t kHitsMax = 4'000'000;
// Calls of intrinsic functions inside each other. AWS guide, "Intrinsic functions": 10.
inline constexpr int kIntrinsicDepthMax = 10;
// Elements of States.ArrayRange. AWS guide: 1,000.
inline constexpr int64_t kRangeItemsMax = 1'000;
// Characters that States.Base64Encode, States.Base64Decode and States.Hash take. AWS guide: 10,000.
inline constexpr size_t kCodecCharsMax = 10'000;
// Bytes that one call of a function may yield as a text; a payload has at most 256 KiB.
inline constexpr size_t kTextBytesMax = 6'990'256;
// Nesting of a payload template.
inline constexpr int kTemplateDepthMax = 200;

}  // namespace weft::jsonpath
