#include <fmt/format.h>

#include "api/log_lines.h"
#include "api/query/question.h"
#include "reading/function_logs.h"

namespace weft::api {
namespace {

constexpr int64_t kLinesDefault = 1'000;
constexpr int64_t kLinesMax = 100'000;
// An answer ends sooner when it gets long, or when lines that match are rare.
constexpr size_t kBytesMax = 8 << 20;
constexpr size_t kLooksMax = 200'000;

base::Result<reading::LogQuestion> log_question(const net::Query& parameters) {
  const auto text = [&](std::string_view name) {
    return std::string(parameters.find(name).value_or(""));
  };
  reading::LogQuestion question{.arn = text("arn"),
                                .request_id = text("request"),
                                .child = text("child"),
                                .state = text("state"),
                                .text = text("grep"),
                                .bytes_max = kBytesMax,
                                .looks_max = kLooksMax};
  const auto own = whole_parameter(parameters, "own", 0, 0, 1);
  if (!own) return std::unexpected(own.error());
  question.own = *own == 1;
  const auto attempt = whole_parameter(parameters, "attempt", 0, 1, 1'000'000);
  if (!attempt) return std::unexpected(attempt.error());
  question.attempt = static_cast<uint32_t>(*attempt);
  const auto limit = whole_parameter(parameters, "limit", kLinesDefault, 1, kLinesMax);
  if (!limit) return std::unexpected(limit.error());
  question.lines_max = static_cast<size_t>(*limit);
  for (const auto& [name, bound] :
       {std::pair{"from", &question.from_ns}, {"to", &question.to_ns}}) {
    const auto us = whole_parameter(parameters, name, -1, 0, INT64_MAX / 1'000);
    if (!us) return std::unexpected(us.error());
    if (*us >= 0) *bound = *us * 1'000;
  }
  if (const std::string level = text("level"); !level.empty()) {
    const auto parsed = trace::parse_log_level(level);
    if (!parsed) {
      return base::fail(
          base::ErrorCode::kInvalidArgument,
          fmt::format("level={}: expected trace, debug, info, warn, error or fatal", level));
    }
    question.level = *parsed;
  }
  if (const std::string after = text("after"); !after.empty()) {
    const auto position = reading::LogPosition::parse(after);
    if (!position) return std::unexpected(position.error());
    question.after = *position;
  }
  return question;
}

}  // namespace

FoundResult execution_logs(const Question& question) {
  const auto wanted = log_question(question.parameters);
  if (!wanted) return std::unexpected(wanted.error());
  json::ArrayBuilder lines(question.arena);
  const auto logs = reading::read_function_logs(
      question.query, *wanted, question.payloads,
      [&](const reading::FunctionLine& line) { lines.push(log_line_value(line, question.arena)); });
  if (!logs) return std::unexpected(logs.error());
  aws::Answer answer(question.arena);
  answer.text("arn", logs->arn).value("lines", lines.finish());
  if (logs->next) answer.text("next", logs->next->to_text());
  answer.text_if("note", logs->note);
  return Found{.body = answer.to_text()};
}

}  // namespace weft::api
