#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/template.h"

namespace weft::asl {

FailState compile_fail(StateContext& context) {
  FailState fail;
  const ScalarType text{.kind = ScalarType::Kind::kString};
  fail.error = compile_scalar(context, context.json, context.path, "Error", "Error", text);
  fail.cause = compile_scalar(context, context.json, context.path, "Cause", "Cause", text);
  for (std::string_view name : {"Error", "Cause"}) {
    const std::string path_name = fmt::format("{}Path", name);
    if (!context.json.find(name).is_undefined() && !context.json.find(path_name).is_undefined()) {
      context.compilation().error(
          context.path,
          fmt::format("Only one of these fields is allowed: [{}, {}]", name, path_name));
    }
  }
  return fail;
}

}  // namespace weft::asl
