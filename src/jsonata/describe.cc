#include "jsonata/describe.h"

#include "json/write.h"
#include "jsonata/errors.h"

namespace weft::jsonata {

namespace {

// A value that is at fault can have more text than there is memory for: its beginning tells enough.
constexpr size_t kQuotedBytesMax = 32'768;

std::string json_text(const Value& value) {
  if (value.is_function()) return "undefined";  // as JavaScript has it
  if (!value.is_number() || value.is_exact_int())
    return json::to_text(value, {.bytes_max = kQuotedBytesMax});
  std::string out;
  json::write_number(value.as_double(), out);
  return out;
}

}  // namespace

CompileError describe(const SyntaxFailure& failure) {
  CompileError error;
  error.code = failure.code;
  error.position = failure.position;
  error.token = failure.token;
  MessageFields fields;
  fields.token = failure.token;
  fields.token_json = failure.token_json;
  fields.value = failure.value;
  fields.message = failure.value;
  error.message = format_message(failure.code, fields);
  return error;
}

EvaluationError describe(const Failure& failure) {
  EvaluationError error;
  error.code = failure.code;
  error.position = failure.position;
  error.token = failure.token;
  error.function_name = failure.function_name;
  if (failure.code.empty()) {
    error.message = failure.message;
    return error;
  }
  MessageFields fields;
  fields.token = error.token;
  fields.value = error.value = json_text(failure.value);
  fields.value2 = json_text(failure.value2);
  fields.exp = json_text(failure.exponent);
  if (failure.index > 0) fields.index = std::to_string(failure.index);
  fields.type = failure.type;
  fields.function_name = failure.function_name;
  fields.message = failure.message;
  error.message = format_message(failure.code, fields);
  return error;
}

}  // namespace weft::jsonata
