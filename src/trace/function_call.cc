#include "trace/function_call.h"

#include "arn/function_name.h"
#include "json/arena.h"
#include "json/parse.h"

namespace weft::trace {

std::string function_called(const history::Event& scheduled) {
  if (scheduled.type == history::EventType::kLambdaFunctionScheduled)
    return std::string(arn::function_name_of(scheduled.resource));
  if (scheduled.type != history::EventType::kTaskScheduled || scheduled.resource_type != "lambda")
    return {};
  json::Arena arena;
  const auto parameters = json::parse(scheduled.text.view(), arena);
  if (!parameters) return {};
  return std::string(arn::function_name_of(parameters->find("FunctionName").as_string()));
}

}  // namespace weft::trace
