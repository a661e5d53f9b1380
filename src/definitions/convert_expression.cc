#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "definitions/convert.h"
#include "json/write.h"

namespace weft::definitions {
namespace {

using Text = std::expected<std::string, std::string>;

std::unexpected<std::string> left(std::string reason) { return std::unexpected(std::move(reason)); }

bool is_word(char c) { return base::is_letter_or_digit(c) || c == '_'; }

// `name` as a step of a path.
std::string step(std::string_view name) {
  constexpr std::array<std::string_view, 6> kWords = {"and", "or", "in", "true", "false", "null"};
  const bool plain = !name.empty() && std::ranges::all_of(name, is_word) &&
                     !(name[0] >= '0' && name[0] <= '9') &&
                     std::ranges::find(kWords, name) == kWords.end();
  return plain ? std::string(name) : fmt::format("`{}`", name);
}

// The steps of a reference path behind its root: ".a['b c'][0]".
Text steps(std::string_view path, std::string_view whole) {
  std::string out;
  bool index = false;
  for (size_t at = 0; at < path.size();) {
    size_t end = at + 1;
    if (path[at] == '.') {
      while (end < path.size() && path[end] != '.' && path[end] != '[') ++end;
      const std::string_view name = path.substr(at + 1, end - at - 1);
      if (name.empty() || name == "*" ||
          name.find_first_of("`()?@,:'\" ") != std::string_view::npos)
        return left(fmt::format("the path {} is no reference path", whole));
      out += "." + step(name);
      index = false;
    } else {
      end = path.find(']', at);
      if (path[at] != '[' || end == std::string_view::npos)
        return left(fmt::format("the path {} is no reference path", whole));
      const std::string_view inside = path.substr(at + 1, end - at - 1);
      const bool quoted =
          inside.size() > 2 && inside.front() == '\'' && inside.back() == '\'' &&
          inside.substr(1, inside.size() - 2).find_first_of("'\\`,") == std::string_view::npos;
      const bool number = !inside.empty() && std::ranges::all_of(inside, base::is_digit);
      if (!quoted && (!number || index))
        return left(
            fmt::format("the path {} is no reference path of names and single indexes", whole));
      out += quoted ? "." + step(inside.substr(1, inside.size() - 2)) : fmt::format("[{}]", inside);
      index = number;
      ++end;
    }
    at = end;
  }
  return out;
}

// A literal of so many bytes is one of at most 10,000 characters, which Hash and Base64Encode take.
constexpr size_t kShortBytesMax = 10'000;

// Reads calls of intrinsic functions.
class Calls {
 public:
  Calls(std::string_view text, const Dollar& dollar) : text_(text), dollar_(dollar) {}

  Text whole() {
    auto result = call();
    if (result && at_ != text_.size())
      return left(fmt::format("{} is no call of an intrinsic function", text_));
    return result;
  }

 private:
  // What is known of a value before any run, each including the one before.
  enum class Known : uint8_t {
    kNothing,
    kPlain,  // a text, a number or a truth value
    kText,   // a text of at most 10,000 characters
    kAscii,  // of ASCII
  };
  struct Argument {
    std::string expression;
    bool is_literal = false;  // a text in quotes; then `text`
    std::string text;
    Known known = Known::kNothing;
  };
  using Read = std::expected<Argument, std::string>;

  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  std::unexpected<std::string> malformed() const {
    return left(fmt::format("{} is no call of an intrinsic function", text_));
  }

  Text call() {
    const size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return malformed();
    const std::string_view name = text_.substr(at_, open - at_);
    at_ = open + 1;
    std::vector<Argument> arguments;
    for (skip(); at_ < text_.size() && text_[at_] != ')'; skip()) {
      if (!arguments.empty()) {
        if (text_[at_] != ',') return malformed();
        ++at_;
        skip();
      }
      auto read = argument();
      if (!read) return left(read.error());
      arguments.push_back(std::move(*read));
    }
    if (at_ >= text_.size()) return malformed();
    ++at_;
    return convert(name, arguments);
  }

  Read argument() {
    if (text_.substr(at_).starts_with("States.")) {
      auto inner = call();
      if (!inner) return left(inner.error());
      return Argument{.expression = std::move(*inner), .known = made_};
    }
    if (at_ < text_.size() && text_[at_] == '\'') return literal();
    const size_t end = std::min(text_.find_first_of(",)", at_), text_.size());
    std::string_view word = text_.substr(at_, end - at_);
    while (word.ends_with(' ')) word.remove_suffix(1);
    at_ = end;
    if (!word.starts_with('$')) {
      const bool plain = word == "true" || word == "false" || word == "null" ||
                         (!word.empty() && word.find_first_not_of("-0123456789.") == word.npos);
      if (!plain) return malformed();
      return Argument{.expression = std::string(word), .known = known_of_word(word)};
    }
    auto path = convert_expression(word, dollar_);
    if (!path) return left(path.error());
    return Argument{.expression = std::move(*path), .known = known_of_path(word)};
  }

  // JSONata writes other numbers than whole ones otherwise.
  static Known known_of_word(std::string_view word) {
    const bool whole = word.size() < 16 && word.find_first_not_of("0123456789") == word.npos &&
                       (word.size() == 1 || word[0] != '0');
    return word == "true" || word == "false" || whole ? Known::kPlain : Known::kNothing;
  }

  static Known known_of_path(std::string_view path) {
    constexpr std::array<std::pair<std::string_view, Known>, 9> kContext = {
        {{"$$.Execution.Id", Known::kText},
         {"$$.Execution.Name", Known::kText},
         {"$$.Execution.StartTime", Known::kAscii},
         {"$$.State.Name", Known::kText},
         {"$$.State.EnteredTime", Known::kAscii},
         {"$$.StateMachine.Id", Known::kText},
         {"$$.StateMachine.Name", Known::kText},
         {"$$.Task.Token", Known::kAscii},
         {"$$.Map.Item.Index", Known::kPlain}}};
    for (const auto& [known_path, known] : kContext) {
      if (known_path == path) return known;
    }
    return Known::kNothing;
  }

  Read literal() {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != '\''; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value += text_[at_];
    }
    if (at_ == text_.size()) return malformed();
    ++at_;
    const bool ascii =
        std::ranges::all_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    const Known known = value.size() > kShortBytesMax ? Known::kPlain
                        : ascii                       ? Known::kAscii
                                                      : Known::kText;
    return Argument{
        .expression = jsonata_string(value), .is_literal = true, .text = value, .known = known};
  }

  Text convert(std::string_view name, const std::vector<Argument>& arguments) {
    made_ = Known::kNothing;
    if (name == "States.Format") return format(arguments);
    if (name == "States.Hash" && arguments.size() == 2) return hash(arguments[0], arguments[1]);
    if (name == "States.UUID" && arguments.empty()) {
      made_ = Known::kAscii;
      return std::string("$uuid()");
    }
    if (arguments.size() != 1) return left(fmt::format("{} has no equal in JSONata", name));
    const std::string& value = arguments[0].expression;
    if (name == "States.StringToJson")
      return fmt::format("($trim({0}) = \"\" ? null : $parse({0}))", value);
    // $count takes any value for an array of one.
    if (name == "States.ArrayLength") {
      return fmt::format(
          R"(($type({0}) = "array" ? $count({0}) : $error("States.ArrayLength takes an array")))",
          value);
    }
    // These namesakes know Latin-1, not UTF-8, and pass over what is no Base64.
    if (name == "States.Base64Encode" && arguments[0].known == Known::kAscii) {
      made_ = Known::kPlain;  // a third longer
      return fmt::format("$base64encode({})", value);
    }
    if (name == "States.Base64Encode" || name == "States.Base64Decode") {
      return left(fmt::format("{} of what may be other than ASCII has no equal in JSONata", name));
    }
    // JsonToString puts a text in quotes, ArrayPartition makes no part of an empty array: not so
    // their namesakes.
    return left(fmt::format("{} has no equal in JSONata", name));
  }

  // $hash takes texts only, of any length.
  Text hash(const Argument& data, const Argument& algorithm) {
    constexpr std::array<std::string_view, 5> kAlgorithms = {"MD5", "SHA-1", "SHA-256", "SHA-384",
                                                             "SHA-512"};
    if (!algorithm.is_literal ||
        std::ranges::find(kAlgorithms, algorithm.text) == kAlgorithms.end())
      return left("States.Hash with a computed or unknown algorithm has no equal in JSONata");
    if (data.known < Known::kText) {
      return left(
          "States.Hash of what may be no text, or a text of more than 10,000 characters, has no "
          "equal in JSONata");
    }
    made_ = Known::kAscii;
    return fmt::format("$hash({}, {})", data.expression, algorithm.expression);
  }

  // The pattern's parts and the arguments between them, joined.
  Text format(const std::vector<Argument>& arguments) {
    if (arguments.empty() || !arguments[0].is_literal ||
        arguments[0].text.find('\\') != std::string::npos)
      return left("States.Format with a computed pattern has no equal in JSONata");
    const std::string& pattern = arguments[0].text;
    std::vector<std::string> parts;
    size_t from = 0;
    for (size_t next = 1; next < arguments.size(); ++next) {
      const size_t at = pattern.find("{}", from);
      if (at == std::string::npos) return malformed();
      if (at > from) parts.push_back(jsonata_string(pattern.substr(from, at - from)));
      if (arguments[next].known == Known::kNothing) {
        return left(fmt::format(
            "States.Format writes {} otherwise than & when it is an object, an array, a number or "
            "null",
            arguments[next].expression));
      }
      parts.push_back(arguments[next].expression);
      from = at + 2;
    }
    if (pattern.find("{}", from) != std::string::npos) return malformed();
    if (from < pattern.size()) parts.push_back(jsonata_string(pattern.substr(from)));
    made_ = Known::kPlain;
    if (parts.empty()) return std::string("\"\"");
    if (parts.size() == 1 && arguments.size() > 1) return fmt::format("$string({})", parts[0]);
    return parts.size() == 1 ? parts[0] : fmt::format("({})", fmt::join(parts, " & "));
  }

  std::string_view text_;
  const Dollar& dollar_;
  size_t at_ = 0;
  Known made_ = Known::kNothing;  // of what the call read last makes
};

// What a comparison does with a value of another type is false in JSONPath and an error in JSONata.
std::string typed(std::string_view type, const std::string& path, std::string_view comparison,
                  const std::string& value) {
  if (comparison == "=") return fmt::format("{} = {}", path, value);
  return fmt::format("($type({0}) = \"{1}\" and {0} {2} {3})", path, type, comparison, value);
}

// The regular expression of a StringMatches pattern: `*` stands for anything, `\` before one for
// itself.
std::string matching(const std::string& path, const std::string& pattern) {
  std::string regex;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      ++i;
    } else if (pattern[i] == '*') {
      regex += "[\\s\\S]*";
      continue;
    }
    if (std::string_view("\\^$.|?*+()[]{}/").find(pattern[i]) != std::string_view::npos)
      regex += '\\';
    regex += pattern[i];
  }
  return fmt::format("($type({0}) = \"string\" and $contains({0}, /^{1}$/))", path, regex);
}

Text is_test(std::string_view name, const std::string& path, bool wanted) {
  std::string test;
  if (name == "IsPresent") test = fmt::format("$exists({})", path);
  for (const auto& [comparator, type] :
       {std::pair<std::string_view, std::string_view>{"IsNull", "null"},
        {"IsString", "string"},
        {"IsNumeric", "number"},
        {"IsBoolean", "boolean"}}) {
    if (name == comparator) test = fmt::format("$type({}) = \"{}\"", path, type);
  }
  if (test.empty()) return left(fmt::format("{} has no equal in JSONata", name));
  return wanted ? test : fmt::format("$not({})", test);
}

// JSONPath fails where the Variable of a rule finds nothing, JSONata would go on without it.
std::string found(const std::string& path, const std::string& variable,
                  const std::string& condition) {
  return fmt::format("$exists({}) ? {} : $error({})", path, condition,
                     jsonata_string(fmt::format("Invalid path '{}'", variable)));
}

Text comparison(const Node& rule, size_t member, const std::string& path) {
  std::string_view name = rule.names[member].text;
  const Node& value = rule.items[member];
  if (name.starts_with("Is")) return is_test(name, path, value.text == "true");
  const std::string whole(name);
  if (name == "StringMatches") return matching(path, value.text);
  const bool by_path = name.ends_with("Path");
  if (by_path) name.remove_suffix(4);
  std::string_view type;
  for (const auto& [prefix, of] :
       {std::pair<std::string_view, std::string_view>{"String", "string"},
        {"Numeric", "number"},
        {"Boolean", "boolean"}}) {
    if (!name.starts_with(prefix)) continue;
    type = of;
    name.remove_prefix(prefix.size());
  }
  std::string_view sign;
  for (const auto& [operation, of] : {std::pair<std::string_view, std::string_view>{"Equals", "="},
                                      {"LessThan", "<"},
                                      {"GreaterThan", ">"},
                                      {"LessThanEquals", "<="},
                                      {"GreaterThanEquals", ">="}}) {
    if (name == operation) sign = of;
  }
  if (type.empty() || sign.empty()) return left(fmt::format("{} has no equal in JSONata", whole));
  if (by_path) return left(fmt::format("{} compares by the type of what its path finds", whole));
  return typed(type, path, sign, value.is_string() ? jsonata_string(value.text) : value.text);
}

}  // namespace

std::string jsonata_string(std::string_view text) {
  std::string out;
  json::write_string(text, out);
  return out;
}

Text convert_expression(std::string_view text, const Dollar& dollar) {
  if (text.starts_with("States.")) return Calls(text, dollar).whole();
  if (!text.starts_with('$')) return left(fmt::format("{} is no path", text));
  std::string root = dollar;
  size_t at = 1;
  if (text.starts_with("$$")) {
    root = "$states.context";
    at = 2;
  } else if (text.size() > 1 && is_word(text[1])) {
    while (at < text.size() && is_word(text[at])) ++at;
    root = std::string(text.substr(0, at));
  }
  auto rest = steps(text.substr(at), text);
  if (!rest) return rest;
  return root + *rest;
}

Text convert_path_of(std::string_view path, const std::string& of) {
  if (!path.starts_with("$.") && !path.starts_with("$["))
    return left(fmt::format("the path {} is no reference path of its field", path));
  auto rest = steps(path.substr(1), path);
  if (!rest) return rest;
  return fmt::format("({}){}", of, *rest);
}

namespace {

// The Variable that a rule holds for only where it finds something; nothing of any other rule.
std::string found_by(const Node& rule) {
  const Node* variable = rule.find("Variable");
  const Node* present = rule.find("IsPresent");
  return variable && present && present->text == "true" ? variable->text : "";
}

// `present`: the Variables that find something whenever this rule is asked.
Text condition_of(const Node& rule, const Dollar& dollar, std::set<std::string> present) {
  if (const Node* inner = rule.find("Not")) {
    auto condition = condition_of(*inner, dollar, present);
    return condition ? Text(fmt::format("$not({})", *condition)) : condition;
  }
  for (const auto& [name, word] :
       {std::pair<std::string_view, std::string_view>{"And", " and "}, {"Or", " or "}}) {
    const Node* all = rule.find(name);
    if (all == nullptr) continue;
    std::vector<std::string> conditions;
    for (const Node& one : all->items) {
      auto condition = condition_of(one, dollar, present);
      if (!condition) return condition;
      conditions.push_back("(" + *condition + ")");
      if (name == "And") present.insert(found_by(one));
    }
    return fmt::format("{}", fmt::join(conditions, word));
  }
  const Node* variable = rule.find("Variable");
  if (variable == nullptr) return left("this rule has no Variable");
  auto path = convert_expression(variable->text, dollar);
  if (!path) return path;
  for (size_t i = 0; i < rule.names.size(); ++i) {
    const std::string& name = rule.names[i].text;
    if (name == "Variable" || name == "Next" || name == "Comment" || name == "Assign") continue;
    auto condition = comparison(rule, i, *path);
    const bool always = name == "IsPresent" || variable->text == "$" || variable->text == "$$" ||
                        present.contains(variable->text);
    return condition && !always ? found(*path, variable->text, *condition) : condition;
  }
  return left("this rule compares nothing");
}

}  // namespace

Text convert_rule(const Node& rule, const Dollar& dollar) { return condition_of(rule, dollar, {}); }

}  // namespace weft::definitions
