#include "api/test_state/request.h"

#include <utility>

#include <fmt/format.h>

#include "base/limits.h"

namespace weft::api {
namespace {

constexpr size_t kDataBytesMax = base::kStateDataBytesMax;

std::optional<base::Text> text_of(std::optional<std::string_view> member) {
  if (!member) return std::nullopt;
  return base::Text(*member);
}

std::expected<Mock, aws::Fault> read_mock(json::Value value) {
  Members members(value, "mock.");
  Mock mock;
  mock.result = text_of(members.payload("result", kDataBytesMax));
  const json::Value error = members.object("errorOutput");
  const auto mode = members.one_of("fieldValidationMode", {"STRICT", "PRESENT", "NONE"});
  if (auto ok = members.check(); !ok) return std::unexpected(ok.error());
  Members failure(error, "mock.errorOutput.");
  mock.error = std::optional<std::string>(failure.optional("error", base::kErrorCharsMax, 0));
  mock.cause = std::optional<std::string>(failure.optional("cause", base::kCauseCharsMax, 0));
  if (auto ok = failure.check(); !ok) return std::unexpected(ok.error());
  if (mock.result.has_value() == error.is_object()) {
    return refused(
        fmt::format("A test mock should have {} of the following fields: [result, errorOutput].",
                    error.is_object() ? "only one" : "one"));
  }
  if (mode == "PRESENT") mock.validation = FieldValidation::kPresent;
  if (mode == "NONE") mock.validation = FieldValidation::kNone;
  return mock;
}

std::expected<void, aws::Fault> read_configuration(json::Value value, TestRequest& request) {
  Members members(value, "stateConfiguration.");
  request.retrier_retry_count = members.optional_whole("retrierRetryCount", INT32_MAX);
  request.map_iteration_failure_count =
      members.optional_whole("mapIterationFailureCount", INT32_MAX);
  request.error_caused_by_state =
      std::optional<std::string>(members.optional("errorCausedByState", base::kNameCharsMax));
  request.map_item_reader_data = text_of(members.payload("mapItemReaderData", kDataBytesMax));
  if (auto ok = members.check(); !ok) return std::unexpected(aws::Fault(ok.error()));
  return {};
}

// What AWS takes together with a mock only, and what not with one.
std::expected<void, aws::Fault> check_together(const TestRequest& request) {
  if (request.mock) {
    if (request.reveal_secrets)
      return refused("TestState does not support RevealSecrets when a mock is specified.");
    return {};
  }
  const std::pair<bool, std::string_view> needing[] = {
      {request.map_iteration_failure_count.has_value(), "MapIterationFailureCount"},
      {request.error_caused_by_state.has_value(), "ErrorCausedByState"},
      {request.map_item_reader_data.has_value(), "MapItemReaderData"},
      {request.retrier_retry_count.has_value(), "RetrierRetryCount"},
      {request.context.has_value(), "Context"}};
  for (const auto& [given, name] : needing) {
    if (given) {
      return refused(
          fmt::format("TestState does not support {} when a mock is not specified.", name));
    }
  }
  return {};
}

}  // namespace

std::unexpected<aws::Fault> refused(std::string message) {
  return std::unexpected(aws::Fault(base::ErrorCode::kInvalidArgument, std::move(message)));
}

std::expected<TestRequest, aws::Fault> read_test_request(Call& call) {
  TestRequest request;
  request.definition = base::Text(call.in.required("definition", base::kDefinitionBytesMax));
  request.role_arn = call.in.optional("roleArn", kArnCharsMax).value_or("");
  request.input = base::Text(call.in.payload("input", kDataBytesMax).value_or("{}"));
  const auto level = call.in.one_of("inspectionLevel", {"INFO", "DEBUG", "TRACE"});
  request.reveal_secrets = call.in.flag("revealSecrets", false);
  request.variables = text_of(call.in.payload("variables", kDataBytesMax));
  request.state_name = call.in.optional("stateName", base::kNameCharsMax).value_or("");
  const json::Value mock = call.in.object("mock");
  request.context = text_of(call.in.payload("context", kDataBytesMax));
  const json::Value configuration = call.in.object("stateConfiguration");
  if (auto ok = call.in.check(); !ok) return std::unexpected(ok.error());
  if (level == "DEBUG") request.level = InspectionLevel::kDebug;
  if (level == "TRACE") request.level = InspectionLevel::kTrace;
  if (mock.is_object()) {
    auto read = read_mock(mock);
    if (!read) return std::unexpected(read.error());
    request.mock = std::move(*read);
  }
  if (auto ok = read_configuration(configuration, request); !ok) return std::unexpected(ok.error());
  if (auto ok = check_together(request); !ok) return std::unexpected(ok.error());
  return request;
}

}  // namespace weft::api
