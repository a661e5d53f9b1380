// $eval, which Step Functions does not have
#include "json/build.h"
#include "jsonata/compiler.h"
#include "jsonata/describe.h"
#include "jsonata/library.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

// Memory a compilation may take for each character of its text.
constexpr size_t kBytesPerCharacter = 256;

Value eval(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  Value input = a.input;
  if (!a[1].is_undefined()) {
    input = a[1];
    if (input.is_array() && !input.has_flag(Value::kSequence)) {
      input = make_array(context, &input, 1, Value::kSequence | Value::kOuterWrapper);
    }
  }
  // What compiling takes is not asked for piece by piece.
  if (!context.may_allocate(a[0].as_string().size() * kBytesPerCharacter) ||
      !context.spend(a[0].as_string().size()))
    return {};
  SyntaxFailure syntax;
  const auto program = compile_inside(a[0].as_string(), context, a.frame, syntax);
  if (program == nullptr) {
    const std::string message = describe(syntax).message;
    return context.fail_value("D3120", Value::string(message, context.arena));
  }
  context.arena.keep(program);  // the result may share its shapes
  context.add_program(*program);
  Frame* frame = context.make_frame(a.frame, *program->layout);
  const Value result = evaluate_node(*program->root, context, frame, input);
  if (!context.failed) return result;
  if (context.failure.code.empty()) return {};
  const std::string message = describe(context.failure).message;
  context.failed = false;
  context.failure = Failure();
  return context.fail_value("D3121", Value::string(message, context.arena));
}

constexpr LibraryEntry kReferenceEntries[] = {
    {"eval", "<sx?:x>", 2, eval},
};

}  // namespace

std::span<const LibraryEntry> reference_functions() { return kReferenceEntries; }

}  // namespace weft::jsonata
