#include "cli/settings_file.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "terminal/text.h"

namespace weft::cli {
namespace {

constexpr size_t kShownColumnsMax = 60;

TomlValue value_of(const toml::node& node);

std::vector<TomlEntry> members_of(const toml::table& table) {
  std::vector<TomlEntry> members;
  for (const auto& [key, node] : table) {
    members.push_back({.key = std::string(key.str()),
                       .line = key.source().begin.line,
                       .column = key.source().begin.column,
                       .value = value_of(node)});
  }
  // The library orders them by name.
  std::ranges::sort(members, [](const TomlEntry& a, const TomlEntry& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  return members;
}

std::string json_of(const toml::table& table) {
  std::ostringstream text;
  text << toml::json_formatter{table};
  return std::move(text).str();
}

bool holds_unwritable(const toml::node& node) {
  if (const auto* real = node.as_floating_point()) return !std::isfinite(real->get());
  bool found = false;
  const auto look = [&](const auto& children) {
    for (const auto& child : children) {
      if constexpr (requires { child.second; }) {
        found = found || holds_unwritable(child.second);
      } else {
        found = found || holds_unwritable(child);
      }
    }
  };
  if (const auto* list = node.as_array()) look(*list);
  if (const auto* table = node.as_table()) look(*table);
  return found;
}

TomlValue value_of(const toml::node& node) {
  TomlValue value{.line = node.source().begin.line, .column = node.source().begin.column};
  if (const auto* text = node.as_string()) {
    value.kind = TomlValue::Kind::kText;
    value.text = text->get();
  } else if (const auto* number = node.as_integer()) {
    value.kind = TomlValue::Kind::kNumber;
    value.text = fmt::to_string(number->get());
  } else if (const auto* real = node.as_floating_point()) {
    value.kind = TomlValue::Kind::kReal;
    value.text = fmt::to_string(real->get());
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = TomlValue::Kind::kSwitch;
    value.text = boolean->get() ? "true" : "false";
  } else if (const auto* list = node.as_array()) {
    value.kind = TomlValue::Kind::kList;
    for (const toml::node& item : *list) value.items.push_back(value_of(item));
  } else if (const auto* table = node.as_table()) {
    value.kind = TomlValue::Kind::kTable;
    // JSON has no such numbers; the library writes texts.
    if (!holds_unwritable(*table)) value.text = json_of(*table);
    value.members = members_of(*table);
  } else {
    value.kind = TomlValue::Kind::kTime;
  }
  return value;
}

}  // namespace

base::Result<TomlValue> parse_toml(std::string_view text, const std::string& path) {
  const toml::parse_result parsed = toml::parse(text, path);
  if (parsed) return value_of(parsed.table());
  const toml::parse_error& error = parsed.error();
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("{}:{}:{}: is no TOML: {}", path, error.source().begin.line,
                                error.source().begin.column, error.description()));
}

std::string shown(const TomlValue& value) {
  switch (value.kind) {
    case TomlValue::TomlValue::Kind::kText:
      return terminal::cut(fmt::format("\"{}\"", terminal::single_line(value.text)),
                           kShownColumnsMax);
    case TomlValue::TomlValue::Kind::kTime:
      return "a date or time";
    case TomlValue::TomlValue::Kind::kList:
      return "a list";
    case TomlValue::TomlValue::Kind::kTable:
      return "a table";
    default:
      return value.text;
  }
}

}  // namespace weft::cli
