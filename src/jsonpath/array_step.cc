#include "jsonpath/array_step.h"

#include <charconv>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace weft::jsonpath {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

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

  bool indices(Step& step) {
    std::vector<int32_t> numbers;
    bool is_list = false;
    while (true) {
      const std::string read = digits();
      if (at_end()) return fail_unclosed();
      if (current() == ':') {
        ++at_;
        return slice(read, is_list, std::move(numbers), step);
      }
      const bool comma = current() == ',';
      if (!comma && read.empty()) break;  // after a comma, or nothing at all
      if (!number(read, numbers.emplace_back())) return false;
      if (!comma) break;
      is_list = true;
      ++at_;
    }
    return finish_list(std::move(numbers), step);
  }

  bool finish_list(std::vector<int32_t> numbers, Step& step) {
    if (numbers.empty()) return fail(fmt::format("'{}' holds no number", fragment_));
    if (numbers.size() == 1) {
      step.kind = Step::Kind::kIndex;
      step.first = numbers[0];
      return true;
    }
    step.kind = Step::Kind::kIndices;
    step.indices = std::move(numbers);
    return true;
  }

  // What follows a colon; after a comma the slice's ends are two more indices.
  bool slice(std::string_view from, bool is_list, std::vector<int32_t> numbers, Step& step) {
    const std::string to = digits();
    if (at_end()) return fail_unclosed();
    if (from.empty() && to.empty())
      return fail(fmt::format("the slice '{}' has no number", fragment_));
    step.kind = from.empty() ? Step::Kind::kSliceTo
                : to.empty() ? Step::Kind::kSliceFrom
                             : Step::Kind::kSlice;
    if (!from.empty() && !number(from, step.first)) return false;
    if (!to.empty() && !number(to, step.last)) return false;
    if (!is_list) return true;
    if (!from.empty()) numbers.push_back(step.first);
    if (!to.empty()) numbers.push_back(step.last);
    step = Step();
    return finish_list(std::move(numbers), step);
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
  CompileError error_;
};

}  // namespace

std::expected<Step, CompileError> parse_array_step(std::string_view fragment, size_t at) {
  return ArrayStepReader(fragment, at).run();
}

}  // namespace weft::jsonpath
