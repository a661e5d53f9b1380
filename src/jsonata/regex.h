#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace weft::jsonata {

// An ECMAScript regular expression (without the u flag), run by PCRE2. Immutable, shared between
// threads.
class Regex {
 public:
  // One match: byte offsets in the subject as pairs of begin and end, group 0 is the whole; npos
  // for groups that took no part. Valid until this thread's next find().
  struct Match {
    std::span<const size_t> ends;
    std::pair<size_t, size_t> group(size_t i) const { return {ends[2 * i], ends[2 * i + 1]}; }
  };
  // How a search is bounded beside the bounds on each attempt.
  struct Search {
    bool is_valid_utf8 = false;    // known of the subject, else it is checked
    int64_t (*clock)() = nullptr;  // milliseconds; nullptr: no bound in time
    int64_t deadline_ms = INT64_MAX;
  };
  enum class MatchResult { kMatch, kNoMatch, kLimit };

  // nullptr with `message` set when the pattern is invalid. Flags are any of i and m.
  static std::shared_ptr<const Regex> compile(std::string_view pattern, std::string_view flags,
                                              std::string& message);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  // The first match at or after byte `from`. kLimit: a bound on backtracking, memory or time was
  // crossed.
  MatchResult find(std::string_view subject, size_t from, const Search& search, Match& match) const;
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
