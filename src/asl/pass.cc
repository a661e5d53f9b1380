#include "asl/compilation.h"
#include "asl/template.h"

namespace weft::asl {

PassState compile_pass(StateContext& context) {
  if (!context.jsonata()) {
    // Of a JSONPath Pass, `Result` is taken as it stands and wins over `Parameters`.
    json::Value result = context.json.find("Result");
    if (!result.is_undefined()) {
      context.state.output =
          Template{.kind = Template::Kind::kLiteral, .literal = result, .field = "Result"};
    }
    std::optional<Template> parameters = compile_field(context, "Parameters", {});
    if (parameters && !context.state.output) {
      context.state.output = std::move(parameters);
    }
  }
  return {};
}

}  // namespace weft::asl
