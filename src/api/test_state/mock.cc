#include "api/test_state/mock.h"

#include <fmt/format.h>

#include "api/test_state/result_shapes.h"
#include "asl/evaluate.h"
#include "asl/map_item.h"
#include "json/parse.h"

namespace weft::api {
namespace {

// The operation whose answer a mock stands for: of a job, the one that asks how it went. "" when
// the answer can be anything.
std::string_view answering_operation(const asl::TaskResource& resource) {
  if (resource.kind != asl::TaskResource::Kind::kService) return {};
  const std::string_view name = resource.resource;
  switch (resource.pattern) {
    case asl::IntegrationPattern::kRequestResponse:
      return name;
    case asl::IntegrationPattern::kSync:
    case asl::IntegrationPattern::kSync2:
      if (resource.resource_type == "states") return "describeExecution";
      break;  // what other jobs are asked with is not known to us
    case asl::IntegrationPattern::kWaitForTaskToken:
      break;
  }
  return {};
}

std::expected<void, aws::Fault> check_task(const asl::TaskResource& resource, json::Value result,
                                           FieldValidation validation) {
  const std::string_view operation = answering_operation(resource);
  if (validation == FieldValidation::kNone || operation.empty()) return {};
  const std::string problem = result_problem(resource.resource_type, operation, result,
                                             validation == FieldValidation::kStrict);
  if (problem.empty()) return {};
  return refused(fmt::format("Mock result schema validation error: {}", problem));
}

std::expected<void, aws::Fault> check_result(json::Value result, const TestRequest& request,
                                             const TestSubject& subject) {
  const asl::State& state = subject.state();
  if (state.type == asl::StateType::kMap) {
    const bool writes = !subject.json.find("ResultWriter").is_undefined();
    if (writes && !result.is_object()) return refused("Mocked result must be a JSON object.");
    if (!writes && !result.is_array()) return refused("Mocked result must be an array.");
  } else if (const auto* parallel = std::get_if<asl::ParallelState>(&state.body)) {
    if (!result.is_array()) return refused("Mocked result must be an array.");
    if (result.size() != parallel->branches.size()) {
      return refused(
          "Mocked result must contain the same number of items as number of Parallel branches.");
    }
  } else {
    return check_task(*subject.resource(), result, request.mock->validation);
  }
  return {};
}

}  // namespace

std::expected<void, aws::Fault> check_mock(const TestRequest& request, const TestSubject& subject) {
  if (!request.mock || !request.mock->result) return {};
  json::Arena arena;
  const auto result = json::parse(request.mock->result->view(), arena);
  if (!result) return refused("Mocked result must be valid JSON");
  return check_result(*result, request, subject);
}

std::expected<std::optional<ReaderItems>, aws::Fault> reader_items(const TestRequest& request,
                                                                   const TestSubject& subject) {
  if (!request.map_item_reader_data) return std::nullopt;
  const auto* map = std::get_if<asl::MapState>(&subject.state().body);
  if (map == nullptr || !map->item_reader)
    return refused("mapItemReaderData is for Map states with an ItemReader");
  json::Arena arena;
  const asl::QueryLanguage language = subject.state().language;
  const auto data = asl::parse(request.map_item_reader_data->view(), arena, language);
  if (!data) {
    return refused(fmt::format("mapItemReaderData must be valid JSON: {}", data.error().message));
  }
  if (!data->is_container())
    return refused("mapItemReaderData must be an array or an object of items");
  ReaderItems items{.keyed = data->is_object()};
  for (uint32_t i = 0; i < data->size(); ++i) {
    const json::Value item = items.keyed ? asl::entry_of(*data, i, arena) : data->item(i);
    items.texts.emplace_back(asl::to_text(item, language));
  }
  return items;
}

}  // namespace weft::api
