#include "records/request_id.h"

#include "base/digits.h"
#include "base/mix.h"

namespace weft::records {
namespace {

uint64_t mix(uint64_t x) { return base::mix64(x + base::kMixStep); }

}  // namespace

std::string request_id(uint64_t key, history::ExecutionKey execution, uint32_t task) {
  const uint64_t a = mix(key ^ mix(execution.run ^ mix(execution.index ^ mix(task))));
  const uint64_t b = mix(a ^ mix(execution.index ^ key));
  std::string id = "00000000-0000-4000-0000-000000000000";
  base::put_hex(&id[0], a >> 32, 8);
  base::put_hex(&id[9], a >> 16, 4);
  base::put_hex(&id[15], a, 3);
  base::put_hex(&id[19], 0x8000 | ((b >> 48) & 0x3FFF), 4);
  base::put_hex(&id[24], b, 12);
  return id;
}

}  // namespace weft::records
