#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/shape.h"

// Internal to src/jsonpath: what a path's text becomes.

namespace weft::jsonpath {

struct Filter;

// A member name with its hash, so that a look-up hashes nothing.
struct Name {
  std::string text;
  uint32_t hash = 0;

  explicit Name(std::string_view name) : text(name), hash(json::hash_key(name)) {}
};

// One step of a path.
struct Step {
  enum class Kind : uint8_t {
    kSelf,         // a `$` after a bracket: stays, and error texts start anew there
    kName,         // ['a']
    kNames,        // ['a','b'], also of no name at all
    kIndex,        // [3]
    kFromEnd,      // [(@.length-1)]: the length plus `first`
    kIndices,      // [0,2]
    kSliceFrom,    // [1:]
    kSliceTo,      // [:2]
    kSlice,        // [1:2]
    kWildcard,     // [*]
    kScan,         // ..
    kFilter,       // [?(...)]
    kPlaceholder,  // [?]: fails wherever it is evaluated
  };
  Kind kind = Kind::kSelf;
  // kName: whether the path fails where the member is missing and more steps follow. The library
  // looks at the step before and at all that follow: are they definite, it fails, even when an
  // earlier step is not.
  bool fails_when_missing = false;
  int32_t first = 0;
  int32_t last = 0;
  std::vector<int32_t> indices;          // kIndices
  std::vector<Name> names;               // kName: one; kNames
  std::shared_ptr<const Filter> filter;  // kFilter

  bool is_definite() const {
    return kind == Kind::kSelf || kind == Kind::kName || kind == Kind::kNames ||
           kind == Kind::kIndex || kind == Kind::kFromEnd;
  }
};

// A compiled path. The root is no step: a path without any is `$`.
struct Steps {
  std::string text;  // as given, without blanks around it
  std::vector<Step> steps;
  bool definite = true;
};

// A step as the library writes it in error texts: "['a', 'b']", "[0]", "[1:]", "[@.size()-1]".
std::string step_text(const Step& step);

}  // namespace weft::jsonpath
