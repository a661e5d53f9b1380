#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "api/test_state/request.h"
#include "api/test_state/subject.h"
#include "base/text.h"

namespace weft::api {

// Whether the mock is one that the state's work could end with: its form by the state's type, and,
// of a task, what the service's answers look like. A ValidationException in AWS's words. True
// without a mock.
std::expected<void, aws::Fault> check_mock(const TestRequest& request, const TestSubject& subject);

// The items of `mapItemReaderData`, as an ItemReader would have read them; nothing without.
struct ReaderItems {
  std::vector<base::Text> texts;
  bool keyed = false;  // members of an object, as {"Key", "Value"}
};
std::expected<std::optional<ReaderItems>, aws::Fault> reader_items(const TestRequest& request,
                                                                   const TestSubject& subject);

}  // namespace weft::api
