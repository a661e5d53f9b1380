#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "json/value.h"
#include "jsonpath/path.h"

namespace weft::jsonpath {

// Where a path stops to find anything, told for a reader.
struct Explanation {
  std::string reached;  // the part of the path that still finds something: "$['orders'][*]"
  size_t nodes = 0;     // how many nodes that part finds
  std::string node;     // the first of them: "an object with the members 'id', 'price'"
  std::string step;     // the step that finds nothing in them: "['prize']"
};

// Why `path` finds nothing in `document`, or fails there; nothing when it does find something.
// Evaluates the path once for each of its steps.
std::optional<Explanation> explain(const Path& path, const json::Value& document);

}  // namespace weft::jsonpath
