#define PCRE2_CODE_UNIT_WIDTH 8
#include "jsonata/regex.h"

#include <algorithm>

#include <pcre2.h>

namespace weft::jsonata {

namespace {

// Backtracking steps one attempt may take; beyond it an evaluation is stopped.
constexpr uint32_t kMatchLimit = 2'000'000;
// Places tried between two looks at the clock.
constexpr size_t kAttempts = 256;
constexpr uint32_t kHeapLimitKib = 20'000;

// What a thread needs to match.
struct ThreadMatcher {
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = pcre2_jit_stack_create(32 * 1024, 1024 * 1024, nullptr);
  pcre2_match_data* data = nullptr;
  size_t pairs = 0;

  ThreadMatcher() {
    pcre2_set_match_limit(context, kMatchLimit);
    pcre2_set_heap_limit(context, kHeapLimitKib);
    pcre2_jit_stack_assign(context, nullptr, stack);
  }
  // Room for the groups of a match, kept from match to match.
  pcre2_match_data* room(size_t wanted_pairs) {
    if (wanted_pairs > pairs) {
      pcre2_match_data_free(data);
      pairs = std::max<size_t>(wanted_pairs, 16);
      data = pcre2_match_data_create(static_cast<uint32_t>(pairs), nullptr);
    }
    return data;
  }
  ~ThreadMatcher() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
    pcre2_jit_stack_free(stack);
  }
};

ThreadMatcher& thread_matcher() {
  thread_local ThreadMatcher matcher;
  return matcher;
}

}  // namespace

std::shared_ptr<const Regex> Regex::compile(std::string_view pattern, std::string_view flags,
                                            std::string& message) {
  std::string translated;
  const bool multiline = flags.find('m') != std::string_view::npos;
  if (!translate_pattern(pattern, multiline, translated, message)) return nullptr;
  uint32_t options = PCRE2_UTF | PCRE2_USE_OFFSET_LIMIT | PCRE2_MATCH_UNSET_BACKREF |
                     PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;
  if (flags.find('i') != std::string_view::npos) options |= PCRE2_CASELESS;
  int error = 0;
  size_t offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()),
                                   translated.size(), options, &error, &offset, nullptr);
  if (code == nullptr) {
    char text[256] = {};
    pcre2_get_error_message(error, reinterpret_cast<PCRE2_UCHAR*>(text), sizeof(text));
    message = text;
    return nullptr;
  }
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  std::shared_ptr<Regex> regex(new Regex);
  regex->code_ = code;
  uint32_t groups = 0;
  pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
  regex->group_count_ = groups;
  return regex;
}

Regex::~Regex() { pcre2_code_free(static_cast<pcre2_code*>(code_)); }

Regex::MatchResult Regex::find(std::string_view subject, size_t from, const Search& search,
                               Match& match) const {
  const auto* code = static_cast<const pcre2_code*>(code_);
  ThreadMatcher& matcher = thread_matcher();
  const auto* text = reinterpret_cast<PCRE2_SPTR>(subject.data() == nullptr ? "" : subject.data());
  uint32_t options = search.is_valid_utf8 ? PCRE2_NO_UTF_CHECK : 0;
  // The bounds hold for one attempt: many costly ones are cut by looking at the clock in between.
  for (size_t at = from; true; options = PCRE2_NO_UTF_CHECK) {
    size_t last = std::min(subject.size(), at + kAttempts);
    while (last < subject.size() && (subject[last] & 0xC0) == 0x80) ++last;
    const bool whole = search.clock == nullptr || last == subject.size();
    pcre2_set_offset_limit(matcher.context, whole ? PCRE2_UNSET : last);
    // Whoever is asked for the time may match something else meanwhile.
    pcre2_match_data* data = matcher.room(group_count_ + 1);
    const int result = pcre2_match(code, text, subject.size(), at, options, data, matcher.context);
    if (result >= 0) {
      match.ends = {pcre2_get_ovector_pointer(data), 2 * (group_count_ + 1)};
      return MatchResult::kMatch;
    }
    if (result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21)
      return MatchResult::kNoMatch;
    if (result != PCRE2_ERROR_NOMATCH) return MatchResult::kLimit;
    if (whole) return MatchResult::kNoMatch;
    if (search.clock() > search.deadline_ms) return MatchResult::kLimit;
    // A lookbehind may look before the new start, as it may when the search goes on.
    at = last;
  }
}

}  // namespace weft::jsonata
