#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "api/query/question.h"
#include "arn/arn.h"
#include "history/aws_json.h"
#include "history/outcome.h"

namespace weft::api {
namespace {

constexpr int64_t kEvents = 200;

bool is_wanted(const history::Event& event, std::string_view type) {
  return type.empty() || history::to_string(event.type).find(type) != std::string_view::npos;
}

// As it may be seen; payloads of those alone that are shown with them.
void redact(history::Event& event, const trace::Redactor& payloads, bool with_payloads) {
  if (event.error) event.error = payloads.clean(*event.error);
  if (event.cause) event.cause = payloads.clean(*event.cause);
  if (!with_payloads) return;
  const auto shown = [&](const base::Text& text) {
    return text.is_null() || text.empty() ? text : base::Text(payloads.apply(text.view()));
  };
  event.text = shown(event.text);
  for (auto& [name, value] : event.variables) value = shown(value);
}

}  // namespace

FoundResult execution_events(const Question& question) {
  const auto arn = question.parameters.find("arn");
  if (!arn) {
    return base::fail(base::ErrorCode::kInvalidArgument, "arn: expected the ARN of an execution");
  }
  const auto limit = whole_parameter(question.parameters, "limit", kEvents, 1, 1'000);
  if (!limit) return std::unexpected(limit.error());
  const bool reverse = question.parameters.find("reverse").value_or("") == "1";
  const auto after =
      whole_parameter(question.parameters, "after", reverse ? INT64_MAX : 0, 0, INT64_MAX);
  if (!after) return std::unexpected(after.error());
  // The payloads of one event.
  const auto one = whole_parameter(question.parameters, "id", 0, 0, INT64_MAX);
  if (!one) return std::unexpected(one.error());
  const std::string_view type = question.parameters.find("type").value_or("");
  const auto key = question.query.find_execution(*arn);
  if (!key) return std::unexpected(key.error());
  auto events = question.query.events(*key);
  if (!events) return std::unexpected(events.error());
  std::erase_if(*events,
                [](const history::Event& event) { return history::is_internal(event.type); });
  const auto end = std::ranges::find_if(std::views::reverse(*events), history::is_terminal,
                                        &history::Event::type);
  const auto final = is_final(
      question, *key,
      end == events->rend() ? history::ExecutionStatus::kRunning : history::status_of(end->type));
  if (!final) return std::unexpected(final.error());
  const auto total = static_cast<int64_t>(events->size());
  if (reverse) std::ranges::reverse(*events);
  const std::string region = arn::parse_states_arn(*arn)->region;
  std::string list;
  int64_t taken = 0;
  int64_t next = 0;
  int64_t matching = 0;
  for (history::Event& event : *events) {
    const auto id = static_cast<int64_t>(event.id);
    if (*one != 0 ? id != *one : !is_wanted(event, type)) continue;
    ++matching;
    if (*one == 0 && (reverse ? id >= *after : id <= *after)) continue;
    if (taken == *limit) continue;
    redact(event, question.payloads, *one != 0);
    if (taken++ > 0) list += ',';
    history::append_history_event(event, *one != 0, list, region);
    next = id;
  }
  std::string body = fmt::format(R"({{"final":{},"total":{},"matching":{},"events":[{}])", *final,
                                 total, matching, list);
  if (taken == *limit) body += fmt::format(R"(,"next":{})", next);
  return Found{body + "}", *final};
}

}  // namespace weft::api
