#include "reading/properties.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "json/arena.h"
#include "json/parse.h"
#include "reading/input_paths.h"

namespace weft::reading {
namespace {

using columns::Columns;
using columns::TextColumn;

constexpr std::string_view kInput = "input.";
constexpr std::string_view kSpan = "span.";
constexpr std::string_view kFunction = "function";

// Values by child, brought into the order of the rows at the end.
class ByIndex {
 public:
  void set(uint64_t index, std::string_view text) {
    if (index >= numbers_.size()) numbers_.resize(index + 1, 0);
    numbers_[index] = column_.values.number(text);
  }
  bool has(uint64_t index) const { return index < numbers_.size() && numbers_[index] != 0; }
  TextColumn finish(const std::vector<uint64_t>& rows) && {
    column_.number.reserve(rows.size());
    for (const uint64_t index : rows) {
      column_.number.push_back(index < numbers_.size() ? numbers_[index] : 0);
    }
    return std::move(column_);
  }
  ByIndex() { column_.values.number(""); }  // of children that have none

 private:
  TextColumn column_;
  std::vector<uint32_t> numbers_;
};

base::Result<std::vector<std::string>> sample_inputs(const Query& query, uint64_t run) {
  std::vector<std::string> inputs;
  auto read = query.child_inputs(run, [&](uint64_t, std::string_view input) {
    inputs.emplace_back(input);
    return inputs.size() < kInputsSampled;
  });
  if (!read) return std::unexpected(read.error());
  return inputs;
}

// What is read out of the inputs in one pass.
struct InputPass {
  std::string key_path;  // "" = no keys wanted, or none there
  bool keys = false;
  ByIndex folders;
  std::vector<uint32_t> key_hashes;
  std::vector<std::pair<std::string, ByIndex>> paths;

  void take(uint64_t index, std::string_view text) {
    json::Arena arena;
    const auto input = json::parse(text, arena);
    if (!input) return;
    if (!key_path.empty()) {
      const std::string key = leaf_text(value_at(*input, key_path));
      folders.set(index, columns::folder_of(key));
      if (index >= key_hashes.size()) key_hashes.resize(index + 1, 0);
      key_hashes[index] = columns::hash_of_key(key);
    }
    for (auto& [path, values] : paths) values.set(index, leaf_text(value_at(*input, path)));
  }
};

base::Result<void> read_inputs(const Query& query, uint64_t run, InputPass pass, Columns& columns) {
  if (pass.keys) {
    auto path = key_path(query, run);
    if (!path) return std::unexpected(path.error());
    pass.key_path = std::move(*path);
  }
  auto read = query.child_inputs(run, [&](uint64_t index, std::string_view input) {
    pass.take(index, input);
    return true;
  });
  if (!read) return read;
  if (pass.keys) {
    columns.folder = std::move(pass.folders).finish(columns.index);
    columns.key_hash.clear();
    for (const uint64_t index : columns.index) {
      columns.key_hash.push_back(index < pass.key_hashes.size() ? pass.key_hashes[index] : 0);
    }
  }
  for (auto& [path, values] : pass.paths) {
    columns.properties[std::string(kInput) + path] = std::move(values).finish(columns.index);
  }
  return {};
}

// "resize" of "arn:aws:lambda:us-east-1:000000000000:function:resize:live".
std::string_view function_name(std::string_view name) {
  const size_t at = name.find(":function:");
  if (at == std::string_view::npos) return name;
  name.remove_prefix(at + 10);
  return name.substr(0, name.find(':'));
}

base::Result<void> read_functions(const Query& query, uint64_t run, Columns& columns) {
  ByIndex functions;
  auto read = query.turns(run, [&](history::ExecutionKey key, const history::Turn& turn) {
    for (const history::Event& event : turn.events) {
      if (functions.has(key.index)) break;
      if (event.type == history::EventType::kLambdaFunctionScheduled) {
        functions.set(key.index, function_name(event.resource));
      } else if (event.type == history::EventType::kTaskScheduled &&
                 event.resource_type == "lambda") {
        json::Arena arena;
        const auto parameters = json::parse(event.text.view(), arena);
        if (!parameters) continue;
        functions.set(key.index, function_name(parameters->find("FunctionName").as_string()));
      }
    }
    return true;
  });
  if (!read) return read;
  columns.properties[std::string(kFunction)] = std::move(functions).finish(columns.index);
  return {};
}

base::Result<void> read_span_attribute(const Query& query, uint64_t run, const std::string& name,
                                       Columns& columns) {
  const std::string_view attribute = std::string_view(name).substr(kSpan.size());
  ByIndex values;
  auto read = query.spans_of_children(run, [&](uint64_t index, const trace::InnerSpan& span) {
    if (values.has(index)) return;
    if (attribute == "name") return values.set(index, span.name);
    for (const auto& [key, value] : span.attributes) {
      if (key == attribute) return values.set(index, value);
    }
  });
  if (!read) return read;
  columns.properties[name] = std::move(values).finish(columns.index);
  return {};
}

}  // namespace

void add_wanted(const columns::Filter& filter, WantedColumns& wanted) {
  wanted.keys = wanted.keys || columns::uses_keys(filter);
  for (std::string& name : columns::properties_of(filter)) {
    wanted.properties.push_back(std::move(name));
  }
}

base::Result<std::string> key_path(const Query& query, uint64_t run) {
  auto inputs = sample_inputs(query, run);
  if (!inputs) return std::unexpected(inputs.error());
  return find_key_path(*inputs);
}

std::string item_key(std::string_view input, std::string_view key_path) {
  if (key_path.empty()) return {};
  json::Arena arena;
  const auto value = json::parse(input, arena);
  return value ? leaf_text(value_at(*value, key_path)) : std::string();
}

base::Result<std::vector<std::string>> discover_properties(const Query& query, uint64_t run) {
  auto inputs = sample_inputs(query, run);
  if (!inputs) return std::unexpected(inputs.error());
  const std::string key = find_key_path(*inputs);
  std::map<std::string, std::set<std::string>> values;
  for (const std::string& text : *inputs) {
    json::Arena arena;
    const auto input = json::parse(text, arena);
    if (!input) continue;
    visit_leaves(*input, [&](const std::string& path, const json::Value& value) {
      values[path].insert(leaf_text(value));
    });
  }
  // What nearly every child has for itself (ids, dates, sizes) puts none together.
  const size_t most = std::max<size_t>(20, inputs->size() / 5);
  std::vector<std::string> names;
  for (const auto& [path, texts] : values) {
    if (path == key || texts.size() < 2 || texts.size() > most) continue;
    if (names.size() < kDiscoveredMax) names.push_back(std::string(kInput) + path);
  }
  return names;
}

base::Result<void> read_wanted(const Query& query, uint64_t run, const WantedColumns& wanted,
                               Columns& columns) {
  std::vector<std::string> names = wanted.properties;
  if (wanted.discover) {
    auto found = discover_properties(query, run);
    if (!found) return std::unexpected(found.error());
    names.insert(names.end(), found->begin(), found->end());
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::erase_if(names, [&](const std::string& name) {
    const auto known = columns.properties.find(name);
    return known != columns.properties.end() && known->second.number.size() == columns.size();
  });
  InputPass pass;
  pass.keys = wanted.keys && columns.folder.number.size() != columns.size();
  for (const std::string& name : names) {
    if (name.starts_with(kInput)) pass.paths.emplace_back(name.substr(kInput.size()), ByIndex());
  }
  if (pass.keys || !pass.paths.empty()) {
    if (auto read = read_inputs(query, run, std::move(pass), columns); !read) return read;
  }
  for (const std::string& name : names) {
    base::Result<void> read;
    if (name == kFunction) read = read_functions(query, run, columns);
    if (name.starts_with(kSpan)) read = read_span_attribute(query, run, name, columns);
    if (!read) return read;
  }
  return {};
}

}  // namespace weft::reading
