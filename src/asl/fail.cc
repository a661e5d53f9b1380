#include <fmt/format.h>

#include "asl/compilation.h"
#include "asl/jsonpath_fields.h"
#include "asl/template.h"

namespace weft::asl {

FailState compile_fail(StateContext& context) {
  FailState fail;
  const ScalarType text{.kind = ScalarType::Kind::kString};
  auto either = [&](std::string_view name) {
    const std::string path_name = fmt::format("{}Path", name);
    const bool by_path = !context.jsonata() && !context.json.find(path_name).is_undefined();
    if (by_path && !context.json.find(name).is_undefined()) {
      context.compilation().error(
          context.path,
          fmt::format("Only one of these fields is allowed: [{}, {}]", name, path_name));
    }
    return by_path
               ? compile_text_path(context, path_name)
               : compile_scalar(context, context.json, context.path, name, std::string(name), text);
  };
  fail.error = either("Error");
  fail.cause = either("Cause");
  return fail;
}

}  // namespace weft::asl
