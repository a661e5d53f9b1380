#include <cstdint>

#include "api/labelled_arn.h"
#include "api/operations.h"
#include "aws/answer.h"
#include "base/limits.h"

namespace weft::api {

std::expected<running::StartExecution, aws::Fault> execution_start(Call& call) {
  const auto arn = call.in.required("stateMachineArn", kArnCharsMax);
  const auto name = call.in.optional("name", base::kNameCharsMax);
  const auto input = call.in.payload("input", base::kStateDataBytesMax);
  const auto trace_header = call.in.optional("traceHeader", 256, 0);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  if (auto parts = unlabelled_machine(arn); !parts) return std::unexpected(parts.error());
  if (name) {
    if (auto ok = arn::check_name(*name); !ok) return std::unexpected(ok.error());
  }
  return running::StartExecution{.machine_arn = std::string(arn),
                                 .name = std::string(name.value_or("")),
                                 .input = base::Text(input.value_or("{}")),
                                 .trace_header = std::string(trace_header.value_or("")),
                                 .trace = trace::context_of_headers([&](std::string_view header) {
                                   return call.headers.get(header);
                                 })};
}

aws::Reply start_execution(Call& call) {
  const auto start = execution_start(call);
  if (!start) return std::unexpected(start.error());
  auto started = call.host.start_execution(*start);
  if (!started) return std::unexpected(started.error());
  return aws::Answer(call.arena)
      .text("executionArn", started->arn)
      .time("startDate", started->start_ms)
      .to_text();
}

}  // namespace weft::api
