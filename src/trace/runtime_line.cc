#include "trace/runtime_line.h"

namespace weft::trace {
namespace {

// "2025-01-31T08:00:00.000Z"
bool is_time(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd.dddZ";
  if (text.size() != kForm.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == 'd' ? !digit : text[i] != kForm[i]) return false;
  }
  return true;
}

// What stands before the next tab, which goes too; `text` is left alone when there is none.
std::optional<std::string_view> take_field(std::string_view& text) {
  const size_t tab = text.find('\t');
  if (tab == std::string_view::npos) return std::nullopt;
  const std::string_view field = text.substr(0, tab);
  text.remove_prefix(tab + 1);
  return field;
}

}  // namespace

std::optional<RuntimeLine> parse_runtime_line(std::string_view text) {
  const auto first = take_field(text);
  const auto second = first ? take_field(text) : std::nullopt;
  const auto third = second ? take_field(text) : std::nullopt;
  if (!third) return std::nullopt;
  RuntimeLine line{.message = text};
  if (is_time(*first)) {
    line.request_id = *second;
    line.level_name = *third;
  } else if (is_time(*second) && first->starts_with('[') && first->ends_with(']')) {
    line.request_id = *third;
    line.level_name = first->substr(1, first->size() - 2);
  } else {
    return std::nullopt;
  }
  const auto level = parse_log_level(line.level_name);
  if (!level) return std::nullopt;
  line.level = *level;
  return line;
}

}  // namespace weft::trace
