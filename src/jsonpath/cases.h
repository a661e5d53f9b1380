#pragma once

#include <string>

#include "json/arena.h"
#include "json/value.h"

namespace weft::jsonpath {

// What became of one case of a vectors file.
struct CaseOutcome {
  bool passed = false;
  std::string detail;  // expected and got, when it failed
};

// Runs one case of a file of vectors: `path` on the JSON text `document` must be `definite` (null:
// refused) and yield the JSON text `result`, members in order, or `error` {class, message, when}.
// A case with the tag "provider" may also be answered as `alt` says. Classes beside
// PathNotFoundException and InvalidPathException are accidents of Java: any error does. Messages
// count where AWS shows them: when nothing is found, and for several names before the end.
CaseOutcome run_case(const json::Value& test_case, json::Arena& arena);

// The same for the way payload templates see an index outside of its array, as null: `alt` must
// come out then, where there is one.
CaseOutcome run_template_case(const json::Value& test_case, json::Arena& arena);

}  // namespace weft::jsonpath
