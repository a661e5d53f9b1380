#include "exports/destination.h"

#include <gtest/gtest.h>

namespace weft::exports {
namespace {

TEST(Destination, Parse_FillsInTheUsualPath) {
  struct Case {
    const char* flag;
    const char* text;
    bool spans;
  };
  for (const Case& each : {
           Case{"otlp=http://h:4318", "otlp http://h:4318/v1/traces", true},
           Case{"otlp=https://h/tenant/v1/traces", "otlp https://h/tenant/v1/traces", true},
           Case{"datadog=http://127.0.0.1:8126/", "datadog http://127.0.0.1:8126/v0.4/traces",
                true},
           Case{"otlp-metrics=http://h:4318", "otlp-metrics http://h:4318/v1/metrics", false},
           Case{"dogstatsd=h:8125", "dogstatsd h:8125", false},
           Case{"dogstatsd=[::1]:8125", "dogstatsd ::1:8125", false},
       }) {
    const auto destination = Destination::parse(each.flag);
    ASSERT_TRUE(destination.has_value()) << destination.error().message;
    EXPECT_EQ(destination->to_text(), each.text);
    EXPECT_EQ(destination->takes_spans(), each.spans);
  }
}

TEST(Destination, Parse_RefusesOthers) {
  for (const char* flag : {"", "otlp", "otlp=", "otlp=h:4318", "zipkin=http://h", "datadog=ftp://h",
                           "dogstatsd=h", "dogstatsd=h:", "dogstatsd=h:0", "dogstatsd=h:70000",
                           "dogstatsd=:8125", "dogstatsd=h:1x"}) {
    const auto destination = Destination::parse(flag);
    ASSERT_FALSE(destination.has_value()) << flag;
    EXPECT_EQ(destination.error().code, base::ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace weft::exports
