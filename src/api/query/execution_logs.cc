#include "api/log_lines.h"
#include "api/query/question.h"
#include "runtime/function_logs.h"

namespace weft::api {
namespace {

constexpr int64_t kLinesDefault = 1'000;
constexpr int64_t kLinesMax = 100'000;

}  // namespace

FoundResult execution_logs(const Question& question) {
  const auto text = [&](std::string_view name) {
    return std::string(question.parameters.find(name).value_or(""));
  };
  const auto attempt = whole_parameter(question.parameters, "attempt", 0, 1, 1'000'000);
  if (!attempt) return std::unexpected(attempt.error());
  const auto limit = whole_parameter(question.parameters, "limit", kLinesDefault, 1, kLinesMax);
  if (!limit) return std::unexpected(limit.error());
  const auto after = whole_parameter(question.parameters, "after", 0, 0, INT64_MAX);
  if (!after) return std::unexpected(after.error());
  const auto logs =
      runtime::read_function_logs(question.query, {.arn = text("arn"),
                                                   .request_id = text("request"),
                                                   .state = text("state"),
                                                   .attempt = static_cast<uint32_t>(*attempt)});
  if (!logs) return std::unexpected(logs.error());
  const size_t from = std::min(static_cast<size_t>(*after), logs->lines.size());
  const size_t count = std::min(static_cast<size_t>(*limit), logs->lines.size() - from);
  Answer answer(question.arena);
  answer.text("arn", logs->execution_arn)
      .number("total", static_cast<int64_t>(logs->lines.size()))
      .value("lines", log_lines_value(std::span(logs->lines).subspan(from, count),
                                      question.payloads, question.arena));
  if (from + count < logs->lines.size()) answer.number("next", static_cast<int64_t>(from + count));
  answer.text_if("note", logs->note);
  return Found{.body = answer.to_text()};
}

}  // namespace weft::api
