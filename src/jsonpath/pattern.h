#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

// Internal to src/jsonpath.

namespace weft::jsonpath {

// A regular expression of a filter, in Java's dialect, run by PCRE2. Immutable, shared between
// threads.
class Pattern {
 public:
  enum class MatchResult : uint8_t { kMatches, kDiffers, kLimit };

  // nullptr with `message` set when the expression is invalid.
  static std::shared_ptr<const Pattern> compile(std::string_view expression, bool ignore_case,
                                                std::string& message);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  // Whether all of `subject` matches. kLimit: it takes more than about `steps_max` steps of
  // backtracking, or more memory than a match may have.
  MatchResult matches(std::string_view subject, uint32_t steps_max) const;

 private:
  Pattern() = default;
  void* code_ = nullptr;
};

}  // namespace weft::jsonpath
