#include "jsonpath/path.h"

#include "json/shape.h"
#include "jsonpath/evaluation.h"
#include "jsonpath/limits.h"
#include "jsonpath/parser.h"
#include "jsonpath/steps.h"

namespace weft::jsonpath {

std::expected<Path, CompileError> Path::compile(std::string_view text) {
  auto steps = parse_path(text);
  if (!steps) return std::unexpected(std::move(steps.error()));
  Path path;
  path.steps_ = std::make_shared<const Steps>(std::move(*steps));
  return path;
}

const std::string& Path::text() const { return steps_->text; }
bool Path::is_definite() const { return steps_->definite; }
bool Path::is_root() const { return steps_->steps.empty(); }

namespace {

// What a path of names finds, which most paths are; nullptr where it fails or does more than that.
const json::Value* follow_names(const Steps& steps, const json::Value& document) {
  if (document.is_null()) return nullptr;
  const json::Value* node = &document;
  for (const Step& step : steps.steps) {
    if (step.kind != Step::Kind::kName || !node->is_object()) return nullptr;
    const json::Object* object = node->object_data();
    const uint32_t slot = object->shape->find(step.names[0].text, step.names[0].hash);
    if (slot == json::Shape::kNone) return nullptr;
    node = &object->members[slot];
  }
  return node;
}

}  // namespace

std::expected<json::Value, Failure> evaluate(const Path& path, const json::Value& document,
                                             json::Arena& arena, OutOfRange out_of_range) {
  if (const json::Value* found = follow_names(path.steps(), document)) return *found;
  Allowance allowance{kNodesMax};
  return Evaluation(path.steps(), document, arena, allowance, out_of_range).run(document);
}

}  // namespace weft::jsonpath
