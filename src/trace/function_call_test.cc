#include "trace/function_call.h"

#include <gtest/gtest.h>

namespace weft::trace {
namespace {

using history::Event;
using history::EventType;

Event task(std::string service, std::string parameters) {
  Event event{.type = EventType::kTaskScheduled};
  event.resource_type = std::move(service);
  event.text = base::Text(std::move(parameters));
  return event;
}

TEST(FunctionCall, EveryFormOfAName_IsOneFunction) {
  for (const std::string name :
       {"resize", "resize:live", "resize:$LATEST", "000000000000:function:resize",
        "arn:aws:lambda:us-east-1:000000000000:function:resize:7"}) {
    EXPECT_EQ(function_called(task("lambda", R"({"FunctionName":")" + name + "\"}")), "resize");
    Event by_resource{.type = EventType::kLambdaFunctionScheduled};
    by_resource.resource = name;
    EXPECT_EQ(function_called(by_resource), "resize");
  }
}

TEST(FunctionCall, WhatCallsNone_HasNone) {
  EXPECT_EQ(function_called(task("sqs", R"({"FunctionName":"f"})")), "");
  EXPECT_EQ(function_called(task("lambda", "no JSON")), "");
  EXPECT_EQ(function_called(task("lambda", R"({"FunctionName":7})")), "");
  EXPECT_EQ(function_called({.type = EventType::kTaskSucceeded}), "");
}

}  // namespace
}  // namespace weft::trace
