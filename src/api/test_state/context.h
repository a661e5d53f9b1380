#pragma once

#include <expected>

#include "api/test_state/request.h"
#include "api/test_state/subject.h"
#include "base/time.h"
#include "engine/decide.h"
#include "json/arena.h"

namespace weft::api {

// The context object that the tested state sees: the one of the request, checked in AWS's words, or
// one like AWS makes up for a test. Both name Map.Item where the state stands in a Map's processor
// and the request has none.
std::expected<json::Value, aws::Fault> test_context(const TestRequest& request,
                                                    const TestSubject& subject,
                                                    const engine::Identity& identity,
                                                    base::UnixMs now_ms, json::Arena& arena);

}  // namespace weft::api
