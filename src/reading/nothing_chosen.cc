#include "reading/nothing_chosen.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "asl/nearest.h"
#include "base/time.h"

namespace weft::reading {
namespace {

using columns::Columns;
using columns::Condition;
using columns::Dictionary;
using columns::Field;

constexpr size_t kNamed = 5;

// "a, b and 3 more"
std::string some_of(const std::vector<std::string_view>& names) {
  const size_t shown = std::min(names.size(), kNamed);
  std::string text = fmt::format(
      "{}", fmt::join(names.begin(), names.begin() + static_cast<ptrdiff_t>(shown), ", "));
  if (shown < names.size()) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

std::vector<std::string_view> values_of(const Dictionary& dictionary) {
  std::vector<std::string_view> values;
  for (uint32_t i = 0; i < dictionary.size(); ++i) {
    const std::string_view text = dictionary.text(i);
    if (!text.empty() && text != Dictionary::kOther) values.push_back(text);
  }
  return values;
}

// The part of a known folder, up to the end of a segment, in which `text` stands; "" when in none.
std::string folder_with(const Dictionary& folders, std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  for (uint32_t i = 0; !text.empty() && i < folders.size(); ++i) {
    const std::string_view folder = folders.text(i);
    const size_t at = folder.find(text);
    if (at == std::string_view::npos) continue;
    return std::string(folder.substr(0, folder.find('/', at + text.size() - 1) + 1));
  }
  return {};
}

std::string no_key(const Columns& columns, const std::string& text) {
  const Dictionary& folders = columns.folder.values;
  std::string sentence =
      fmt::format("No item's key is \"{0}\" or begins with these segments", text);
  if (const std::string meant = folder_with(folders, text); !meant.empty())
    return sentence + fmt::format(". Did you mean key:{}?", columns::quoted_value(meant));
  std::set<std::string_view> first;
  for (const std::string_view folder : values_of(folders))
    first.insert(columns::key_prefix(folder));
  if (first.empty()) return sentence + ": no folder is known of any";
  return sentence + ": they begin with " + some_of({first.begin(), first.end()});
}

std::string no_such_value(const Columns& columns, const Condition& one, const InputShape& shape) {
  std::string none = why_no_value(columns, one.property, shape);
  const auto column = columns.properties.find(one.property);
  if (!none.empty() || column == columns.properties.end()) return none;
  const std::vector<std::string_view> values = values_of(column->second.values);
  std::string sentence = fmt::format("No child has this value of {}", one.property);
  const std::string meant = one.numeric ? "" : asl::nearest(one.text, values);
  if (!meant.empty())
    return sentence +
           fmt::format(". Did you mean {}:{}?", one.property, columns::quoted_value(meant));
  return sentence + ": there are " + some_of(values);
}

// ": they have 1 ms to 2 s" of what a condition about numbers is about; "" of others.
std::string what_there_is(const Columns& columns, Field field) {
  std::function<int64_t(uint32_t)> value;
  bool time = true;
  if (field == Field::kDuration) value = [&](uint32_t row) { return columns.duration[row]; };
  if (field == Field::kQueue) value = [&](uint32_t row) { return columns.queue[row]; };
  if (field == Field::kRun) value = [&](uint32_t row) { return columns.run[row]; };
  if (field == Field::kStart) value = [&](uint32_t row) { return columns.start[row]; };
  if (field == Field::kEnd) value = [&](uint32_t row) { return columns.end(row); };
  if (!value) {
    time = false;
    if (field == Field::kRetry) value = [&](uint32_t row) { return columns.retries[row]; };
    if (field == Field::kBatch) value = [&](uint32_t row) { return columns.items[row]; };
    if (field == Field::kLane) value = [&](uint32_t row) { return columns.lane[row]; };
    if (field == Field::kIndex)
      value = [&](uint32_t row) { return static_cast<int64_t>(columns.index[row]); };
    if (!value) return {};
  }
  int64_t least = value(0);
  int64_t most = least;
  for (uint32_t row = 1; row < columns.size(); ++row) {
    least = std::min(least, value(row));
    most = std::max(most, value(row));
  }
  const auto shown = [time](int64_t number) {
    return time ? base::format_duration_us(number) : std::to_string(number);
  };
  return least == most ? fmt::format(": all have {}", shown(least))
                       : fmt::format(": they have {} to {}", shown(least), shown(most));
}

std::string which_statuses(const Columns& columns) {
  std::set<std::string_view> all;
  for (uint32_t row = 0; row < columns.size(); ++row)
    all.insert(history::to_string(columns.status[row]));
  return fmt::format(": they are {}", fmt::join(all, ", "));
}

std::string why_none(const Columns& columns, const Condition& one, const InputShape& shape) {
  if (one.field == Field::kKey) return no_key(columns, one.text);
  if (one.field == Field::kProperty) return no_such_value(columns, one, shape);
  if (one.field == Field::kError && !one.text.empty())
    return fmt::format(
        "No child failed with the error \"{}\": --group-by error names those there are", one.text);
  return fmt::format(
      "No child fulfils the condition \"{}\"{}", one.written,
      one.field == Field::kStatus ? which_statuses(columns) : what_there_is(columns, one.field));
}

}  // namespace

std::string why_no_value(const Columns& columns, const std::string& property,
                         const InputShape& shape) {
  const auto column = columns.properties.find(property);
  if (column != columns.properties.end() && !values_of(column->second.values).empty()) return {};
  std::string sentence = fmt::format("No child has {}", property);
  const std::vector<std::string_view> members(shape.members.begin(), shape.members.end());
  if (!property.starts_with("input.") || members.empty()) return sentence;
  if (const std::string meant = asl::nearest(property, members); !meant.empty())
    return sentence + fmt::format(". Did you mean {}?", meant);
  return sentence + ": their inputs have " + some_of(members);
}

std::vector<std::string> why_nothing(const columns::Columns& columns, const columns::Filter& filter,
                                     const columns::Filter& typed, const InputShape& shape) {
  std::vector<std::string> sentences;
  if (columns.size() == 0) return sentences;
  for (size_t i = 0; i < filter.size(); ++i) {
    if (!columns::select(columns, {filter[i]}).empty()) continue;
    Condition one = filter[i];
    if (one.field == Field::kError && one.values.empty()) one.text = typed[i].text;
    sentences.push_back(why_none(columns, one, shape));
  }
  if (sentences.empty() && filter.size() > 1)
    sentences.push_back("Each condition is fulfilled by some children, all of them by none");
  return sentences;
}

}  // namespace weft::reading
