#include "reading/properties.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "json/arena.h"
#include "json/parse.h"
#include "reading/input_paths.h"
#include "trace/function_call.h"

namespace weft::reading {
namespace {

using columns::Columns;
using columns::TextColumn;

constexpr std::string_view kInput = "input.";
constexpr std::string_view kSpan = "span.";
constexpr std::string_view kFunction = "function";

// What children have, one value or several each, gathered child by child and brought into the order
// of the rows at the end.
template <typename T>
class Gathered {
 public:
  // Children come in the order of their indices; 0 stands for none.
  void add(uint64_t index, T value) {
    if (index >= first_.size()) {
      while (first_.size() < index) first_.push_back(0);
      first_.push_back(value);
      further_seen_.clear();
      return;
    }
    if (first_[index] != value && further_seen_.insert(value).second)
      further_.emplace_back(index, value);
  }
  // In the order of `rows`, 0 for those that have none.
  void finish(const columns::Packed<uint64_t>& rows, columns::Packed<T>& first,
              std::vector<T>& further, std::vector<uint32_t>& further_end) {
    first.clear();
    further.clear();
    further_end.clear();
    std::ranges::sort(further_);
    for (const uint64_t index : rows) {
      first.push_back(index < first_.size() ? first_[index] : 0);
      if (further_.empty()) continue;
      auto [at, end] =
          std::ranges::equal_range(further_, index, {}, [](const auto& one) { return one.first; });
      for (; at != end; ++at) further.push_back(at->second);
      further_end.push_back(static_cast<uint32_t>(further.size()));
    }
  }

 private:
  columns::Packed<T> first_;                     // by index
  std::vector<std::pair<uint64_t, T>> further_;  // index, value
  std::unordered_set<T> further_seen_;           // of the last child
};

// Texts by child.
class ByIndex {
 public:
  void add(uint64_t index, std::string_view text) {
    numbers_.add(index, column_.values.number(text));
  }
  TextColumn finish(const columns::Packed<uint64_t>& rows) && {
    numbers_.finish(rows, column_.number, column_.further, column_.further_end);
    return std::move(column_);
  }
  ByIndex() { column_.values.number(""); }  // of children that have none

 private:
  TextColumn column_;
  Gathered<uint32_t> numbers_;
};

base::Result<std::vector<std::string>> sample_inputs(const Query& query, uint64_t run) {
  std::vector<std::string> inputs;
  size_t bytes = 0;
  auto read = query.child_inputs(run, [&](uint64_t, std::string_view input) {
    bytes += inputs.emplace_back(input).size();
    return inputs.size() < kInputsSampled && bytes < kInputBytesSampled;
  });
  if (!read) return std::unexpected(read.error());
  return inputs;
}

// What is read out of the inputs in one pass.
struct InputPass {
  std::string key_path;  // "" = no keys wanted, or none there
  bool keys = false;
  ByIndex folders;
  Gathered<uint64_t> key_hashes;
  std::vector<std::pair<std::string, ByIndex>> paths;

  void take(uint64_t index, std::string_view text) {
    json::Arena arena;
    const auto input = json::parse(text, arena);
    if (!input) return;
    if (!key_path.empty()) {
      visit_at(*input, key_path, [&](const json::Value& value) {
        const std::string key = leaf_text(value);
        if (key.empty()) return;
        folders.add(index, columns::folder_of(key));
        key_hashes.add(index, columns::hash_of_key(key));
      });
    }
    for (auto& [path, values] : paths) {
      visit_at(*input, path, [&](const json::Value& value) {
        const std::string leaf = leaf_text(value);
        if (!leaf.empty()) values.add(index, leaf);
      });
    }
  }
};

base::Result<void> read_inputs(const Query& query, uint64_t run, InputPass pass,
                               const std::function<bool()>& go_on, Columns& columns) {
  auto read = query.child_inputs(run, [&](uint64_t index, std::string_view input) {
    pass.take(index, input);
    return !go_on || go_on();
  });
  if (!read) return read;
  if (pass.keys) {
    columns.folder = std::move(pass.folders).finish(columns.index);
    pass.key_hashes.finish(columns.index, columns.key_hash, columns.further_key_hash,
                           columns.further_key_end);
  }
  for (auto& [path, values] : pass.paths) {
    columns.properties[std::string(kInput) + path] = std::move(values).finish(columns.index);
  }
  return {};
}

base::Result<void> read_functions(const Query& query, uint64_t run, Columns& columns) {
  ByIndex functions;
  auto read = query.turns(run, [&](history::ExecutionKey key, const history::TurnEvents& turn) {
    for (const history::Event& event : turn.events) {
      const std::string function = trace::function_called(event);
      if (!function.empty()) functions.add(key.index, function);
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
    if (attribute == "name") return values.add(index, span.name);
    for (const auto& [key, value] : span.attributes) {
      if (key == attribute) return values.add(index, value);
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

base::Result<InputShape> learn_shape(const Query& query, uint64_t run) {
  const auto inputs = sample_inputs(query, run);
  if (!inputs) return std::unexpected(inputs.error());
  InputShape shape{.sampled = inputs->size(), .key_path = find_key_path(*inputs)};
  struct Member {
    size_t seen = 0;
    std::set<std::string> values;
  };
  std::map<std::string, Member> members;
  for (const std::string& text : *inputs) {
    json::Arena arena;
    const auto input = json::parse(text, arena);
    if (!input) continue;
    visit_leaves(*input, [&](const std::string& path, const json::Value& value) {
      Member& member = members[path];
      ++member.seen;
      member.values.insert(leaf_text(value));
    });
  }
  for (const auto& [path, member] : members) {
    if (path.empty()) continue;  // an input that is a text or a number
    const std::string& name = shape.members.emplace_back(std::string(kInput) + path);
    // What nearly every child has for itself (ids, dates, sizes) puts none together.
    const size_t most = std::max<size_t>(20, member.seen / 5);
    const bool tells = member.values.size() >= 2 && member.values.size() <= most;
    if (path != shape.key_path && tells && shape.telling.size() < kDiscoveredMax)
      shape.telling.push_back(name);
  }
  return shape;
}

std::string item_text(std::string_view input, std::string_view key_path,
                      const columns::Filter& wanted) {
  if (key_path.empty()) return {};
  json::Arena arena;
  const auto value = json::parse(input, arena);
  if (!value) return {};
  std::string first;
  bool chosen = false;
  size_t keys = 0;
  visit_at(*value, key_path, [&](const json::Value& at) {
    std::string key = leaf_text(at);
    if (key.empty()) return;
    const bool better = !chosen && columns::chooses_key(wanted, key);
    if (keys++ == 0 || better) first = std::move(key);
    chosen = chosen || better;
  });
  return keys > 1 ? fmt::format("{} +{} more", first, keys - 1) : first;
}

base::Result<void> read_wanted(const Query& query, uint64_t run, const WantedColumns& wanted,
                               const InputShape& shape, Columns& columns) {
  std::vector<std::string> names = wanted.properties;
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::erase_if(names, [&](const std::string& name) {
    const auto known = columns.properties.find(name);
    return known != columns.properties.end() && known->second.number.size() == columns.size();
  });
  InputPass pass{.key_path = wanted.keys ? shape.key_path : ""};
  pass.keys = wanted.keys && columns.folder.number.size() != columns.size();
  for (const std::string& name : names) {
    if (name.starts_with(kInput)) pass.paths.emplace_back(name.substr(kInput.size()), ByIndex());
  }
  if (pass.keys || !pass.paths.empty()) {
    if (auto read = read_inputs(query, run, std::move(pass), wanted.go_on, columns); !read)
      return read;
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
