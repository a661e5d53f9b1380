#include "jsonpath/array_step.h"

#include <charconv>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"

namespace weft::jsonpath {

namespace {

using base::is_digit;

// The library reads on until a character ends the number, and never looks for the bracket: what it
// does not know ends the step, and blanks count for nothing, even inside a number.
class ArrayStepReader {
 public:
  ArrayStepReader(std::string_view fragment, size_t at) : fragment_(fragment), at_(at) {}

  std::expected<Step, CompileError> run() {
    Step step;
    const bool ok = current() == '@' ? from_end(step) : indices(step);
    if (!ok) return std::unexpected(std::move(error_));
    return step;
  }

 private:
  char current() const { return at_ < fragment_.size() ? fragment_[at_] : '\0'; }
  bool at_end() const { return at_ >= fragment_.size(); }
  static bool is_one_of(char c, std::string_view set) {
    return set.find(c) != std::string_view::npos;
  }
  bool fail(std::string message) {
    error_ = {std::move(message), at_};
    return false;
  }
  bool fail_unclosed() { return fail(fmt::format("'{}' has no ']'", fragment_)); }

  bool number(std::string_view digits, int32_t& out) {
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, out);
    if (error == std::errc() && stop == end) return true;
    return fail(fmt::format("'{}' in '{}' is no whole number of 32 bits", digits, fragment_));
  }

  // The characters of one number: digits and dashes, without the blanks between them.
  std::string digits() {
    std::string read;
    for (; is_digit(current()) || current() == ' ' || current() == '-'; ++at_) {
      if (current() != ' ') read += current();
    }
    return read;
  }

  // Moves the number in `digits`, if it is one, to `numbers_`.
  bool take(std::string& digits) {
    if (!number(digits, numbers_.emplace_back())) return false;
    digits.clear();
    return true;
  }

  bool indices(Step& step) {
    bool list = false;
    std::string pending;
    for (; is_digit(current()) || is_one_of(current(), " -,:"); ++at_) {
      const char c = current();
      if (c == ',') {
        list = true;
        if (!take(pending)) return false;
      } else if (c == ':') {
        if (!slice(pending)) return false;
        // Whatever ended the slice is skipped, and more numbers may follow.
        if (current() == ']') break;
      } else if (c != ' ') {
        pending += c;
      }
    }
    if (at_end()) return fail_unclosed();
    if (!pending.empty() && !take(pending)) return false;
    if (numbers_.empty()) return fail(fmt::format("'{}' holds no number", fragment_));
    finish(list, step);
    return true;
  }

  // The colon at `at_` with what follows it.
  bool slice(std::string& before) {
    const bool open = before.empty();
    if (!open && !take(before)) return false;
    ++at_;
    std::string after = digits();
    (open ? slice_to_ : after.empty() ? slice_from_ : slice_) = true;
    return (!open && after.empty()) || take(after);
  }

  void finish(bool list, Step& step) {
    if (numbers_.size() == 1 && !slice_from_ && !slice_to_) {
      step.kind = Step::Kind::kIndex;
      step.first = numbers_[0];
    } else if (list) {
      step.kind = Step::Kind::kIndices;
      step.indices = std::move(numbers_);
    } else if (slice_from_) {
      step.kind = Step::Kind::kSliceFrom;
      step.first = numbers_[0];
    } else if (slice_to_) {
      step.kind = Step::Kind::kSliceTo;
      step.last = numbers_[0];
    } else {
      step.kind = Step::Kind::kSlice;
      step.first = numbers_[0];
      step.last = numbers_[1];
    }
  }

  // `@.length-1)`: the character after the @ is skipped, whatever it is.
  bool from_end(Step& step) {
    at_ += 2;
    std::string function;
    for (; current() != '-'; ++at_) {
      if (at_end()) return fail_from_end();
      if (current() != ' ' && current() != '(' && current() != ')') function += current();
    }
    if (function != "length" && function != "size")
      return fail(fmt::format("'{}' in '{}' is neither length nor size", function, fragment_));
    std::string read;
    for (; current() != ')'; ++at_) {
      if (at_end()) return fail_from_end();
      if (current() != ' ') read += current();
    }
    step.kind = Step::Kind::kFromEnd;
    return number(read, step.first);
  }
  bool fail_from_end() {
    return fail(fmt::format("'{}' is not of the form [(@.length-1)]", fragment_));
  }

  std::string_view fragment_;
  size_t at_;
  std::vector<int32_t> numbers_;
  bool slice_from_ = false;
  bool slice_to_ = false;
  bool slice_ = false;
  CompileError error_;
};

}  // namespace

std::expected<Step, CompileError> parse_array_step(std::string_view fragment, size_t at) {
  return ArrayStepReader(fragment, at).run();
}

}  // namespace weft::jsonpath
