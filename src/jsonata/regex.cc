#define PCRE2_CODE_UNIT_WIDTH 8
#include "jsonata/regex.h"

#include <pcre2.h>

namespace weft::jsonata {

namespace {

// Backtracking steps one match may take; beyond it an evaluation is stopped.
constexpr uint32_t kMatchLimit = 5'000'000;
constexpr uint32_t kHeapLimitKib = 20'000;

// What a thread needs to match.
struct ThreadMatcher {
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  pcre2_jit_stack* stack = pcre2_jit_stack_create(32 * 1024, 1024 * 1024, nullptr);

  ThreadMatcher() {
    pcre2_set_match_limit(context, kMatchLimit);
    pcre2_set_heap_limit(context, kHeapLimitKib);
    pcre2_jit_stack_assign(context, nullptr, stack);
  }
  ~ThreadMatcher() {
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
  uint32_t options =
      PCRE2_UTF | PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;
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

Regex::Outcome Regex::find(std::string_view subject, size_t from, Match& match) const {
  const auto* code = static_cast<const pcre2_code*>(code_);
  pcre2_match_data* data = pcre2_match_data_create_from_pattern(code, nullptr);
  const int result = pcre2_match(
      code, reinterpret_cast<PCRE2_SPTR>(subject.data() == nullptr ? "" : subject.data()),
      subject.size(), from, 0, data, thread_matcher().context);
  Outcome outcome = Outcome::kMatch;
  if (result == PCRE2_ERROR_NOMATCH ||
      (result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21)) {
    outcome = Outcome::kNoMatch;
  } else if (result < 0) {
    outcome = Outcome::kLimit;
  } else {
    const size_t* ends = pcre2_get_ovector_pointer(data);
    match.groups.clear();
    for (size_t i = 0; i <= group_count_; ++i)
      match.groups.emplace_back(ends[2 * i], ends[2 * i + 1]);
  }
  pcre2_match_data_free(data);
  return outcome;
}

}  // namespace weft::jsonata
