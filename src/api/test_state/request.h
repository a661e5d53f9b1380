#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "api/call.h"
#include "base/text.h"

namespace weft::api {

enum class InspectionLevel : uint8_t { kInfo, kDebug, kTrace };
enum class FieldValidation : uint8_t { kStrict, kPresent, kNone };

// How the work of the state is to end, instead of being done.
struct Mock {
  std::optional<base::Text> result;  // as given; else it fails
  std::optional<std::string> error;
  std::optional<std::string> cause;
  FieldValidation validation = FieldValidation::kStrict;
};

// What TestState is asked, its members within AWS's bounds and in combinations that AWS takes
// (API reference, TestState). JSON members are texts still.
struct TestRequest {
  base::Text definition;
  std::string state_name;  // "" = the definition is one state
  std::string role_arn;
  base::Text input;
  InspectionLevel level = InspectionLevel::kInfo;
  bool reveal_secrets = false;
  std::optional<base::Text> variables;
  std::optional<base::Text> context;
  std::optional<Mock> mock;
  // `stateConfiguration`
  std::optional<int64_t> retrier_retry_count;
  std::optional<int64_t> map_iteration_failure_count;
  std::optional<std::string> error_caused_by_state;
  std::optional<base::Text> map_item_reader_data;
};

std::expected<TestRequest, aws::Fault> read_test_request(Call& call);

// A ValidationException.
std::unexpected<aws::Fault> refused(std::string message);

}  // namespace weft::api
