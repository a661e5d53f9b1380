// Any text is refused as a path, a reference path, a call and a template, or evaluates to a value
// or an error. The input: a path or a call, a NUL, and the JSON to evaluate it against, which is
// also taken for a template.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "json/exact.h"
#include "json/parse.h"
#include "json/utf8.h"
#include "jsonpath/explain.h"
#include "jsonpath/intrinsic.h"
#include "jsonpath/reference_path.h"
#include "jsonpath/state_path.h"
#include "jsonpath/template.h"

namespace {

using namespace weft;

class DocumentScope : public jsonpath::Scope {
 public:
  explicit DocumentScope(json::Value document) : document_(document) {}
  json::Value context() override { return document_; }
  json::Value variable(std::string_view name) override {
    return name.size() % 2 == 0 ? json::Value() : document_;
  }
  uint64_t random_bits() override { return bits_ += 0x9E3779B97F4A7C15U; }

 private:
  json::Value document_;
  uint64_t bits_ = 0;
};

// What is printed must be read again, and give the same text.
void check_value(const json::Value& value) {
  const std::string text = json::to_exact_text(value);
  if (text.size() > 64 * 1024) return;
  json::Arena arena;
  const auto again = json::parse_exact(text, arena);
  // Templates and results may be nested deeper than a text may be.
  if (again) WEFT_CHECK(json::to_exact_text(*again) == text);
}

void run_path(std::string_view text, const json::Value& document, DocumentScope& scope) {
  json::Arena arena;
  if (const auto library = jsonpath::Path::compile(text)) {
    const auto value = jsonpath::evaluate(*library, document, arena);
    WEFT_CHECK(value || !value.error().message.empty());
    if (value && library->is_definite() == false) WEFT_CHECK(value->is_array());
  }
  const auto path = jsonpath::StatePath::compile(text);
  if (!path) return;
  for (const auto out_of_range : {jsonpath::OutOfRange::kFails, jsonpath::OutOfRange::kNull}) {
    const auto value = path->evaluate(document, scope, arena, out_of_range);
    if (value) {
      check_value(*value);
    } else {
      WEFT_CHECK(
          !jsonpath::missing_path_cause(*path, value.error(), "a.$", document, scope).empty());
    }
  }
  (void)jsonpath::explain(path->path(), document);
}

void run_reference_path(std::string_view text, const json::Value& document) {
  json::Arena arena;
  const auto path = jsonpath::ReferencePath::compile(text);
  if (!path) return;
  const auto value = path->insert(document, json::Value::integer(1), arena);
  if (!value) {
    WEFT_CHECK(value.error().error == "States.ResultPathMatchFailure");
    return;
  }
  // What was put there is found there.
  const auto found = jsonpath::evaluate(*jsonpath::Path::compile(text), *value, arena);
  WEFT_CHECK(found && found->is_exact_int() && found->as_int() == 1);
}

void run_call(std::string_view text, const json::Value& document, DocumentScope& scope) {
  json::Arena arena;
  const auto call = jsonpath::Intrinsic::compile(text);
  if (!call) return;
  const auto value = call->evaluate(document, scope, arena);
  if (value) {
    check_value(*value);
  } else {
    WEFT_CHECK(!value.error().cause.empty());
  }
}

void run_template(const json::Value& json, DocumentScope& scope) {
  json::Arena arena;
  const auto compiled = jsonpath::Template::compile(json);
  if (!compiled) {
    WEFT_CHECK(!compiled.error().empty());
    return;
  }
  const auto value = compiled->evaluate(json, scope, arena);
  if (value) check_value(*value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string text(all.substr(0, all.find('\0')));
  const std::string rest(all.substr(std::min(text.size() + 1, size)));
  if (!json::is_utf8(text)) return 0;  // paths come out of JSON, which is
  json::Arena arena;
  const auto parsed = json::parse_exact(rest, arena);
  const json::Value document = parsed ? *parsed : json::Value::null();
  DocumentScope scope(document);
  run_path(text, document, scope);
  run_reference_path(text, document);
  run_call(text, document, scope);
  run_template(document, scope);
  return 0;
}
