#define PCRE2_CODE_UNIT_WIDTH 8
#include "jsonpath/pattern.h"

#include <array>

#include <pcre2.h>

#include "jsonpath/java_regex.h"

namespace weft::jsonpath {

namespace {

constexpr uint32_t kHeapLimitKib = 10'000;

// What a thread needs to match.
struct ThreadMatcher {
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_match_data* data = pcre2_match_data_create(1, nullptr);

  ThreadMatcher() { pcre2_set_heap_limit(context, kHeapLimitKib); }
  ~ThreadMatcher() {
    pcre2_match_data_free(data);
    pcre2_match_context_free(context);
  }
};

ThreadMatcher& thread_matcher() {
  thread_local ThreadMatcher matcher;
  return matcher;
}

}  // namespace

std::shared_ptr<const Pattern> Pattern::compile(std::string_view expression, bool ignore_case,
                                                std::string& message) {
  const auto text = regex_of_java(expression, ignore_case);
  if (!text) {
    message = text.error();
    return nullptr;
  }
  const uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_ANCHORED | PCRE2_ENDANCHORED;
  int error = 0;
  size_t offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text->data()), text->size(),
                                   options, &error, &offset, nullptr);
  if (code == nullptr) {
    std::array<PCRE2_UCHAR, 256> reason{};
    pcre2_get_error_message(error, reason.data(), reason.size());
    message = reinterpret_cast<const char*>(reason.data());
    return nullptr;
  }
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  std::shared_ptr<Pattern> pattern(new Pattern);
  pattern->code_ = code;
  return pattern;
}

Pattern::~Pattern() { pcre2_code_free(static_cast<pcre2_code*>(code_)); }

Pattern::MatchResult Pattern::matches(std::string_view subject, uint32_t steps_max) const {
  const ThreadMatcher& matcher = thread_matcher();
  pcre2_set_match_limit(matcher.context, steps_max);
  const auto* text = reinterpret_cast<PCRE2_SPTR>(subject.data() == nullptr ? "" : subject.data());
  const int result = pcre2_match(static_cast<const pcre2_code*>(code_), text, subject.size(), 0, 0,
                                 matcher.data, matcher.context);
  if (result >= 0) return MatchResult::kMatches;
  const bool no_text = result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21;
  return result == PCRE2_ERROR_NOMATCH || no_text ? MatchResult::kDiffers : MatchResult::kLimit;
}

}  // namespace weft::jsonpath
