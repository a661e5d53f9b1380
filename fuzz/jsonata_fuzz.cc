// Any text is refused by the parser, or evaluates to a value or an error within its budget. The
// input: an expression, a NUL, and the JSON to evaluate it against. The dialect goes by the length.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "json/parse.h"
#include "json/utf8.h"
#include "json/write.h"
#include "jsonata/expression.h"

namespace {

weft::jsonata::Budget small_budget() {
  weft::jsonata::Budget budget;
  budget.fuel = 50'000;
  budget.arena_bytes = size_t{2} * 1024 * 1024;
  budget.value_bytes = size_t{512} * 1024;
  return budget;
}

bool is_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t length = weft::json::valid_utf8_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weft;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string text(all.substr(0, all.find('\0')));
  const std::string document(all.substr(std::min(text.size() + 1, size)));
  if (!is_utf8(text)) return 0;  // expressions come out of JSON, which is
  const auto dialect = text.size() % 2 == 0 ? jsonata::Dialect::kReference : jsonata::Dialect::kAws;
  const auto expression = jsonata::Expression::compile(text, dialect);
  if (!expression) {
    WEFT_CHECK(!expression.error().code.empty());
    WEFT_CHECK(expression.error().position <= text.size());
    return 0;
  }
  json::Arena arena;
  const auto input = json::parse(document, arena);
  const size_t before = arena.bytes_used();
  const jsonata::Environment environment{.now_ms = 1'700'000'000'000, .random_seed = 1};
  const jsonata::Budget budget = small_budget();
  const jsonata::Binding bindings[] = {{"states", input ? *input : json::Value()}};
  const auto value = jsonata::evaluate(**expression, input ? *input : json::Value(), bindings,
                                       arena, environment, budget);
  // Small values may still be made after the cap is crossed, until the next check.
  WEFT_CHECK(arena.bytes_used() <= before + 2 * budget.arena_bytes);
  if (!value) {
    WEFT_CHECK(!value.error().message.empty() || !value.error().code.empty());
    return 0;
  }
  // Shared parts can print to far more than was made; only what fits a payload is printed.
  if (arena.bytes_used() < 64 * 1024) (void)json::to_text(*value);
  return 0;
}
