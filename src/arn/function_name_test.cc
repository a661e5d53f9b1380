#include "arn/function_name.h"

#include <gtest/gtest.h>

namespace weft::arn {
namespace {

TEST(FunctionName, EveryForm_GivesNameAndQualifier) {
  EXPECT_EQ(parse_function_name("f").name, "f");
  EXPECT_EQ(parse_function_name("f:live").qualifier, "live");
  EXPECT_EQ(parse_function_name("000000000000:function:f").name, "f");
  const FunctionName full =
      parse_function_name("arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST");
  EXPECT_EQ(full.name, "f");
  EXPECT_EQ(full.qualifier, "$LATEST");
}

TEST(FunctionName, EveryForm_IsOfOneFunction) {
  for (const char* text :
       {"f", "f:live", "f:$LATEST", "f:7", "000000000000:function:f",
        "000000000000:function:f:live", "arn:aws:lambda:us-east-1:000000000000:function:f",
        "arn:aws-cn:lambda:cn-north-1:000000000000:function:f:$LATEST"}) {
    EXPECT_EQ(function_name_of(text), "f") << text;
  }
  EXPECT_EQ(function_name_of("arn:aws:lambda:us-east-1:000000000000:function:function:f"),
            "function");
  EXPECT_EQ(function_name_of(""), "");
}

}  // namespace
}  // namespace weft::arn
