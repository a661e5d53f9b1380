#include "jsonpath/reference_path.h"

#include <cstring>

#include <fmt/format.h>

#include "json/build.h"
#include "json/exact.h"
#include "jsonpath/path.h"
#include "jsonpath/steps.h"

namespace weft::jsonpath {

namespace {

// A copy of `array` with another value at `index`.
json::Value with_item(const json::Value& array, size_t index, const json::Value& value,
                      json::Arena& arena) {
  auto* items = arena.allocate_array<json::Value>(array.size());
  std::memcpy(static_cast<void*>(items), array.items(), array.size() * sizeof(json::Value));
  items[index] = value;
  return json::Value::array(items, array.size());
}

json::Value with_member(const json::Value& object, const json::Key& key, const json::Value& value,
                        json::Arena& arena) {
  json::ObjectExtender extender(object, arena);
  extender.add_key(key, value);
  return extender.finish();
}

}  // namespace

std::expected<ReferencePath, CompileError> ReferencePath::compile(std::string_view text) {
  if (!text.starts_with('$') || (text.size() > 1 && text[1] != '.' && text[1] != '[')) {
    return std::unexpected(
        CompileError{fmt::format("'{}' is no reference path: it must start with $. or $[", text)});
  }
  auto path = Path::compile(text);
  if (!path) return std::unexpected(std::move(path.error()));
  ReferencePath result;
  result.text_ = text;
  for (const weft::jsonpath::Step& step : path->steps().steps) {
    const bool name = step.kind == weft::jsonpath::Step::Kind::kName;
    if (!name && (step.kind != weft::jsonpath::Step::Kind::kIndex || step.first < 0)) {
      return std::unexpected(CompileError{
          fmt::format("'{}' is no reference path: '{}' may name several places or none", text,
                      step_text(step))});
    }
    result.steps_.push_back(name ? Step(std::string(step.names[0].text)) : Step("", step.first));
  }
  return result;
}

Fault ReferencePath::mismatch(const json::Value& document) const {
  return {"States.ResultPathMatchFailure",
          fmt::format("Unable to apply ReferencePath {} to input {}", text_,
                      json::to_exact_text(document))};
}

std::expected<json::Value, Fault> ReferencePath::insert(const json::Value& document,
                                                        const json::Value& value,
                                                        json::Arena& arena) const {
  // Down to the place, then up again with a copy of each container on the way. Undefined stands
  // for an object that is not there yet.
  std::vector<json::Value> way;
  json::Value node = document;
  for (const Step& step : steps_) {
    way.push_back(node);
    if (step.index >= 0) {
      const auto index = static_cast<size_t>(step.index);
      if (!node.is_array() || index >= node.size()) return std::unexpected(mismatch(document));
      node = node.item(index);
    } else {
      if (!node.is_object() && !node.is_undefined()) return std::unexpected(mismatch(document));
      node = node.find(step.name);
    }
  }
  json::Value result = value;
  for (size_t i = steps_.size(); i-- > 0;) {
    const Step& step = steps_[i];
    if (step.index >= 0) {
      result = with_item(way[i], static_cast<size_t>(step.index), result, arena);
      continue;
    }
    const json::Key key{step.name.data(), static_cast<uint32_t>(step.name.size()), step.hash};
    if (way[i].is_undefined()) {
      json::ObjectBuilder object(arena);
      object.add_key(key, result);
      result = object.finish();
    } else {
      result = with_member(way[i], key, result, arena);
    }
  }
  return result;
}

}  // namespace weft::jsonpath
