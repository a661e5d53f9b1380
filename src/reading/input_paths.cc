#include "reading/input_paths.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "json/arena.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::reading {
namespace {

constexpr size_t kSegmentBytesMax = 128;

bool is_leaf(const json::Value& value) {
  return value.is_string() || value.is_number() || value.is_bool();
}

void walk(const json::Value& value, std::string& path, size_t depth,
          const std::function<void(const std::string&, const json::Value&)>& visit) {
  if (is_leaf(value)) return visit(path, value);
  if (depth == kPathDepthMax) return;
  if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) walk(value.item(i), path, depth + 1, visit);
    return;
  }
  const size_t members = value.is_object() ? std::min(value.size(), kPathMembersMax) : 0;
  for (size_t i = 0; i < members; ++i) {
    const std::string_view name = value.key(i);
    // Names with dots have no path of their own.
    if (name.empty() || name.size() > kSegmentBytesMax || name.find('.') != std::string_view::npos)
      continue;
    const size_t length = path.size();
    if (!path.empty()) path += '.';
    path += name;
    walk(value.member(i), path, depth + 1, visit);
    path.resize(length);
  }
}

// False as soon as `visit` says that it has seen enough.
bool walk_at(const json::Value& value, std::string_view path, size_t depth,
             const std::function<bool(const json::Value&)>& visit) {
  if (value.is_array()) {
    bool more = depth < kPathDepthMax;
    for (size_t i = 0; more && i < value.size(); ++i)
      more = walk_at(value.item(i), path, depth + 1, visit);
    return more;
  }
  if (path.empty()) return value.is_undefined() || visit(value);
  if (!value.is_object() || depth == kPathDepthMax) return true;
  const size_t dot = std::min(path.find('.'), path.size());
  return walk_at(value.find(path.substr(0, dot)), path.substr(std::min(dot + 1, path.size())),
                 depth + 1, visit);
}

struct Candidate {
  uint64_t seen = 0;
  uint64_t named_like_objects = 0;  // a "/" or a "." in it
  std::set<std::string> values;
};

bool is_key_member(std::string_view path) { return path == "Key" || path.ends_with(".Key"); }

}  // namespace

void visit_leaves(const json::Value& input,
                  const std::function<void(const std::string&, const json::Value&)>& visit) {
  std::string path;
  walk(input, path, 0, visit);
}

void visit_at(const json::Value& input, std::string_view path,
              const std::function<void(const json::Value&)>& visit) {
  walk_at(input, path, 0, [&](const json::Value& value) {
    visit(value);
    return true;
  });
}

json::Value value_at(const json::Value& input, std::string_view path) {
  json::Value first;
  walk_at(input, path, 0, [&](const json::Value& value) {
    first = value;
    return false;
  });
  return first;
}

std::string leaf_text(const json::Value& value) {
  if (value.is_string()) return std::string(value.as_string());
  return is_leaf(value) ? json::to_text(value) : std::string();
}

std::string find_key_path(const std::vector<std::string>& inputs) {
  std::map<std::string, Candidate> found;
  for (const std::string& text : inputs) {
    json::Arena arena;
    const auto input = json::parse(text, arena);
    if (!input) continue;
    visit_leaves(*input, [&](const std::string& path, const json::Value& value) {
      if (!value.is_string()) return;
      Candidate& candidate = found[path];
      ++candidate.seen;
      const std::string_view shown = value.as_string();
      candidate.named_like_objects += shown.find_first_of("/.") != std::string_view::npos ? 1 : 0;
      candidate.values.emplace(shown);
    });
  }
  std::string best;
  std::tuple<bool, double, double, int64_t> best_score{};
  for (const auto& [path, candidate] : found) {
    const auto seen = static_cast<double>(candidate.seen);
    const double apart = static_cast<double>(candidate.values.size()) / seen;
    const double like = static_cast<double>(candidate.named_like_objects) / seen;
    if (!is_key_member(path) && (apart < 0.9 || like < 0.5 || candidate.seen < 2)) continue;
    const std::tuple score{is_key_member(path), like, apart, -static_cast<int64_t>(path.size())};
    if (best.empty() || score > best_score) {
      best = path;
      best_score = score;
    }
  }
  return best;
}

}  // namespace weft::reading
