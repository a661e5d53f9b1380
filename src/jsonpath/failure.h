#pragma once

#include <cstdint>
#include <string>

namespace weft::jsonpath {

// Why a path could not be read from a document. What a field makes of it (an error with AWS's
// sentence around `message`, null, "not present") is decided by whoever evaluates the field.
struct Failure {
  enum class Kind : uint8_t {
    kNotFound,      // nothing there: a missing member, a member of what is no object
    kOutOfRange,    // nothing there either: an index outside of its array
    kInvalid,       // the path does not fit the document: an index into an object, several names
                    // before the end, a comparison of a number with what is no number
    kNullDocument,  // the document is null, which no path can read
    kUnassigned,    // the path starts at a variable that was never assigned
    kLimit,         // a bound of limits.h was crossed; `message` names it
  };
  Kind kind = Kind::kNotFound;
  // The sentence AWS shows ("No results for path: $['a']"), without a prefix.
  std::string message;

  // Whether the node is just not there, so that IsPresent is false.
  bool is_absence() const {
    return kind == Kind::kNotFound || kind == Kind::kOutOfRange || kind == Kind::kNullDocument;
  }
};

// Why a text is no path, no reference path or no call of an intrinsic function.
struct CompileError {
  std::string message;
  size_t position = 0;  // byte in the text, 0 when unknown
};

}  // namespace weft::jsonpath
