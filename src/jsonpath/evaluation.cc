#include "jsonpath/evaluation.h"

#include <algorithm>

#include <fmt/format.h>

#include "json/shape.h"
#include "jsonpath/java_text.h"
#include "jsonpath/limits.h"

namespace weft::jsonpath {

namespace {

constexpr json::Value kNull = json::Value::null();

// The value of the member `name`; nullptr when `object` has none.
const json::Value* member(const json::Value& object, const Name& name) {
  const json::Object* data = object.object_data();
  const uint32_t slot = data->shape->find(name.text, name.hash);
  return slot == json::Shape::kNone ? nullptr : &data->members[slot];
}

std::string bracketed(std::string_view name) { return fmt::format("['{}']", name); }
std::string bracketed(int64_t index) { return fmt::format("[{}]", index); }

int64_t index_of(const Step& step, const json::Value& array) {
  return step.kind == Step::Kind::kFromEnd ? static_cast<int64_t>(array.size()) + step.first
                                           : step.first;
}

}  // namespace

std::expected<json::Value, Failure> Evaluation::run(const json::Value& start) {
  if (start.is_null()) {
    return std::unexpected(Failure{Failure::Kind::kNullDocument,
                                   "Unable to apply Path transformation to null or empty input."});
  }
  if (walk(0, start) != StepResult::kOk) return std::unexpected(finished_failure());
  return steps_.definite ? single_ : hits_.finish();
}

Evaluation::Found Evaluation::find(const json::Value& start, bool all_names) {
  all_names_ = all_names;
  forgiving_ = 1;
  switch (walk(0, start)) {
    case StepResult::kOk:
      return Found::kYes;
    case StepResult::kAbsent:
      return Found::kNo;
    case StepResult::kFailed:
      failure_ = finished_failure();
      return Found::kFailed;
  }
  return Found::kNo;
}

Evaluation::StepResult Evaluation::walk(size_t first, const json::Value& start) {
  if (++depth_ > kWalkDepthMax) {
    return fail(Failure::Kind::kLimit,
                fmt::format("The path '{}' goes down more than {} levels (limit kWalkDepthMax).",
                            steps_.text, kWalkDepthMax));
  }
  size_t at = first;
  const json::Value* node = &start;
  const StepResult result = take_steps(at, node);
  --depth_;
  if (result == StepResult::kFailed) prepend_steps(first, at, start);
  return result;
}

// Takes plain steps from `at` and `node` on, which are left where they ended.
Evaluation::StepResult Evaluation::take_steps(size_t& at, const json::Value*& node) {
  for (; at < steps_.steps.size(); ++at) {
    if (!spend(1)) return StepResult::kFailed;
    StepResult result = StepResult::kOk;
    bool ended = false;
    switch (steps_.steps[at].kind) {
      case Step::Kind::kSelf:
        break;
      case Step::Kind::kName:
        result = take_name(at, node, ended);
        break;
      case Step::Kind::kNames:
        return take_names(at, *node);
      case Step::Kind::kIndex:
      case Step::Kind::kFromEnd:
        result = take_index(at, node);
        break;
      default:
        return fan_out(at, *node);
    }
    if (result != StepResult::kOk || ended) return result;
  }
  return hit(*node, node);
}

Evaluation::StepResult Evaluation::take_name(size_t at, const json::Value*& node, bool& ended) {
  const Step& step = steps_.steps[at];
  if (!node->is_object()) {
    if (forgiving_ > 0) return StepResult::kAbsent;
    return absent(Failure::Kind::kNotFound,
                  fmt::format("Property {} not found in path ", step_text(step)), "");
  }
  const json::Value* found = member(*node, step.names[0]);
  if (found != nullptr) {
    node = found;
    return StepResult::kOk;
  }
  if (!is_last(at) && !step.fails_when_missing) {
    ended = true;
    return StepResult::kOk;
  }
  if (forgiving_ > 0) return StepResult::kAbsent;
  return absent(Failure::Kind::kNotFound,
                is_last(at) ? "No results for path: " : "Missing property in path ",
                bracketed(step.names[0].text));
}

Evaluation::StepResult Evaluation::take_names(size_t at, const json::Value& node) {
  const Step& step = steps_.steps[at];
  if (!node.is_object()) {
    return absent(Failure::Kind::kNotFound,
                  fmt::format("Property {} not found in path ", step_text(step)), "");
  }
  if (!is_last(at)) {
    return fail_here(Failure::Kind::kInvalid,
                     "Multi properties can only be used as path leafs: ", step_text(step));
  }
  json::ObjectBuilder object(arena_);
  for (const Name& name : step.names) {
    const json::Value* found = member(node, name);
    if (found != nullptr) {
      // A copy of the name, so that the value may outlive the path.
      object.add(name.text, *found);
    } else if (all_names_) {
      return StepResult::kAbsent;
    }
  }
  return hit(object.finish(), nullptr);
}

Evaluation::StepResult Evaluation::require_array(size_t at, const json::Value& node) {
  if (node.is_array()) return StepResult::kOk;
  if (node.is_null()) return absent(Failure::Kind::kNotFound, "The path ", " is null");
  std::string text = "Filter: ";
  for (size_t i = at; i < steps_.steps.size(); ++i) text += step_text(steps_.steps[i]);
  text += " can only be applied to arrays. Current context is: ";
  write_java_text(node, text);
  return fail(Failure::Kind::kInvalid, std::move(text));
}

Evaluation::StepResult Evaluation::take_index(size_t at, const json::Value*& node) {
  const StepResult result = require_array(at, *node);
  if (result != StepResult::kOk) return result;
  const int64_t index = index_of(steps_.steps[at], *node);
  if (index >= 0 && index < static_cast<int64_t>(node->size())) {
    node = &node->item(static_cast<size_t>(index));
    return StepResult::kOk;
  }
  if (out_of_range_ == OutOfRange::kFails)
    return absent(Failure::Kind::kOutOfRange, "Index out of bounds when evaluating path ",
                  bracketed(index));
  node = &kNull;
  return StepResult::kOk;
}

Evaluation::StepResult Evaluation::fan_out(size_t at, const json::Value& node) {
  switch (steps_.steps[at].kind) {
    case Step::Kind::kWildcard:
      return wildcard(at, node);
    case Step::Kind::kIndices:
      return indices(at, node);
    case Step::Kind::kSliceFrom:
    case Step::Kind::kSliceTo:
    case Step::Kind::kSlice:
      return slice(at, node);
    case Step::Kind::kScan:
      // Only the path `.` ends so.
      if (is_last(at)) return fail(Failure::Kind::kInvalid, "A path cannot end with a scan (..).");
      return scan(at, node);
    default:
      return filtered(at, node);
  }
}

Evaluation::StepResult Evaluation::wildcard(size_t at, const json::Value& node) {
  if (node.is_object()) {
    for (size_t i = 0; i < node.size(); ++i) {
      const StepResult result = walk(at + 1, node.member(i));
      if (result == StepResult::kFailed) prepend(bracketed(node.key(i)));
      if (result != StepResult::kOk) return result;
    }
  } else if (node.is_array()) {
    for (size_t i = 0; i < node.size(); ++i) {
      ++forgiving_;
      const StepResult result = walk(at + 1, node.item(i));
      --forgiving_;
      if (result != StepResult::kFailed) continue;
      prepend(bracketed(static_cast<int64_t>(i)));
      return result;
    }
  }
  return StepResult::kOk;
}

// Goes on with element `index` of `array`, which may be outside.
Evaluation::StepResult Evaluation::element(size_t at, const json::Value& array, int64_t index) {
  const bool inside = index >= 0 && index < static_cast<int64_t>(array.size());
  if (!inside && out_of_range_ == OutOfRange::kFails)
    return absent(Failure::Kind::kOutOfRange, "Index out of bounds when evaluating path ",
                  bracketed(index));
  const StepResult result = walk(at + 1, inside ? array.item(static_cast<size_t>(index)) : kNull);
  if (result == StepResult::kFailed) prepend(bracketed(index));
  return result;
}

Evaluation::StepResult Evaluation::indices(size_t at, const json::Value& node) {
  if (const StepResult result = require_array(at, node); result != StepResult::kOk) return result;
  for (const int32_t index : steps_.steps[at].indices) {
    const StepResult result = element(at, node, index);
    if (result != StepResult::kOk) return result;
  }
  return StepResult::kOk;
}

Evaluation::StepResult Evaluation::slice(size_t at, const json::Value& node) {
  if (const StepResult result = require_array(at, node); result != StepResult::kOk) return result;
  const Step& step = steps_.steps[at];
  const auto length = static_cast<int64_t>(node.size());
  int64_t first = step.first;
  int64_t last = step.kind == Step::Kind::kSliceFrom ? length : step.last;
  // Only the open slices count from the end.
  if (step.kind == Step::Kind::kSliceFrom && first < 0)
    first = std::max<int64_t>(0, length + first);
  if (step.kind == Step::Kind::kSliceTo) {
    first = 0;
    if (last < 0) last += length;
  }
  last = std::min(last, length);
  if (length == 0) return StepResult::kOk;
  for (int64_t index = first; index < last; ++index) {
    const StepResult result = element(at, node, index);
    if (result != StepResult::kOk) return result;
  }
  return StepResult::kOk;
}

Evaluation::StepResult Evaluation::filtered(size_t at, const json::Value& node) {
  const Step& step = steps_.steps[at];
  if (node.is_object()) {
    const Holds holds = matches(step, node);
    if (holds == Holds::kFailed) return StepResult::kFailed;
    return holds == Holds::kYes ? walk(at + 1, node) : StepResult::kOk;
  }
  if (!node.is_array()) {
    std::string text = "Filter: ";
    for (size_t i = at; i < steps_.steps.size(); ++i) text += step_text(steps_.steps[i]);
    text += " can not be applied to primitives. Current context is: ";
    write_java_text(node, text);
    return fail(Failure::Kind::kInvalid, std::move(text));
  }
  for (size_t i = 0; i < node.size(); ++i) {
    const Holds holds = matches(step, node.item(i));
    if (holds == Holds::kFailed) return StepResult::kFailed;
    if (holds == Holds::kNo) continue;
    const StepResult result = element(at, node, static_cast<int64_t>(i));
    if (result != StepResult::kOk) return result;
  }
  return StepResult::kOk;
}

// Applies what follows the scan at `at` to `node` and to everything below it, parents first.
Evaluation::StepResult Evaluation::scan(size_t at, const json::Value& node) {
  if (!node.is_container()) return StepResult::kOk;
  if (!spend(1)) return StepResult::kFailed;
  if (++depth_ > kWalkDepthMax) {
    return fail(Failure::Kind::kLimit,
                fmt::format("The path '{}' goes down more than {} levels (limit kWalkDepthMax).",
                            steps_.text, kWalkDepthMax));
  }
  StepResult result = scan_here(at, node);
  for (size_t i = 0; i < node.size() && result == StepResult::kOk; ++i) {
    result = scan(at, node.is_array() ? node.item(i) : node.member(i));
    if (result == StepResult::kFailed)
      prepend(node.is_array() ? bracketed(static_cast<int64_t>(i)) : bracketed(node.key(i)));
  }
  --depth_;
  return result;
}

Evaluation::StepResult Evaluation::scan_here(size_t at, const json::Value& node) {
  const size_t next = at + 1;
  const Step& step = steps_.steps[next];
  switch (step.kind) {
    case Step::Kind::kSelf:
    case Step::Kind::kScan:
      return StepResult::kOk;
    case Step::Kind::kName:
    case Step::Kind::kNames:
      if (!node.is_object()) return StepResult::kOk;
      for (const Name& name : step.names) {
        if (member(node, name) == nullptr) return StepResult::kOk;
      }
      break;
    case Step::Kind::kWildcard:
      break;
    case Step::Kind::kFilter:
    case Step::Kind::kPlaceholder: {
      const Holds holds = matches(step, node);
      if (holds != Holds::kYes) return holds == Holds::kNo ? StepResult::kOk : StepResult::kFailed;
      break;
    }
    default:
      if (!node.is_array()) return StepResult::kOk;
  }
  if (!node.is_array() || is_last(next)) return walk(next, node);
  // The library leaves the step out here and goes on with every element.
  for (size_t i = 0; i < node.size(); ++i) {
    const StepResult result = walk(next + 1, node.item(i));
    if (result == StepResult::kFailed) prepend(bracketed(static_cast<int64_t>(i)));
    if (result != StepResult::kOk) return result;
  }
  return StepResult::kOk;
}

bool Evaluation::spend(uint64_t nodes) {
  if (allowance_.nodes >= nodes) {
    allowance_.nodes -= nodes;
    return true;
  }
  fail(Failure::Kind::kLimit,
       fmt::format("The path '{}' looks at more than {} nodes (limit kNodesMax).", steps_.text,
                   kNodesMax));
  return false;
}

Evaluation::StepResult Evaluation::hit(const json::Value& value, const json::Value* slot) {
  if (steps_.definite) {
    single_ = value;
    slot_ = slot;
    return StepResult::kOk;
  }
  hits_.push(value);
  if (hits_.size() <= kHitsMax && !arena_.over_limit()) return StepResult::kOk;
  return fail(Failure::Kind::kLimit,
              fmt::format("The path '{}' finds more than {} nodes (limit kHitsMax).", steps_.text,
                          kHitsMax));
}

Evaluation::StepResult Evaluation::absent(Failure::Kind kind, std::string_view before,
                                          std::string after) {
  return forgiving_ > 0 ? StepResult::kAbsent : fail_here(kind, before, std::move(after));
}

Evaluation::StepResult Evaluation::fail(Failure::Kind kind, std::string message) {
  failure_ = {kind, std::move(message)};
  has_place_ = false;
  return StepResult::kFailed;
}

Evaluation::StepResult Evaluation::fail_here(Failure::Kind kind, std::string_view before,
                                             std::string after) {
  failure_ = {kind, std::string(before)};
  after_ = std::move(after);
  has_place_ = true;
  return StepResult::kFailed;
}

void Evaluation::prepend(std::string_view segment) {
  if (has_place_ && !place_done_) place_.insert(0, segment);
}

// The place of the plain steps from `first` up to `end`, which begin at `start` and exist.
void Evaluation::prepend_steps(size_t first, size_t end, const json::Value& start) {
  if (!has_place_ || place_done_) return;
  std::string text;
  const json::Value* node = &start;
  for (size_t at = first; at < end; ++at) {
    const Step& step = steps_.steps[at];
    if (step.kind == Step::Kind::kSelf) {
      text.clear();
      place_done_ = true;
    } else if (step.kind == Step::Kind::kName) {
      text += bracketed(step.names[0].text);
      node = member(*node, step.names[0]);
    } else {
      const int64_t index = index_of(step, *node);
      text += bracketed(index);
      const bool inside = index >= 0 && index < static_cast<int64_t>(node->size());
      node = inside ? &node->item(static_cast<size_t>(index)) : &kNull;
    }
  }
  place_.insert(0, text);
}

Failure Evaluation::finished_failure() {
  if (has_place_) failure_.message += "$" + place_ + after_;
  has_place_ = false;
  return std::move(failure_);
}

}  // namespace weft::jsonpath
