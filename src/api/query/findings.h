#pragma once

#include <string_view>

#include "asl/compile.h"
#include "aws/answer.h"
#include "integrations/registry.h"
#include "json/arena.h"

namespace weft::api {

// Findings that are told; AWS tells as many.
inline constexpr size_t kFindingsMax = 100;

// Adds `result`, `diagnostics` {severity,code,message,location,line,column} and `truncated`: what
// ValidateStateMachineDefinition finds, warnings too, and where in the text it is (from 1, columns
// in characters).
inline void add_findings(std::string_view definition, bool express, json::Arena& arena,
                         aws::Answer& answer) {
  const auto compiled = asl::compile(
      base::Text(definition), {.express = express, .unavailable = integrations::why_unavailable});
  json::ArrayBuilder rows(arena);
  for (const asl::Diagnostic& finding : compiled.diagnostics) {
    if (rows.size() == kFindingsMax) break;
    const bool error = finding.severity == asl::Diagnostic::Severity::kError;
    rows.push(aws::Answer(arena)
                  .text("severity", error ? "ERROR" : "WARNING")
                  .text("code", finding.code)
                  .text("message", finding.message)
                  .text_if("location", finding.location)
                  .number("line", static_cast<int64_t>(finding.line))
                  .number("column", static_cast<int64_t>(finding.column))
                  .finish());
  }
  answer.text("result", compiled.program ? "OK" : "FAIL")
      .flag("truncated", compiled.diagnostics.size() > kFindingsMax)
      .value("diagnostics", rows.finish());
}

}  // namespace weft::api
