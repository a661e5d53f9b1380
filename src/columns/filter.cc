#include "columns/filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "arn/function_name.h"
#include "base/ascii.h"

namespace weft::columns {
namespace {

using base::is_digit;

using base::ErrorCode;

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

struct FieldName {
  std::string_view name;
  Field field;
};
constexpr std::array kFields = {
    FieldName{"status", Field::kStatus}, FieldName{"err", Field::kError},
    FieldName{"dur", Field::kDuration},  FieldName{"queue", Field::kQueue},
    FieldName{"run", Field::kRun},       FieldName{"cold", Field::kCold},
    FieldName{"start", Field::kStart},   FieldName{"end", Field::kEnd},
    FieldName{"retry", Field::kRetry},   FieldName{"batch", Field::kBatch},
    FieldName{"size", Field::kSize},     FieldName{"lane", Field::kLane},
    FieldName{"index", Field::kIndex},   FieldName{"key", Field::kKey},
    FieldName{"error", Field::kError},  // as groups are called
};
constexpr std::string_view kFunction = "function";
constexpr std::string_view kWords =
    "one of status: err: dur: queue: run: cold: start: end: retry: batch: size: lane: index: key: "
    "input.PATH: span.ATTRIBUTE: function:";
struct StatusName {
  std::string_view name;
  history::ExecutionStatus status;
};
// Those a finished child can have.
constexpr std::array kStatuses = {
    StatusName{"succeeded", history::ExecutionStatus::kSucceeded},
    StatusName{"failed", history::ExecutionStatus::kFailed},
    StatusName{"timed_out", history::ExecutionStatus::kTimedOut},
    StatusName{"aborted", history::ExecutionStatus::kAborted},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_time(Field field) {
  return field == Field::kDuration || field == Field::kQueue || field == Field::kRun ||
         field == Field::kCold || field == Field::kStart || field == Field::kEnd;
}

// Reads one condition from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  base::Result<Condition> read();

 private:
  std::unexpected<base::Error> expected(std::string_view what) const {
    return base::fail(ErrorCode::kInvalidArgument,
                      fmt::format("filter \"{}\", column {}: expected {}", text_, at_ + 1, what));
  }
  std::string_view rest() const { return text_.substr(at_); }
  bool take(std::string_view token) {
    if (!rest().starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  base::Result<void> read_statuses(Condition& out);
  base::Result<void> read_numbers(Condition& out);
  base::Result<void> read_range(Condition& out);
  base::Result<Condition> read_property(Condition out);
  base::Result<std::string> read_quoted();
  base::Result<int64_t> read_number(bool time);

  std::string_view text_;
  size_t at_ = 0;
};

base::Result<Condition> Reader::read() {
  const size_t colon = text_.find(':');
  const std::string_view name = text_.substr(0, colon);
  const auto found = std::ranges::find(kFields, name, &FieldName::name);
  const bool property = is_property(name);
  if ((found == kFields.end() && !property) || colon == std::string_view::npos) {
    return expected(kWords);
  }
  Condition condition{.field = property ? Field::kProperty : found->field};
  at_ = colon + 1;
  base::Result<void> read;
  if (property) {
    condition.property = name;
    auto of_property = read_property(std::move(condition));
    // However a function is named, its calls are chosen, whichever alias they named.
    if (of_property && name == kFunction)
      of_property->text = arn::function_name_of(of_property->text);
    return of_property;
  }
  if (condition.field == Field::kKey) {
    if (rest().starts_with('"')) {
      auto text = read_quoted();
      if (!text) return std::unexpected(text.error());
      condition.text = std::move(*text);
    } else {
      condition.text = rest();
    }
    at_ = text_.size();
    if (condition.text.empty()) return expected("what the key begins with");
  } else if (condition.field == Field::kStatus) {
    read = read_statuses(condition);
  } else if (condition.field == Field::kError) {
    read = read_numbers(condition);
  } else {
    read = read_range(condition);
  }
  if (!read) return std::unexpected(read.error());
  if (at_ != text_.size()) return expected("the end of the condition");
  return condition;
}

base::Result<void> Reader::read_statuses(Condition& out) {
  do {
    const std::string_view word = rest().substr(0, rest().find(','));
    const auto status = std::ranges::find_if(kStatuses, [&](const StatusName& known) {
      return std::ranges::equal(word, known.name, {}, lower);
    });
    if (status == kStatuses.end()) {
      return expected(
          "succeeded, failed, timed_out or aborted: only children that have ended are "
          "chosen among");
    }
    out.values.push_back(static_cast<uint32_t>(status->status));
    at_ += word.size();
  } while (take(","));
  return {};
}

// A number for each, or one name.
base::Result<void> Reader::read_numbers(Condition& out) {
  if (!rest().empty() && !is_digit(rest().front())) {
    out.text = rest();
    at_ = text_.size();
    return {};
  }
  do {
    uint32_t value = 0;
    const std::string_view left = rest();
    const auto [end, error] = std::from_chars(left.data(), left.data() + left.size(), value);
    if (error != std::errc()) return expected("the number or the name of an error");
    out.values.push_back(value);
    at_ += static_cast<size_t>(end - left.data());
  } while (take(","));
  return {};
}

base::Result<int64_t> Reader::read_number(bool time) {
  const std::string_view left = rest();
  double value = 0;
  const auto [end, error] =
      std::from_chars(left.data(), left.data() + left.size(), value, std::chars_format::fixed);
  if (error != std::errc() || value < 0 || value > 1e15) {
    return expected(time ? "a duration such as 1500ms, 2s or 5m" : "a number");
  }
  // "100..200": the first dot belongs to the range, not to the number.
  const std::string_view digits = left.substr(0, static_cast<size_t>(end - left.data()));
  at_ += digits.ends_with('.') ? digits.size() - 1 : digits.size();
  double unit = 1;
  if (time) {
    if (take("us")) {
      unit = 1;
    } else if (take("ms")) {
      unit = 1e3;
    } else if (take("s")) {
      unit = 1e6;
    } else if (take("m")) {
      unit = 60e6;
    } else if (take("h")) {
      unit = 3'600e6;
    }
  }
  return static_cast<int64_t>(value * unit + 0.5);
}

base::Result<void> Reader::read_range(Condition& out) {
  out.to = kMost;
  if (out.field == Field::kCold && take("yes")) {
    out.from = 1;
    return {};
  }
  if (out.field == Field::kCold && take("no")) {
    out.to = 0;
    return {};
  }
  const bool time = is_time(out.field);
  const bool or_more = take(">=");
  const bool more = !or_more && take(">");
  const bool or_less = !or_more && !more && take("<=");
  const bool less = !or_more && !more && !or_less && take("<");
  const auto number = read_number(time);
  if (!number) return std::unexpected(number.error());
  if (or_more || more) {
    out.from = *number + (more ? 1 : 0);
  } else if (or_less || less) {
    out.to = *number - (less ? 1 : 0);
  } else {
    out.from = *number;
    out.to = *number;
    if (take("..")) {
      if (at_ == text_.size()) {
        out.to = kMost;
        return {};
      }
      const auto upper = read_number(time);
      if (!upper) return std::unexpected(upper.error());
      out.to = *upper;
    }
  }
  return {};
}

// Behind a quote: all up to the next one.
base::Result<std::string> Reader::read_quoted() {
  std::string text;
  for (++at_; at_ < text_.size(); ++at_) {
    if (text_[at_] == '"') {
      ++at_;
      if (at_ != text_.size()) return expected("the end of the condition");
      return text;
    }
    if (text_[at_] != '\\' || at_ + 1 == text_.size()) {
      text += text_[at_];
      continue;
    }
    const char escaped = text_[++at_];
    text += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
  }
  return expected("a closing quote");
}

// "eu", "eu*", ">5", "1..10": a comparison or a range is of numbers, all else a text.
base::Result<Condition> Reader::read_property(Condition out) {
  const std::string_view value = rest();
  if (value.empty()) return expected("a value");
  if (value.front() == '"') {
    auto text = read_quoted();
    if (!text) return std::unexpected(text.error());
    out.text = std::move(*text);
    return out;
  }
  const bool compares = value.front() == '<' || value.front() == '>';
  if (compares || (is_digit(value.front()) && value.find("..") != std::string_view::npos)) {
    out.numeric = true;
    if (auto range = read_range(out); !range) return std::unexpected(range.error());
    if (at_ != text_.size()) return expected("the end of the condition");
    return out;
  }
  out.prefix = value.ends_with('*');
  out.text = value.substr(0, value.size() - (out.prefix ? 1 : 0));
  return out;
}

// Where the condition that begins at `at` ends: at a blank that is not in quotes.
size_t end_of_condition(std::string_view text, size_t at) {
  const size_t blank = std::min(text.find_first_of(" \n", at), text.size());
  const size_t quote = text.find(":\"", at);
  if (quote >= blank) return blank;
  for (size_t i = quote + 2; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return std::min(text.find_first_of(" \n", i), text.size());
    }
  }
  return text.size();
}

}  // namespace

std::string quoted_value(std::string_view value) {
  const bool plain = !value.empty() &&
                     value.find_first_of(" \t\n\"*<>") == std::string_view::npos &&
                     value.find("..") == std::string_view::npos;
  if (plain) return std::string(value);
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\' || c == '\n' || c == '\t') text += '\\';
    text += c == '\n' ? 'n' : c == '\t' ? 't' : c;
  }
  return text + '"';
}

base::Result<Condition> parse_condition(std::string_view text) {
  auto condition = Reader(text).read();
  if (condition) condition->written = text;
  return condition;
}

base::Result<Filter> parse_filter(std::string_view text) {
  Filter filter;
  size_t line = 1;
  size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '\n') ++line;
    if (text[at] == '\n' || text[at] == ' ') {
      ++at;
      continue;
    }
    const size_t end = end_of_condition(text, at);
    auto condition = parse_condition(text.substr(at, end - at));
    if (!condition) {
      const std::string place = text.contains('\n') ? fmt::format("line {}: ", line) : "";
      return base::fail(ErrorCode::kInvalidArgument, place + condition.error().message);
    }
    filter.push_back(std::move(*condition));
    at = end;
  }
  return filter;
}

std::string segments_of(std::string_view text) {
  return text.ends_with('/') ? std::string(text) : std::string(text) + '/';
}

std::string_view name_of(Field field) {
  const auto found = std::ranges::find(kFields, field, &FieldName::field);
  return found == kFields.end() ? std::string_view() : found->name;
}

bool is_property(std::string_view name) {
  return name == kFunction || (name.starts_with("input.") && name.size() > 6) ||
         (name.starts_with("span.") && name.size() > 5);
}

bool chooses_key(const Filter& filter, std::string_view key) {
  return std::ranges::any_of(filter, [&](const Condition& one) {
    return one.field == Field::kKey && (key == one.text || key.starts_with(segments_of(one.text)));
  });
}

bool uses_keys(const Filter& filter) {
  return std::ranges::find(filter, Field::kKey, &Condition::field) != filter.end();
}

std::vector<std::string> properties_of(const Filter& filter) {
  std::vector<std::string> names;
  for (const Condition& condition : filter) {
    if (condition.field == Field::kProperty) names.push_back(condition.property);
  }
  return names;
}

}  // namespace weft::columns
