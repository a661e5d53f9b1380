#include <cctype>

#include <fmt/format.h>

#include "api/labelled_arn.h"
#include "api/operations.h"
#include "aws/answer.h"
#include "base/limits.h"
#include "json/parse.h"

namespace weft::api {
namespace {

// What AWS's JSON parser (Jackson) says about an input that is no JSON, in the cases where it says
// something telling.
std::string input_fault(std::string_view text, const json::ParseError& error) {
  const std::string_view rest = text.substr(std::min(error.offset, text.size()));
  const size_t before = text.substr(0, text.size() - rest.size()).find_last_not_of(" \t\r\n");
  const bool name_expected = before != std::string_view::npos && text[before] == '{';
  if (!rest.empty() && name_expected) {
    return fmt::format(
        "Unexpected character ('{}' (code {})): was expecting double-quote to start field name",
        rest[0], static_cast<int>(static_cast<unsigned char>(rest[0])));
  }
  size_t length = 0;
  while (length < rest.size() &&
         (std::isalnum(static_cast<unsigned char>(rest[length])) || rest[length] == '_')) {
    ++length;
  }
  if (length > 0 && std::isalpha(static_cast<unsigned char>(rest[0]))) {
    return fmt::format(
        "Unrecognized token '{}': was expecting (JSON String, Number, Array, Object or token "
        "'null', 'true' or 'false')",
        rest.substr(0, length));
  }
  return "Invalid execution input.";
}

}  // namespace

aws::Reply start_execution(Call& call) {
  const auto arn = call.in.required("stateMachineArn", kArnCharsMax);
  const auto name = call.in.optional("name", base::kNameCharsMax);
  const auto input = call.in.optional("input", base::kStateDataBytesMax, 0);
  const auto trace_header = call.in.optional("traceHeader", 256, 0);
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  if (auto parts = unlabelled_machine(arn); !parts) return std::unexpected(parts.error());
  if (name) {
    if (auto ok = history::check_name(*name); !ok) return std::unexpected(ok.error());
  }
  if (input) {
    if (auto parsed = json::parse_located(*input, call.arena); !parsed) {
      return std::unexpected(aws::Fault(base::ErrorCode::kInvalidExecutionInput,
                                        fmt::format("Invalid State Machine Execution Input: '{}'",
                                                    input_fault(*input, parsed.error()))));
    }
  }
  auto started =
      call.host.start_execution({.machine_arn = std::string(arn),
                                 .name = std::string(name.value_or("")),
                                 .input = base::Text(input.value_or("{}")),
                                 .trace_header = std::string(trace_header.value_or("")),
                                 .trace = trace::context_of_headers([&](std::string_view header) {
                                   return call.headers.get(header);
                                 })});
  if (!started) return std::unexpected(started.error());
  return aws::Answer(call.arena)
      .text("executionArn", started->arn)
      .time("startDate", started->start_ms)
      .to_text();
}

}  // namespace weft::api
