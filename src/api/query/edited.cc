#include <memory>

#include <fmt/format.h>

#include "api/comparison.h"
#include "api/query/question.h"
#include "base/limits.h"
#include "definitions/convert.h"
#include "definitions/definition.h"
#include "json/parse.h"
#include "json/write.h"
#include "reading/recorded.h"

// What a definition that is being edited would become, and what of it a recorded execution would
// run on. Nothing is changed here.

namespace weft::api {

using base::ErrorCode;
using base::fail;

base::Result<std::string_view> definition_member(const json::Value& body,
                                                 std::string_view expected) {
  const json::Value definition = body.is_object() ? body.find("definition") : json::Value();
  if (!definition.is_string()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("The body: expected {}", expected));
  }
  const std::string_view text = definition.as_string();
  if (text.size() > base::kDefinitionBytesMax) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("definition: it has {} bytes, at most {} are taken", text.size(),
                            base::kDefinitionBytesMax));
  }
  return text;
}

// A body {"definition"}: with its JSONPath states in JSONata, and why others stay.
FoundResult convert(const Question& question) {
  json::Arena arena;
  const auto body = json::parse(question.body, arena);
  const auto text = definition_member(body ? *body : json::Value(), R"({"definition":"..."})");
  if (!text) return std::unexpected(text.error());
  const auto converted =
      definitions::convert_definition(definitions::file_source("definition", std::string(*text)));
  if (!converted) return std::unexpected(converted.error());
  json::ArrayBuilder left(question.arena);
  for (const definitions::LeftState& one : converted->left) {
    const definitions::Place place = definitions::place_of(one.origin);
    left.push(aws::Answer(question.arena)
                  .text("state", one.state)
                  .text("reason", one.reason)
                  .number("line", static_cast<int64_t>(place.line))
                  .number("column", static_cast<int64_t>(place.column))
                  .finish());
  }
  return Found{aws::Answer(question.arena)
                   .text("definition", converted->text)
                   .number("converted", static_cast<int64_t>(converted->converted))
                   .value("left", left.finish())
                   .to_text()};
}

// A body {"definition", "execution"}: what that execution or child runs on when its machine has
// this definition.
FoundResult replay(const Question& question) {
  json::Arena arena;
  const auto body = json::parse(question.body, arena);
  constexpr std::string_view kExpected = R"({"definition":"...","execution":"arn:..."})";
  const auto text = definition_member(body ? *body : json::Value(), kExpected);
  if (!text) return std::unexpected(text.error());
  const json::Value execution = body->find("execution");
  if (!execution.is_string()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("The body: expected {}", kExpected));
  }
  const auto recorded =
      reading::recorded_execution(question.query, std::string(execution.as_string()));
  if (!recorded) return std::unexpected(recorded.error());
  const auto definition =
      reading::replayed_definition(base::Text(*text), *recorded, "The definition");
  if (!definition) return std::unexpected(definition.error());
  aws::Answer answer(question.arena);
  answer.text("definition", *definition).text("machine", recorded->machine_name);
  if (!recorded->map_state.empty()) answer.text("state", recorded->map_state);
  return Found{answer.to_text()};
}

// Two executions or children side by side: `arn` as it was recorded, `with` as it was run again.
FoundResult compare(const Question& question) {
  const auto before = question.parameters.find("arn");
  const auto after = question.parameters.find("with");
  if (!before || !after) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}: expected the ARN of an execution", before ? "with" : "arn"));
  }
  const auto compared =
      reading::compare(question.query, std::string(*before), question.query, std::string(*after));
  if (!compared) return std::unexpected(compared.error());
  return Found{json::to_text(comparison_value(*compared, question.payloads, question.arena))};
}

}  // namespace weft::api
