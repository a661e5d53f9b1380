// Any text is a definition or a list of findings, and a definition that compiles can be asked for
// what it refers to.
#include <cstddef>
#include <cstdint>
#include <string>

#include "asl/compile.h"
#include "base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weft;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto result = asl::compile(base::Text(text));
  if (result.program == nullptr) {
    WEFT_CHECK(!result.diagnostics.empty());
    WEFT_CHECK(!asl::invalid_definition(result.diagnostics).message.empty());
    return 0;
  }
  (void)asl::variable_references(*result.program);
  return 0;
}
