#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "json/arena.h"
#include "json/value.h"
#include "jsonpath/failure.h"

// Paths as the library behind AWS reads them: Jayway JsonPath 2.0.0, quirks and all
// (docs/reference/jsonpath.md). `path.h` knows one document; what `$`, `$$` and `$name` mean in a
// state is in state_path.h.

namespace weft::jsonpath {

struct Steps;

// A compiled path: immutable, cheap to copy, safe to evaluate from many threads at once.
class Path {
 public:
  // Compiles `text`. Beside `$...` the library takes `@...` and a bare name (`a.b` is `$.a.b`).
  static std::expected<Path, CompileError> compile(std::string_view text);

  const std::string& text() const;
  // Whether the path can only name one node: its value is that node then. Else its value is the
  // array of all it finds. A property of the text, not of a document.
  bool is_definite() const;
  // Whether the path is `$` alone.
  bool is_root() const;

  const Steps& steps() const { return *steps_; }

 private:
  std::shared_ptr<const Steps> steps_;
};

// What an index outside of its array gives where the path ends with it. AWS answers null in
// payload templates and an error elsewhere.
enum class OutOfRange : uint8_t { kFails, kNull };

// Evaluates `path`. The value shares the parts of `document`; the arena takes the array of an
// indefinite path and the object of several names. A definite path over values that are there
// takes no memory. Nothing is kept between calls.
std::expected<json::Value, Failure> evaluate(const Path& path, const json::Value& document,
                                             json::Arena& arena,
                                             OutOfRange out_of_range = OutOfRange::kFails);

}  // namespace weft::jsonpath
