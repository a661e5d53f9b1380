#include "api/query/findings.h"
#include "api/query/question.h"
#include "json/parse.h"

namespace weft::api {

// A body {"definition", "type"}: what ValidateStateMachineDefinition answers, with the places.
FoundResult validate(const Question& question) {
  json::Arena arena;
  const auto body = json::parse(question.body, arena);
  const auto text =
      definition_member(body ? *body : json::Value(), R"({"definition":"...","type":"STANDARD"})");
  if (!text) return std::unexpected(text.error());
  const bool express = body->find("type").as_string() == "EXPRESS";
  aws::Answer answer(question.arena);
  add_findings(*text, express, question.arena, answer);
  return Found{answer.to_text()};
}

}  // namespace weft::api
