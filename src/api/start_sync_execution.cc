#include <utility>

#include "api/labelled_arn.h"
#include "api/operations.h"
#include "aws/answer.h"
#include "base/limits.h"
#include "reading/billing.h"

namespace weft::api {
namespace {

json::Value included(bool data, json::Arena& arena) {
  return aws::Answer(arena).flag("included", data).finish();
}

aws::Reply answer_of(const base::Result<reading::ExecutionView>& view, bool with_data) {
  if (!view) return std::unexpected(view.error());
  json::Arena arena;
  aws::Answer answer(arena);
  answer.text("executionArn", view->arn)
      .text("stateMachineArn", view->machine_arn)
      .text("name", view->name)
      .time("startDate", view->start_ms)
      .time("stopDate", view->stop_ms)
      .text("status", history::to_string(view->status));
  if (with_data) answer.optional_text("error", view->error).optional_text("cause", view->cause);
  if (with_data) answer.text("input", view->input.view());
  answer.value("inputDetails", included(with_data, arena));
  if (with_data && !view->output.is_null()) answer.text("output", view->output.view());
  const reading::Billing billing = reading::billing_of(*view);
  return answer
      // Also where there is no output, as recorded.
      .value("outputDetails", included(with_data, arena))
      .text_if("traceHeader", view->trace_header)
      .value("billingDetails", aws::Answer(arena)
                                   .number("billedMemoryUsedInMB", billing.memory_mb)
                                   .number("billedDurationInMilliseconds", billing.duration_ms)
                                   .finish())
      .to_text();
}

}  // namespace

void start_sync_execution(Call& call, LaterReply reply) {
  auto start = execution_start(call);
  const auto included = call.in.one_of("includedData", {"ALL_DATA", "METADATA_ONLY"});
  if (auto ok = call.in.check(); !ok) return reply(std::unexpected(ok.error()));
  if (!start) return reply(std::unexpected(start.error()));
  call.host.start_synchronous_execution(
      *start, [with_data = included != "METADATA_ONLY",
               reply = std::move(reply)](base::Result<reading::ExecutionView> ended) mutable {
        reply(answer_of(ended, with_data));
      });
}

}  // namespace weft::api
