#include "api/operations.h"
#include "asl/compile.h"
#include "aws/answer.h"
#include "base/limits.h"
#include "integrations/registry.h"

namespace weft::api {

aws::Reply validate_state_machine_definition(Call& call) {
  const auto definition = call.in.required("definition", base::kDefinitionBytesMax);
  const auto type = call.in.one_of("type", {"STANDARD", "EXPRESS"});
  const auto severity = call.in.one_of("severity", {"ERROR", "WARNING"});
  const int64_t max = call.in.whole("maxResults", 100);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  const auto compiled =
      asl::compile(base::Text(definition),
                   {.express = type == "EXPRESS", .unavailable = integrations::why_unavailable});
  const size_t limit = max == 0 ? 100 : static_cast<size_t>(max);
  bool truncated = compiled.errors > asl::kFindingsMax ||
                   (severity == "WARNING" && compiled.warnings > asl::kFindingsMax);
  json::ArrayBuilder rows(call.arena);
  for (const asl::Diagnostic& finding : compiled.diagnostics) {
    const bool error = finding.severity == asl::Diagnostic::Severity::kError;
    if (!error && severity != "WARNING") continue;
    if (rows.size() == limit) {
      truncated = true;
      break;
    }
    rows.push(aws::Answer(call.arena)
                  .text("severity", error ? "ERROR" : "WARNING")
                  .text("code", finding.code)
                  .text("message", finding.message)
                  .text_if("location", finding.location)
                  .finish());
  }
  return aws::Answer(call.arena)
      .text("result", compiled.program ? "OK" : "FAIL")
      .value("diagnostics", rows.finish())
      .flag("truncated", truncated)
      .to_text();
}

}  // namespace weft::api
