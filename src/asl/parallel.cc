#include <array>

#include "asl/compilation.h"
#include "asl/fields.h"
#include "asl/template.h"

namespace weft::asl {

ParallelState compile_parallel(StateContext& context) {
  ParallelState parallel;
  Compilation& compilation = context.compilation();
  parallel.arguments = compile_field(context, context.jsonata() ? "Arguments" : "Parameters", {});
  if (!require_members(compilation, context.json, context.path, {"Branches"})) {
    return parallel;
  }
  json::Value branches = context.json.find("Branches");
  Path at = context.path.member("Branches");
  if (!expect_array(compilation, branches, at)) {
    return parallel;
  }
  if (branches.size() == 0) {
    compilation.error(at, "Value cannot be empty");
  }
  for (size_t i = 0; i < branches.size(); ++i) {
    const json::Value& branch = branches.item(i);
    if (!expect_object(compilation, branch, at.element(i))) {
      continue;
    }
    constexpr std::array<std::string_view, 3> kAllowed = {"Comment", "StartAt", "States"};
    check_members(compilation, branch, at.element(i), kAllowed);
    parallel.branches.push_back(compile_block(compilation, branch, at.element(i), context.id,
                                              &context.block, context.block.express,
                                              context.block.depth + 1));
  }
  return parallel;
}

}  // namespace weft::asl
