#include "jsonpath/parser.h"

#include <string>

#include <fmt/format.h>

#include "jsonpath/array_step.h"
#include "jsonpath/filter_parser.h"
#include "jsonpath/java_digits.h"
#include "jsonpath/limits.h"
#include "jsonpath/trim.h"

namespace weft::jsonpath {

namespace {

// `[?]`, `[ ?, ? ]`: places for filters that a program hands over, which AWS has not.
bool is_placeholder(std::string_view fragment) {
  if (!fragment.starts_with('[') || !fragment.ends_with(']')) return false;
  bool any = false;
  for (const char c : fragment.substr(1, fragment.size() - 2)) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (c != '?' && !(c == ',' && any) && !blank) return false;
    any = any || c == '?';
  }
  return any;
}

class PathReader {
 public:
  PathReader(std::string_view text, int filter_depth) : text_(text), filter_depth_(filter_depth) {}

  std::expected<Steps, CompileError> run() {
    if (!read_root()) return std::unexpected(std::move(error_));
    while (at_ < text_.size()) {
      if (!read_step()) return std::unexpected(std::move(error_));
      if (result_.steps.size() > kStepsMax) {
        fail(fmt::format("a path has more than {} steps (limit kStepsMax)", kStepsMax));
        return std::unexpected(std::move(error_));
      }
    }
    settle_definiteness();
    return std::move(result_);
  }

 private:
  bool fail(std::string message) {
    error_ = {std::move(message), at_};
    return false;
  }
  void settle_definiteness() {
    bool definite = true;  // from the step before `at` on
    for (size_t at = result_.steps.size(); at-- > 0;) {
      definite = definite && result_.steps[at].is_definite();
      if (at + 1 < result_.steps.size()) result_.steps[at + 1].fails_when_missing = definite;
    }
    if (!result_.steps.empty()) result_.steps[0].fails_when_missing = definite;
    result_.definite = definite;
  }

  // Takes `$` or `@`; a bare name gets the root it lacks.
  bool read_root() {
    if (text_.size() > kPathBytesMax)
      return fail(
          fmt::format("a path has more than {} bytes (limit kPathBytesMax)", kPathBytesMax));
    text_ = trimmed(text_);
    if (text_.empty()) return fail("a path must not be empty");
    if (text_.ends_with("..")) return fail("a path cannot end with a scan (..)");
    result_.text = text_;
    if (text_[0] != '$' && text_[0] != '@') result_.text.insert(0, "$.");
    text_ = result_.text;
    at_ = 1;
    if (text_.size() > 1 && text_[1] != '.' && text_[1] != '[')
      return fail(fmt::format("after {} comes '.' or '['", text_[0]));
    return true;
  }

  bool read_step() {
    switch (text_[at_]) {
      case ' ':
        return fail("a space is not allowed in a path");
      case '$':
        ++at_;
        result_.steps.push_back({.kind = Step::Kind::kSelf});
        return true;
      case '[':
        return read_bracket(closed_bracket());
      case '*':
        ++at_;
        result_.steps.push_back({.kind = Step::Kind::kWildcard});
        return true;
      case '.':
        return read_dot();
      default:
        return read_name(plain_length());
    }
  }

  bool read_dot() {
    ++at_;
    if (at_ == text_.size()) return fail("a path cannot end with a dot");
    if (text_[at_] == '.') {
      ++at_;
      result_.steps.push_back({.kind = Step::Kind::kScan});
      return true;
    }
    const size_t length = plain_length();
    if (length == 0) return true;  // the dot of `.[`
    if (length == 1 && text_[at_] == '*') {
      ++at_;
      result_.steps.push_back({.kind = Step::Kind::kWildcard});
      return true;
    }
    return read_name(length);
  }

  // Bytes up to the next dot, bracket or space.
  size_t plain_length() const {
    return std::min(text_.find_first_of(".[ ", at_), text_.size()) - at_;
  }

  // A name without brackets is read as if it stood in brackets and quotes.
  bool read_name(size_t length) {
    const std::string fragment = fmt::format("['{}']", text_.substr(at_, length));
    at_ += length;
    return read_names(fragment, 1);
  }

  // The bracket at `at_` with all up to the one that closes it; quotes protect nothing.
  std::string_view closed_bracket() const {
    int open = 0;
    size_t end = at_;
    for (; end < text_.size(); ++end) {
      open += text_[end] == '[' ? 1 : text_[end] == ']' ? -1 : 0;
      if (open == 0) return text_.substr(at_, end + 1 - at_);
    }
    return text_.substr(at_);
  }

  bool read_bracket(std::string_view fragment) {
    const size_t end = at_ + fragment.size();
    const bool read = read_fragment(fragment);
    if (read) at_ = end;
    return read;
  }

  bool read_fragment(std::string_view fragment) {
    if (fragment == "[*]") {
      result_.steps.push_back({.kind = Step::Kind::kWildcard});
      return true;
    }
    if (is_placeholder(fragment)) {
      result_.steps.push_back({.kind = Step::Kind::kPlaceholder});
      return true;
    }
    // What stands first says what it is.
    const std::string plain = with_ascii_digits(fragment);
    const size_t first = plain.find_first_of("?'0123456789:-@");
    if (first == std::string::npos)
      return fail(
          fmt::format("'{}' holds no name in single quotes, no index and no filter", fragment));
    if (plain[first] == '?') return read_filter(fragment, fragment.find('?'));
    if (plain[first] == '\'') return read_names(fragment, fragment.find('\''));
    auto step = parse_array_step(plain, first);
    if (!step) return adopt(std::move(step.error()));
    result_.steps.push_back(std::move(*step));
    return true;
  }

  bool adopt(CompileError error) {
    error.position += at_;
    error_ = std::move(error);
    return false;
  }

  bool read_filter(std::string_view fragment, size_t question) {
    auto filter = parse_filter(fragment, question, filter_depth_ + 1);
    if (!filter) return adopt(std::move(filter.error()));
    result_.steps.push_back({.kind = Step::Kind::kFilter, .filter = std::move(*filter)});
    return true;
  }

  // The texts between pairs of quotes, literally; all else up to the first `]` is ignored.
  bool read_names(std::string_view fragment, size_t place) {
    Step step;
    size_t opened = std::string_view::npos;
    for (; place < fragment.size() && fragment[place] != ']'; ++place) {
      if (fragment[place] != '\'') continue;
      if (opened == std::string_view::npos) {
        opened = place + 1;
      } else {
        step.names.emplace_back(fragment.substr(opened, place - opened));
        opened = std::string_view::npos;
      }
    }
    if (place == fragment.size()) return fail(fmt::format("'{}' has no ']'", fragment));
    step.kind = step.names.size() == 1 ? Step::Kind::kName : Step::Kind::kNames;
    result_.steps.push_back(std::move(step));
    return true;
  }

  std::string_view text_;
  int filter_depth_;
  size_t at_ = 0;
  Steps result_;
  CompileError error_;
};

}  // namespace

std::expected<Steps, CompileError> parse_path(std::string_view text, int filter_depth) {
  return PathReader(text, filter_depth).run();
}

std::string step_text(const Step& step) {
  switch (step.kind) {
    case Step::Kind::kSelf:
      return "$";
    case Step::Kind::kName:
    case Step::Kind::kNames: {
      std::string text = "[";
      for (const Name& name : step.names)
        text += fmt::format("{}'{}'", text.size() > 1 ? ", " : "", name.text);
      return text + "]";
    }
    case Step::Kind::kIndex:
      return fmt::format("[{}]", step.first);
    case Step::Kind::kFromEnd:
      return fmt::format("[@.size(){}]", step.first);
    case Step::Kind::kIndices:
      return fmt::format("[{}]", fmt::join(step.indices, ","));
    case Step::Kind::kSliceFrom:
      return fmt::format("[{}:]", step.first);
    case Step::Kind::kSliceTo:
      return fmt::format("[:{}]", step.last);
    case Step::Kind::kSlice:
      return fmt::format("[{}:{}]", step.first, step.last);
    case Step::Kind::kWildcard:
      return "[*]";
    case Step::Kind::kScan:
      return "..";
    case Step::Kind::kFilter:
    case Step::Kind::kPlaceholder:
      return "[?]";
  }
  return {};
}

}  // namespace weft::jsonpath
