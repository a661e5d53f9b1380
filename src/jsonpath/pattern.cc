#define PCRE2_CODE_UNIT_WIDTH 8
#include "jsonpath/pattern.h"

#include <array>

#include <pcre2.h>

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

struct ClassName {
  std::string_view java;
  std::string_view pcre;
};
// Java's names of ASCII classes, which PCRE2 does not know.
constexpr std::array<ClassName, 13> kClasses{{
    {"Lower", "a-z"},
    {"Upper", "A-Z"},
    {"ASCII", "\\x00-\\x7F"},
    {"Alpha", "a-zA-Z"},
    {"Digit", "0-9"},
    {"Alnum", "a-zA-Z0-9"},
    {"Punct", "!-\\/:-@\\[-`{-~"},
    {"Graph", "!-~"},
    {"Print", "\\x20-~"},
    {"Blank", " \\t"},
    {"Cntrl", "\\x00-\\x1F\\x7F"},
    {"XDigit", "0-9a-fA-F"},
    {"Space", "\\s"},
}};

// Java's \p{Alpha} as a class of PCRE2; everything else is the same in both, or close.
std::string translated(std::string_view expression) {
  std::string result;
  bool in_class = false;
  for (size_t i = 0; i < expression.size(); ++i) {
    const std::string_view rest = expression.substr(i);
    if (rest.starts_with("\\p{") || rest.starts_with("\\P{")) {
      const std::string_view name = rest.substr(3, rest.find('}') - 3);
      bool known = false;
      for (const auto& [java, pcre] : kClasses) {
        if (java != name || (in_class && rest[1] == 'P')) continue;
        result += in_class ? std::string(pcre)
                           : std::string(rest[1] == 'P' ? "[^" : "[") + std::string(pcre) + "]";
        i += name.size() + 3;
        known = true;
        break;
      }
      if (known) continue;
    }
    if (rest[0] == '\\' && rest.size() > 1) {
      result += rest.substr(0, 2);
      ++i;
      continue;
    }
    if (rest[0] == '[') in_class = true;
    if (rest[0] == ']') in_class = false;
    result += rest[0];
  }
  return result;
}

}  // namespace

std::shared_ptr<const Pattern> Pattern::compile(std::string_view expression, bool ignore_case,
                                                std::string& message) {
  const std::string text = translated(expression);
  const uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_ANCHORED |
                           PCRE2_ENDANCHORED | (ignore_case ? PCRE2_CASELESS : 0);
  pcre2_compile_context* context = pcre2_compile_context_create(nullptr);
  pcre2_set_newline(context, PCRE2_NEWLINE_ANY);
  int error = 0;
  size_t offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), options,
                                   &error, &offset, context);
  pcre2_compile_context_free(context);
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

Pattern::Outcome Pattern::matches(std::string_view subject, uint32_t steps_max) const {
  const ThreadMatcher& matcher = thread_matcher();
  pcre2_set_match_limit(matcher.context, steps_max);
  const auto* text = reinterpret_cast<PCRE2_SPTR>(subject.data() == nullptr ? "" : subject.data());
  const int result = pcre2_match(static_cast<const pcre2_code*>(code_), text, subject.size(), 0, 0,
                                 matcher.data, matcher.context);
  if (result >= 0) return Outcome::kMatches;
  const bool no_text = result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21;
  return result == PCRE2_ERROR_NOMATCH || no_text ? Outcome::kDiffers : Outcome::kLimit;
}

}  // namespace weft::jsonpath
