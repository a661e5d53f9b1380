#include "jsonpath/path.h"

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

std::expected<json::Value, Failure> evaluate(const Path& path, const json::Value& document,
                                             json::Arena& arena, OutOfRange out_of_range) {
  Allowance allowance{kNodesMax};
  return Evaluation(path.steps(), document, arena, allowance, out_of_range).run(document);
}

}  // namespace weft::jsonpath
