// Whatever bytes claim to be logs: they are read to their end, in bounded memory, and what comes
// out is fit to be put together.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "cloudwatch/assembly.h"
#include "cloudwatch/log_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weft;
  constexpr uint64_t kUnpackedBytesMax = 1u << 20;
  constexpr uint64_t kRejectsShown = 100;
  cloudwatch::Assembly assembly;
  cloudwatch::LogReader reader([&](cloudwatch::LogEvent line) { assembly.add(std::move(line)); });
  reader.set_execution("arn:aws:states:us-east-1:000000000000:execution:m:e");
  reader.set_unpacked_bytes_max(kUnpackedBytesMax);
  reader.read(std::string_view(reinterpret_cast<const char*>(data), size));
  WEFT_CHECK(reader.rejects().size() <= kRejectsShown);
  uint64_t events = 0;
  for (const cloudwatch::AssembledExecution& execution : assembly.finish()) {
    for (const history::Event& event : execution.events) {
      events += history::is_internal(event.type) ? 0 : 1;
    }
    events += execution.duplicates;
  }
  WEFT_CHECK(events == reader.events());
  return 0;
}
