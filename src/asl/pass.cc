#include "asl/compilation.h"
#include "asl/template.h"

namespace weft::asl {

PassState compile_pass(StateContext& context) {
  PassState pass;
  if (context.jsonata()) {
    return pass;
  }
  pass.result = compile_field(context, "Parameters", {});
  // `Result` is taken as it stands and wins over `Parameters`.
  if (json::Value result = context.json.find("Result"); !result.is_undefined()) {
    pass.result = Template{.literal = result, .field = "Result"};
  }
  return pass;
}

}  // namespace weft::asl
