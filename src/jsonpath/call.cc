#include "jsonpath/call.h"

#include <charconv>

#include <fmt/format.h>

#include "json/parse.h"
#include "jsonpath/limits.h"

namespace weft::jsonpath {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class CallReader {
 public:
  explicit CallReader(std::string_view text) : text_(text) {}

  std::expected<Call, CompileError> run() {
    Call call;
    const bool read = text_.size() <= kPathBytesMax
                          ? read_call(call, 1) && read_end()
                          : fail(fmt::format("a call has more than {} bytes (limit kPathBytesMax)",
                                             kPathBytesMax));
    if (!read) return std::unexpected(std::move(error_));
    call.text = text_;
    return call;
  }

 private:
  bool fail(std::string message) {
    error_ = {std::move(message), at_};
    return false;
  }
  char current() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (is_blank(current())) ++at_;
  }

  bool read_end() {
    skip_blanks();
    return at_ == text_.size() || fail("nothing may follow a call");
  }

  // "States.Name("; with its arguments and what closes them.
  bool read_call(Call& call, int depth) {
    if (depth > kIntrinsicDepthMax)
      return fail(fmt::format("calls are nested more than {} deep", kIntrinsicDepthMax));
    const size_t open = text_.find('(', at_);
    const std::string_view name = text_.substr(at_, std::min(open, text_.size()) - at_);
    call.function = find_function(name);
    if (call.function == nullptr) return fail(fmt::format("there is no function '{}'", name));
    if (open == std::string_view::npos) return fail("a function's arguments stand in parentheses");
    at_ = open + 1;
    skip_blanks();
    if (current() == ')') {
      ++at_;
      return check_count(call);
    }
    while (true) {
      if (!read_argument(call.arguments.emplace_back(), depth)) return false;
      skip_blanks();
      if (current() == ')') break;
      if (current() != ',') return fail("expected ',' or ')' after an argument");
      ++at_;
      skip_blanks();
    }
    ++at_;
    return check_count(call);
  }

  bool check_count(const Call& call) {
    const size_t count = call.arguments.size();
    const Function& function = *call.function;
    if (count >= function.arguments_min && count <= function.arguments_max) return true;
    return fail(fmt::format("{} does not take {} arguments", function.name, count));
  }

  bool read_argument(Argument& argument, int depth) {
    if (current() == '\'') return read_text(argument);
    if (current() == '$') return read_path(argument);
    if (text_.substr(at_).starts_with("States.")) {
      argument.kind = Argument::Kind::kCall;
      auto call = std::make_unique<Call>();
      const bool read = read_call(*call, depth + 1);
      argument.call = std::move(call);
      return read;
    }
    return read_literal(argument);
  }

  bool read_text(Argument& argument) {
    argument.kind = Argument::Kind::kText;
    const size_t start = ++at_;
    for (; current() != '\''; ++at_) {
      if (at_ >= text_.size()) return fail("a text has no closing quote");
      if (current() == '\\') {
        ++at_;
        if (at_ >= text_.size() ||
            std::string_view("'{}\\").find(current()) == std::string_view::npos)
          return fail("a backslash in a text stands before ', {, } or another backslash only");
      }
      argument.text += current();
    }
    argument.raw = text_.substr(start, at_ - start);
    ++at_;
    return true;
  }

  // Up to the comma or parenthesis that is not the path's own.
  bool read_path(Argument& argument) {
    argument.kind = Argument::Kind::kPath;
    const size_t start = at_;
    int open = 0;
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = current();
      if (c == '\'' && (quoted || open > 0)) quoted = !quoted;
      if (quoted) continue;
      if (open == 0 && (c == ',' || c == ')')) break;
      open += c == '[' || c == '(' ? 1 : c == ']' || c == ')' ? -1 : 0;
    }
    std::string_view path = text_.substr(start, at_ - start);
    while (!path.empty() && is_blank(path.back())) path.remove_suffix(1);
    auto compiled = StatePath::compile(path);
    if (!compiled) {
      error_ = {fmt::format("'{}' is no path: {}", path, compiled.error().message),
                start + compiled.error().position};
      return false;
    }
    argument.path = std::move(*compiled);
    return true;
  }

  // A number, true, false or null.
  bool read_literal(Argument& argument) {
    const size_t start = at_;
    while (at_ < text_.size() && current() != ',' && current() != ')' && !is_blank(current()))
      ++at_;
    const std::string_view word = text_.substr(start, at_ - start);
    if (word == "null") {
      argument.literal = json::Value::null();
    } else if (word == "true" || word == "false") {
      argument.literal = json::Value::boolean(word == "true");
    } else {
      json::Arena arena;
      const auto number = json::parse(word, arena);
      if (!number || !number->is_number()) {
        at_ = start;
        return fail(
            fmt::format("'{}' is no argument: expected 'text', a number, true, false, null, a "
                        "path or a call",
                        word));
      }
      argument.literal = *number;
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  CompileError error_;
};

}  // namespace

std::expected<Call, CompileError> parse_call(std::string_view text) {
  return CallReader(text).run();
}

}  // namespace weft::jsonpath
