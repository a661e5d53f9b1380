#include "api/test_state/result_shapes.h"

#include <charconv>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "api/test_state/result_shapes_text.h"

namespace weft::api {
namespace {

using Shapes = std::unordered_map<uint32_t, std::string_view>;

// Takes `text` apart at `separator`, from the front.
std::string_view take(std::string_view& text, char separator) {
  const size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

template <typename T>
std::optional<T> number_of(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return number;
}

bool lists(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    if (take(words, ' ') == wanted) return true;
  }
  return false;
}

size_t characters_of(std::string_view text) {
  size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

// The answer's shape and all of its service; nothing for what is not known.
std::optional<uint32_t> find_operation(std::string_view type, std::string_view operation,
                                       Shapes& shapes) {
  std::string_view rest = kResultShapes;
  bool here = false;
  std::optional<uint32_t> answer;
  while (!rest.empty()) {
    std::string_view line = take(rest, '\n');
    if (line.starts_with("@ ")) {
      if (here) break;
      here = lists(line.substr(2), type);
    } else if (here && line.starts_with("= ")) {
      line.remove_prefix(2);
      if (take(line, ' ') == operation) answer = number_of<uint32_t>(line);
    } else if (here) {
      const auto number = number_of<uint32_t>(take(line, ' '));
      if (number) shapes.emplace(*number, line);
    }
  }
  return answer;
}

class Check {
 public:
  Check(const Shapes& shapes, bool strict) : shapes_(shapes), strict_(strict) {}

  // What is wrong with the field called `name`.
  std::string problem(std::string_view name, json::Value value, uint32_t shape) const {
    const auto found = shapes_.find(shape);
    if (found == shapes_.end() || value.is_null()) return {};
    const std::string_view rule = found->second;
    const std::string_view more = rule.substr(1);
    switch (rule.front()) {
      case 's':
        return value.is_string() ? text_problem(name, value.as_string(), more)
                                 : must_be(name, "a string");
      case 'n':
        return value.is_number() ? number_problem(name, value.as_double(), more)
                                 : must_be(name, "a number");
      case 'b':
        return value.is_bool() ? std::string() : must_be(name, "a boolean");
      case '[':
        return value.is_array() ? elements_problem(name, value, more) : must_be(name, "an array");
      case '<':
        return value.is_object() ? elements_problem(name, value, more) : must_be(name, "an object");
      case '{':
        return value.is_object() ? members_problem(value, more.substr(0, more.size() - 1))
                                 : must_be(name, "an object");
      default:
        return {};
    }
  }

 private:
  static std::string must_be(std::string_view name, std::string_view what) {
    return fmt::format("Field '{}' must be {}", name, what);
  }

  static std::string text_problem(std::string_view name, std::string_view text,
                                  std::string_view rule) {
    if (rule.starts_with('{')) {
      rule = rule.substr(1, rule.size() - 2);
      while (!rule.empty()) {
        if (take(rule, '|') == text) return {};
      }
      return fmt::format("Field '{}' is not an expected value", name);
    }
    const auto least = number_of<size_t>(rule);
    if (!least || characters_of(text) >= *least) return {};
    return fmt::format("Field '{}' is smaller than the minimum length", name);
  }

  static std::string number_problem(std::string_view name, double number, std::string_view rule) {
    const auto least = number_of<double>(take(rule, ','));
    const auto most = number_of<double>(rule);
    if (least && number < *least)
      return fmt::format("Field '{}' is less than the minimum value", name);
    if (most && number > *most) return fmt::format("Field '{}' exceeds the maximum value", name);
    return {};
  }

  std::string elements_problem(std::string_view name, json::Value container,
                               std::string_view rule) const {
    const auto shape = number_of<uint32_t>(rule);
    for (size_t i = 0; shape && i < container.size(); ++i) {
      const json::Value element = container.is_array() ? container.item(i) : container.member(i);
      if (std::string found = problem(name, element, *shape); !found.empty()) return found;
    }
    return {};
  }

  std::string members_problem(json::Value object, std::string_view rule) const {
    while (!rule.empty()) {
      std::string_view shape = take(rule, ',');
      std::string_view name = take(shape, ':');
      const bool required = name.ends_with('!');
      if (required) name.remove_suffix(1);
      const json::Value value = object.find(name);
      if (value.is_undefined()) {
        if (strict_ && required) return fmt::format("Required field '{}' is missing", name);
        continue;
      }
      std::string found = problem(name, value, number_of<uint32_t>(shape).value_or(0));
      if (!found.empty()) return found;
    }
    return {};
  }

  const Shapes& shapes_;
  const bool strict_;
};

}  // namespace

std::string result_problem(std::string_view type, std::string_view operation, json::Value result,
                           bool strict) {
  Shapes shapes;
  const auto answer = find_operation(type, operation, shapes);
  if (!answer) return {};
  return Check(shapes, strict).problem(operation, result, *answer);
}

}  // namespace weft::api
