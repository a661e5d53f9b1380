#include <algorithm>

#include <fmt/format.h>

#include "api/query/findings.h"
#include "api/query/question.h"
#include "base/limits.h"
#include "json/parse.h"

namespace weft::api {

// A body {"definition", "type"}: what ValidateStateMachineDefinition answers, with the places.
FoundResult validate(const Question& question) {
  json::Arena arena;
  const auto body = json::parse(question.body, arena);
  const json::Value definition =
      body && body->is_object() ? body->find("definition") : json::Value();
  if (!definition.is_string()) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      R"(The body: expected {"definition":"...","type":"STANDARD"})");
  }
  const std::string_view text = definition.as_string();
  if (text.size() > base::kDefinitionBytesMax) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("definition: it has {} bytes, at most {} are taken", text.size(),
                                  base::kDefinitionBytesMax));
  }
  const bool express = body->find("type").as_string() == "EXPRESS";
  aws::Answer answer(question.arena);
  add_findings(text, express, question.arena, answer);
  return Found{answer.to_text()};
}

}  // namespace weft::api
