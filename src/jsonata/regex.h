#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weft::jsonata {

// An ECMAScript regular expression (without the u flag), run by PCRE2. Immutable, shared between
// threads.
class Regex {
 public:
  // One match: byte offsets in the subject, group 0 is the whole; npos for groups that took no
  // part.
  struct Match {
    std::vector<std::pair<size_t, size_t>> groups;
  };
  enum class Outcome { kMatch, kNoMatch, kLimit };

  // nullptr with `message` set when the pattern is invalid. Flags are any of i and m.
  static std::shared_ptr<const Regex> compile(std::string_view pattern, std::string_view flags,
                                              std::string& message);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  // The first match at or after byte `from`. kLimit: the bound on backtracking was crossed.
  Outcome find(std::string_view subject, size_t from, Match& match) const;
  size_t group_count() const { return group_count_; }

 private:
  Regex() = default;
  void* code_ = nullptr;
  size_t group_count_ = 0;
};

// `pattern` in PCRE2's dialect. False with `message` set when ECMAScript refuses it.
bool translate_pattern(std::string_view pattern, bool multiline, std::string& out,
                       std::string& message);

}  // namespace weft::jsonata
