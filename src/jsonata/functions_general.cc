// $boolean $not $exists $type $error $assert $clone $random
#include "jsonata/callables.h"
#include "jsonata/library.h"
#include "jsonata/random.h"
#include "jsonata/semantics.h"

namespace weft::jsonata {

namespace {

Value boolean(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  const bool result = truth(context, a[0]);
  return context.failed ? Value() : Value::boolean(result);
}

Value negation(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  const bool result = truth(context, a[0]);
  return context.failed ? Value() : Value::boolean(!result);
}

Value exists(Context&, const Arguments& a) { return Value::boolean(!a[0].is_undefined()); }

Value type(Context& context, const Arguments& a) {
  if (a[0].is_undefined()) return {};
  if (a[0].is_number() && !is_numeric(context, a[0]) && context.failed) return {};
  return Value::string_ref(type_name(a[0]), true);
}

Value raise(Context& context, std::string_view code, const Value& message,
            std::string_view otherwise) {
  context.fail(code);
  context.failure.message = message.as_string().empty() ? otherwise : message.as_string();
  return {};
}

Value error(Context& context, const Arguments& a) {
  return raise(context, "D3137", a[0], "$error() function evaluated");
}

Value assertion(Context& context, const Arguments& a) {
  return a[0].as_bool() ? Value() : raise(context, "D3141", a[1], "$assert() statement failed");
}

Value clone(Context& context, const Arguments& a) { return clone_value(context, a[0]); }

Value random(Context& context, const Arguments&) {
  return Value::number(next_random_double(context));
}

constexpr LibraryEntry kGeneralEntries[] = {
    {"boolean", "<x-:b>", 1, boolean}, {"not", "<x-:b>", 1, negation},
    {"exists", "<x:b>", 1, exists},    {"type", "<x:s>", 1, type},
    {"error", "<s?:x>", 1, error},     {"assert", "<bs?:x>", 2, assertion},
    {"clone", "<(oa)-:o>", 1, clone},  {"random", "<:n>", 0, random},
};

}  // namespace

std::span<const LibraryEntry> general_functions() { return kGeneralEntries; }

}  // namespace weft::jsonata
