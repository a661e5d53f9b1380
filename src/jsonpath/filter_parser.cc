#include "jsonpath/filter_parser.h"

#include <array>

#include <fmt/format.h>

#include "jsonpath/limits.h"
#include "jsonpath/parser.h"
#include "jsonpath/trim.h"

namespace weft::jsonpath {

namespace {

// `text` without the characters of `front` before it and those of `back` after it.
std::string_view stripped(std::string_view text, std::string_view front, std::string_view back) {
  const size_t first = std::min(text.find_first_not_of(front), text.size());
  text.remove_prefix(first);
  while (!text.empty() && back.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
  return text;
}

struct OperatorName {
  std::string_view text;
  Criterion::Operator op;
};
// In the order in which the library looks for them.
constexpr std::array<OperatorName, 7> kOperators{{
    {"==", Criterion::Operator::kEqual},
    {">=", Criterion::Operator::kGreaterEqual},
    {"<=", Criterion::Operator::kLessEqual},
    {"!=", Criterion::Operator::kNotEqual},
    {"<", Criterion::Operator::kLess},
    {">", Criterion::Operator::kGreater},
    {"=~", Criterion::Operator::kMatches},
}};

std::string without_escapes(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\'') continue;
    result += text[i];
  }
  return result;
}

class FilterReader {
 public:
  FilterReader(std::string_view fragment, size_t question, int depth)
      : fragment_(fragment), question_(question), depth_(depth) {}

  std::expected<std::shared_ptr<const Filter>, CompileError> run() {
    std::string_view text;
    Filter filter;
    if (depth_ > kFilterDepthMax) {
      fail(fmt::format("filters inside of filters more than {} deep (limit kFilterDepthMax)",
                       kFilterDepthMax));
      return std::unexpected(std::move(error_));
    }
    if (!take_inside(text) || !read_pieces(text, filter)) return std::unexpected(std::move(error_));
    return std::make_shared<const Filter>(std::move(filter));
  }

 private:
  bool fail(std::string message) {
    error_ = {std::move(message), question_};
    return false;
  }

  // What stands between the parentheses. Here quotes do protect brackets, but the fragment was cut
  // without regard for them.
  bool take_inside(std::string_view& text) {
    const size_t start = fragment_.rfind('[', question_);
    size_t end = start;
    if (start == std::string_view::npos || !find_end(start, end)) {
      return fail(fmt::format("the brackets and quotes of '{}' are not balanced", fragment_));
    }
    text = trimmed(fragment_.substr(start + 1, end - start - 1));
    if (!text.starts_with('?'))
      return fail(fmt::format("'{}' is not of the form [?(...)]", fragment_));
    text = trimmed(text.substr(1));
    if (text.size() < 2 || !text.starts_with('(') || !text.ends_with(')'))
      return fail(fmt::format("'{}' is not of the form [?(...)]", fragment_));
    text = trimmed(text.substr(1, text.size() - 2));
    return true;
  }

  // The bracket that closes the one at `start`, in `end`.
  bool find_end(size_t start, size_t& end) const {
    int parentheses = 0;
    int brackets = 0;
    bool quoted = false;
    for (size_t i = start; i < fragment_.size(); ++i) {
      const char c = fragment_[i];
      if (c == '\'') {
        if (i == start || fragment_[i - 1] != '\\') quoted = !quoted;
        continue;
      }
      if (quoted) continue;
      parentheses += c == '(' ? 1 : c == ')' ? -1 : 0;
      brackets += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (c == ']' && parentheses == 0) {
        end = i;
        return brackets == 0;
      }
    }
    return false;
  }

  static bool is_connective(std::string_view text) { return text == "&&" || text == "||"; }

  // Cuts before and after every && and ||, wherever they stand; && binds tighter.
  bool read_pieces(std::string_view text, Filter& filter) {
    filter.alternatives.emplace_back();
    bool wants_condition = true;
    size_t from = 0;
    for (size_t at = 1; at <= text.size(); ++at) {
      const bool cut = at == text.size() || is_connective(text.substr(at, 2)) ||
                       (at >= 2 && is_connective(text.substr(at - 2, 2)));
      if (!cut) continue;
      const std::string_view piece = trimmed(text.substr(from, at - from));
      from = at;
      if (is_connective(piece) == wants_condition) return fail_pieces();
      wants_condition = !wants_condition;
      if (piece == "||") filter.alternatives.emplace_back();
      if (!is_connective(piece) && !read_piece(piece, filter)) return false;
    }
    return !wants_condition || fail_pieces();
  }
  bool fail_pieces() {
    return fail(fmt::format("conditions and && or || do not alternate in '{}'", fragment_));
  }

  bool read_piece(std::string_view piece, Filter& filter) {
    piece = stripped(piece, "[?( ", ") ");
    if (piece.empty()) return fail(fmt::format("a condition is missing in '{}'", fragment_));
    return read_criterion(piece, filter.alternatives.back().emplace_back());
  }

  bool read_criterion(std::string_view piece, Criterion& criterion) {
    const bool negated = piece.starts_with("!@");
    for (const auto& [name, op] : kOperators) {
      const size_t at = piece.find(name);
      if (at == std::string_view::npos) continue;
      criterion.op = op;
      const std::string_view left = trimmed(piece.substr(0, at));
      const std::string_view right = trimmed(piece.substr(at + name.size()));
      if (right.starts_with("!@"))
        return fail(fmt::format("in '{}' the ! stands where no existence is asked for", piece));
      // Before a comparison the library drops the ! silently.
      return read_operand(left.substr(negated ? 1 : 0), criterion.left) &&
             read_operand(right, criterion.right);
    }
    criterion.op = negated ? Criterion::Operator::kMissing : Criterion::Operator::kExists;
    if (negated) piece.remove_prefix(1);
    if (!piece.starts_with('@') && !piece.starts_with('$'))
      return fail(fmt::format(
          "'{}' is neither a path nor a comparison with one of == != < <= > >= =~", piece));
    if (!read_path(piece, criterion.left)) return false;
    // Asked for existence, a path begins at the element even when it is written with $.
    criterion.left.kind = Operand::Kind::kElementPath;
    return true;
  }

  bool read_operand(std::string_view text, Operand& operand) {
    if (text.starts_with('$') || text.starts_with('@')) return read_path(text, operand);
    const bool ignore_case = text.ends_with("/i");
    if (text.starts_with('/') && (ignore_case || text.ends_with('/')))
      return read_pattern(text, ignore_case, operand);
    if (text.starts_with('\'') && text.ends_with('\'')) {
      if (text.size() == 1) return fail(fmt::format("a quote is left open in '{}'", fragment_));
      text = text.substr(1, text.size() - 2);
    }
    operand.text = text;
    operand.unescaped = without_escapes(text);
    operand.number = Decimal::read(text);
    return true;
  }

  bool read_path(std::string_view text, Operand& operand) {
    operand.kind = text[0] == '$' ? Operand::Kind::kRootPath : Operand::Kind::kElementPath;
    auto path = parse_path(text, depth_);
    if (!path)
      return fail(fmt::format("in the filter's path '{}': {}", text, path.error().message));
    if (!path->definite)
      return fail(
          fmt::format("the filter's path '{}' may find several nodes; it must name one", text));
    operand.path = std::move(*path);
    return true;
  }

  bool read_pattern(std::string_view text, bool ignore_case, Operand& operand) {
    operand.kind = Operand::Kind::kPattern;
    const size_t end = text.size() - (ignore_case ? 2 : 1);
    if (end == 0) return fail(fmt::format("'{}' is no regular expression", text));
    std::string message;
    operand.pattern = Pattern::compile(text.substr(1, end - 1), ignore_case, message);
    if (operand.pattern == nullptr)
      return fail(fmt::format("'{}' is no regular expression: {}", text, message));
    return true;
  }

  std::string_view fragment_;
  size_t question_;
  int depth_;
  CompileError error_;
};

}  // namespace

std::expected<std::shared_ptr<const Filter>, CompileError> parse_filter(std::string_view fragment,
                                                                        size_t question,
                                                                        int depth) {
  return FilterReader(fragment, question, depth).run();
}

}  // namespace weft::jsonpath
