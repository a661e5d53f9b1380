#include "jsonpath/intrinsic.h"

#include <fmt/format.h>

#include "json/exact.h"
#include "jsonpath/call.h"

namespace weft::jsonpath {

namespace {

void collect_paths(const Call& call, std::vector<const StatePath*>& paths) {
  for (const Argument& argument : call.arguments) {
    if (argument.path) paths.push_back(&*argument.path);
    if (argument.call != nullptr) collect_paths(*argument.call, paths);
  }
}

class CallRun {
 public:
  CallRun(const Call& outermost, const json::Value& document, Scope& scope, json::Arena& arena)
      : outermost_(outermost), document_(document), context_{scope, arena} {}

  std::expected<json::Value, Fault> run(const Call& call) {
    auto* values = context_.arena.allocate_array<json::Value>(call.arguments.size());
    for (size_t i = 0; i < call.arguments.size(); ++i) {
      auto value = evaluate(call.arguments[i]);
      if (!value) return value;
      values[i] = *value;
    }
    const std::span<const json::Value> arguments(values, call.arguments.size());
    auto result = apply(call, arguments);
    if (result) return *result;
    return std::unexpected(fault("States.IntrinsicFailure", result.error()));
  }

 private:
  // A template that is written out keeps its escapes until its braces are looked for.
  FunctionResult apply(const Call& call, std::span<const json::Value> arguments) {
    if (call.function->run == run_format && call.arguments[0].kind == Argument::Kind::kText)
      return format(context_, call.arguments[0].raw, arguments.subspan(1));
    return call.function->run(context_, arguments);
  }

  std::expected<json::Value, Fault> evaluate(const Argument& argument) {
    switch (argument.kind) {
      case Argument::Kind::kLiteral:
        return argument.literal;
      case Argument::Kind::kText:
        return json::Value::string_ref(argument.text);
      case Argument::Kind::kCall:
        return run(*argument.call);
      case Argument::Kind::kPath:
        break;
    }
    auto value = argument.path->evaluate(document_, context_.scope, context_.arena);
    if (value) return *value;
    return std::unexpected(fault("States.Runtime", missing(*argument.path, value.error())));
  }

  // AWS shows the state's input even where the path starts at the context object.
  std::string missing(const StatePath& path, const Failure& failure) const {
    if (failure.kind != Failure::Kind::kNotFound && failure.kind != Failure::Kind::kOutOfRange)
      return failure.message;
    return fmt::format(
        "The JsonPath argument for the field '{}' could not be found in the input '{}'",
        path.library_text(), json::to_exact_text(document_));
  }

  Fault fault(std::string error, std::string_view reason) const {
    return {std::move(error),
            fmt::format("The function '{}' had the following error: {}", outermost_.text, reason)};
  }

  const Call& outermost_;
  const json::Value& document_;
  CallContext context_;
};

}  // namespace

std::expected<Intrinsic, CompileError> Intrinsic::compile(std::string_view text) {
  auto call = parse_call(text);
  if (!call) return std::unexpected(std::move(call.error()));
  Intrinsic result;
  result.call_ = std::make_shared<const Call>(std::move(*call));
  return result;
}

const std::string& Intrinsic::text() const { return call_->text; }
std::string_view Intrinsic::function() const { return call_->function->name; }

std::vector<const StatePath*> Intrinsic::paths() const {
  std::vector<const StatePath*> paths;
  collect_paths(*call_, paths);
  return paths;
}

std::expected<json::Value, Fault> Intrinsic::evaluate(const json::Value& document, Scope& scope,
                                                      json::Arena& arena) const {
  return CallRun(*call_, document, scope, arena).run(*call_);
}

}  // namespace weft::jsonpath
