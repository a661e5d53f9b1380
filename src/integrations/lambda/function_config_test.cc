#include "integrations/lambda/function_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::lambda {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

TEST(FunctionFlag, NameAndPath_TakesDefaults) {
  auto config = parse_function_flag("resize=functions/resize.mjs");
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->name, "resize");
  EXPECT_EQ(config->path, "functions/resize.mjs");
  EXPECT_EQ(config->handler, "handler");
  EXPECT_EQ(config->concurrency, 4);
}

TEST(FunctionFlag, AllSettings_AreTaken) {
  auto config = parse_function_flag(
      "resize=/f/x.py:run,concurrency=12,timeout=2.5,init_timeout=9,memory=1024,env.A=b=c,env.D=");
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->path, "/f/x.py");
  EXPECT_EQ(config->handler, "run");
  EXPECT_EQ(config->concurrency, 12);
  EXPECT_EQ(config->timeout, milliseconds(2500));
  EXPECT_EQ(config->init_timeout, milliseconds(9000));
  EXPECT_EQ(config->memory_mb, 1024);
  EXPECT_EQ(config->environment.at("A"), "b=c");
  EXPECT_EQ(config->environment.at("D"), "");
}

TEST(FunctionFlag, LogSettings_AreThoseOfLambda) {
  EXPECT_EQ(parse_function_flag("f=x")->log_format, "Text");
  EXPECT_EQ(parse_function_flag("f=x,log_format=json")->log_format, "JSON");
  EXPECT_EQ(parse_function_flag("f=x,log_format=JSON")->log_level, "INFO");
  EXPECT_EQ(parse_function_flag("f=x,log_level=Debug,log_format=JSON")->log_level, "DEBUG");
}

TEST(FunctionFlag, UnknownOutcome_IsRedeliveredWhenItSaysSo) {
  EXPECT_EQ(parse_function_flag("f=x")->unknown_outcome, UnknownOutcome::kRedeliverUnlessFatal);
  EXPECT_EQ(parse_function_flag("f=x,unknown_outcome=redeliver")->unknown_outcome,
            UnknownOutcome::kRedeliver);
  EXPECT_EQ(parse_function_flag("f=x,unknown_outcome=fail")->unknown_outcome,
            UnknownOutcome::kFail);
}

struct BadFlag {
  const char* flag;
  const char* named;
};

class BadFunctionFlag : public testing::TestWithParam<BadFlag> {};

TEST_P(BadFunctionFlag, IsRefused_NamingThePart) {
  auto config = parse_function_flag(GetParam().flag);
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().code, base::ErrorCode::kInvalidArgument);
  EXPECT_THAT(config.error().message, HasSubstr(GetParam().named));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadFunctionFlag,
    testing::Values(
        BadFlag{"resize", "NAME=PATH"}, BadFlag{"re size=x", "function name 're size'"},
        BadFlag{"=x", "function name ''"}, BadFlag{"f=", "path of function 'f'"},
        BadFlag{"f=:h", "path of function 'f'"}, BadFlag{"f=x:", "handler of function 'f'"},
        BadFlag{"f=x,concurrency=0", "concurrency '0'"},
        BadFlag{"f=x,concurrency=two", "from 1 to"}, BadFlag{"f=x,timeout=0", "timeout '0'"},
        BadFlag{"f=x,timeout=901", "at most 900"}, BadFlag{"f=x,memory=1", "memory '1'"},
        BadFlag{"f=x,env.=1", "name of a variable '' must be"},
        BadFlag{"f=x,env.1a=1", "name of a variable '1a' must be"},
        BadFlag{"f=x,log_format=xml", "log_format 'xml' must be Text or JSON"},
        BadFlag{"f=x,log_format=JSON,log_level=loud", "log_level 'loud' must be TRACE, DEBUG"},
        BadFlag{"f=x,log_level=DEBUG", "go with log_format=JSON"}, BadFlag{"f=x,user=", "user ''"},
        BadFlag{"f=x,unknown_outcome=once", "unknown_outcome 'once' must be 'redeliver' or 'fail'"},
        BadFlag{"f=x,colour=red", "setting 'colour'"}, BadFlag{"f=x,", "key=value"}));

}  // namespace
}  // namespace weft::lambda
