// Any text either is refused or, printed and read again, is the same value.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "json/equal.h"
#include "json/parse.h"
#include "json/write.h"

using weft::json::Arena;
using weft::json::Value;

namespace {

void check_same(const Value& value, const std::string& printed) {
  Arena arena;
  const auto again = weft::json::parse(printed, arena);
  WEFT_CHECK(again.has_value());
  WEFT_CHECK(weft::json::equal(value, *again));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  Arena arena;
  const auto value = weft::json::parse(text, arena);
  const auto located = weft::json::parse_located(text, arena);
  WEFT_CHECK(value.has_value() == located.has_value());
  if (!value) {
    WEFT_CHECK(located.error().offset <= size);
    return 0;
  }
  check_same(*value, weft::json::to_text(*value));
  std::string pretty;
  weft::json::write_pretty(*value, pretty);
  check_same(*value, pretty);
  return 0;
}
