#include "jsonpath/explain.h"

#include <fmt/format.h>

#include "json/exact.h"
#include "jsonpath/arguments.h"
#include "jsonpath/evaluation.h"
#include "jsonpath/limits.h"

namespace weft::jsonpath {

namespace {

constexpr size_t kMembersShown = 12;
constexpr size_t kBytesShown = 200;

std::string described(const json::Value& value) {
  if (value.is_array())
    return value.size() == 0   ? "an empty array"
           : value.size() == 1 ? "an array of one item"
                               : fmt::format("an array of {} items", value.size());
  if (!value.is_object()) {
    return fits_text(value, kBytesShown)
               ? json::to_exact_text(value)
               : fmt::format("a text of {} bytes", value.as_string().size());
  }
  if (value.size() == 0) return "an empty object";
  std::string text = "an object with the members ";
  for (size_t i = 0; i < value.size() && i < kMembersShown; ++i)
    text += fmt::format("{}'{}'", i > 0 ? ", " : "", value.key(i));
  if (value.size() > kMembersShown)
    text += fmt::format(" and {} more", value.size() - kMembersShown);
  return text;
}

// What the first `count` steps find: the node, or the array of nodes; undefined for nothing.
json::Value found(const Steps& all, size_t count, const json::Value& document, json::Arena& arena) {
  Steps part{.text = all.text, .steps = {all.steps.begin(), all.steps.begin() + count}};
  for (const Step& step : part.steps) part.definite &= step.is_definite();
  Allowance allowance{kNodesMax};
  const auto value = Evaluation(part, document, arena, allowance, OutOfRange::kFails).run(document);
  if (!value || (!part.definite && value->size() == 0)) return {};
  if (!part.definite) return *value;
  auto* node = arena.allocate_array<json::Value>(1);
  node[0] = *value;
  return json::Value::array(node, 1);
}

std::string text_of(const Steps& steps, size_t first, size_t end) {
  std::string text;
  for (size_t i = first; i < end; ++i) text += step_text(steps.steps[i]);
  return text;
}

}  // namespace

std::optional<Explanation> explain(const Path& path, const json::Value& document) {
  const Steps& steps = path.steps();
  json::Arena arena;
  json::Value nodes = found(steps, 0, document, arena);
  size_t reached = 0;
  for (size_t end = 1; end <= steps.steps.size(); ++end) {
    // A scan finds something by what follows it only.
    if (steps.steps[end - 1].kind == Step::Kind::kScan) continue;
    const json::Value next = found(steps, end, document, arena);
    if (next.is_undefined()) {
      return Explanation{.reached = "$" + text_of(steps, 0, reached),
                         .nodes = nodes.size(),
                         .node = nodes.size() > 0 ? described(nodes.item(0)) : "null",
                         .step = text_of(steps, reached, end)};
    }
    nodes = next;
    reached = end;
  }
  return std::nullopt;
}

}  // namespace weft::jsonpath
