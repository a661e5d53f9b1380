// Stored bytes are refused or, encoded again, keep their meaning.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "history/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weft;
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  if (const auto turn = history::decode_turn(bytes)) {
    std::string once;
    history::encode_turn(*turn, once);
    const auto again = history::decode_turn(once);
    WEFT_CHECK(again.has_value());
    std::string twice;
    history::encode_turn(*again, twice);
    WEFT_CHECK(once == twice);
  }
  if (const auto rows = history::decode_rows(bytes)) {
    std::string once;
    for (const auto& row : *rows) history::encode_row(row, once);
    WEFT_CHECK(history::decode_rows(once).has_value());
  }
  return 0;
}
