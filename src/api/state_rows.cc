#include "api/state_rows.h"

#include "aws/answer.h"

namespace weft::api {

json::Value state_rows_value(const std::vector<columns::StateRow>& rows, json::Arena& arena) {
  json::ArrayBuilder values(arena);
  for (const columns::StateRow& row : rows) {
    values.push(aws::Answer(arena)
                    .text("machine", row.machine)
                    .text_if("mapLabel", row.map_label)
                    .text("state", row.state)
                    .flag("child", row.child)
                    .number("n", static_cast<int64_t>(row.count))
                    .number("failed", static_cast<int64_t>(row.failed))
                    .number("p50", row.p50_us)
                    .number("p95", row.p95_us)
                    .number("p99", row.p99_us)
                    .number("max", row.max_us)
                    .finish());
  }
  return values.finish();
}

}  // namespace weft::api
