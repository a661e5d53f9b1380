#include "arn/arn.h"

#include <set>

#include <gtest/gtest.h>

namespace weft::arn {
namespace {

TEST(ChildNames, Name_LeadsBackToItsKey) {
  const ChildNames names(0x0123456789ABCDEF);
  std::set<std::string> seen;
  for (uint64_t run : {1ULL, 2ULL, 1000ULL}) {
    for (uint64_t index : {0ULL, 1ULL, 2ULL, 65'535ULL, 99'999'999ULL}) {
      const std::string name = names.name({run, index});
      EXPECT_TRUE(seen.insert(name).second);
      ASSERT_EQ(name.size(), 36u);
      EXPECT_EQ(name[14], '3');
      EXPECT_NE(std::string("89ab").find(name[19]), std::string::npos);
      EXPECT_EQ(names.parse(name), (history::ExecutionKey{run, index}));
      EXPECT_EQ(names.parse_map_run(name), std::nullopt);
    }
  }
}

TEST(ChildNames, MapRunUuid_LeadsBackToItsNumber) {
  const ChildNames names(99);
  const std::string uuid = names.map_run_uuid(12);
  EXPECT_EQ(names.parse_map_run(uuid), 12u);
  EXPECT_EQ(names.parse(uuid), std::nullopt);
}

TEST(ChildNames, OtherKey_GivesOtherNames) {
  EXPECT_NE(ChildNames(1).name({1, 1}), ChildNames(2).name({1, 1}));
  EXPECT_NE(ChildNames(2).parse(ChildNames(1).name({1, 1})), (history::ExecutionKey{1, 1}));
}

TEST(ChildNames, NoUuidOfOurs_IsRefused) {
  const ChildNames names(1);
  EXPECT_EQ(names.parse("hello"), std::nullopt);
  EXPECT_EQ(names.parse("3c39a231-69bb-4d89-8607-e124eddbb0b0"), std::nullopt);
  EXPECT_EQ(names.parse("3c39a231-69bb-3d89-0607-e124eddbb0b0"), std::nullopt);
  EXPECT_EQ(names.parse("3c39a231-69bb-3d89-8607-e124eddbb0bG"), std::nullopt);
}

TEST(Arns, AreBuiltAsAwsBuildsThem) {
  const Home identity;
  EXPECT_EQ(machine_arn(identity, "m"), "arn:aws:states:us-east-1:000000000000:stateMachine:m");
  EXPECT_EQ(execution_arn(identity, "m/l", "e"),
            "arn:aws:states:us-east-1:000000000000:execution:m/l:e");
  EXPECT_EQ(map_run_arn(identity, "m", "l", "u"),
            "arn:aws:states:us-east-1:000000000000:mapRun:m/l:u");
}

TEST(ParseStatesArn, KnownKinds_AreTakenApart) {
  const auto child = parse_states_arn("arn:aws:states:eu-west-1:1:execution:m/l:child");
  ASSERT_TRUE(child);
  EXPECT_EQ(child->kind, "execution");
  EXPECT_EQ(child->machine, "m");
  EXPECT_EQ(child->label, "l");
  EXPECT_EQ(child->name, "child");
  const auto version = parse_states_arn("arn:aws:states:eu-west-1:1:stateMachine:m:3");
  ASSERT_TRUE(version);
  EXPECT_EQ(version->name, "3");
  const auto express = parse_states_arn("arn:aws:states:eu-west-1:1:express:m:e:uuid");
  ASSERT_TRUE(express);
  EXPECT_EQ(express->name, "e:uuid");
  EXPECT_EQ(express->region, "eu-west-1");
}

TEST(ParseStatesArn, AnythingElse_IsInvalidArn) {
  for (const char* text : {"", "x", "arn:aws:lambda:r:a:function:f",
                           "arn:aws:states:r:a:execution:m", "arn:aws:states:r:a:mapRun:m:u",
                           "arn:aws:states::a:stateMachine:m", "arn:aws:states:r:a:nothing:m"}) {
    const auto parts = parse_states_arn(text);
    ASSERT_FALSE(parts) << text;
    EXPECT_EQ(parts.error().code, base::ErrorCode::kInvalidArn);
    EXPECT_EQ(parts.error().message,
              "Invalid Arn: 'Invalid ARN prefix: " + std::string(text) + "'");
  }
}

TEST(ArnParts, WhatTheTextLacks_IsEmpty) {
  const ArnParts express = arn_parts("arn:aws:states:eu-west-1:1:express:m/l:e:uuid");
  EXPECT_EQ(express.partition, "aws");
  EXPECT_EQ(express.account, "1");
  EXPECT_EQ(express.machine, "m/l");
  EXPECT_EQ(express.name, "e:uuid");
  const ArnParts machine = arn_parts("arn:aws:states:eu-west-1:1:stateMachine:m");
  EXPECT_EQ(machine.machine, "m");
  EXPECT_EQ(machine.name, "");
  EXPECT_EQ(arn_parts("x").prefix, "x");
  EXPECT_EQ(arn_parts("x").kind, "");
}

TEST(Arns, PartsAndSiblings) {
  constexpr std::string_view kRun = "arn:aws-cn:states:r:a:mapRun:m/l:u";
  EXPECT_EQ(sibling_arn(kRun, "stateMachine", "m/l"), "arn:aws-cn:states:r:a:stateMachine:m/l");
  EXPECT_EQ(without_name(kRun), "arn:aws-cn:states:r:a:mapRun:m/l");
  EXPECT_EQ(machine_name_of(arn_parts(kRun).machine), "m");
  EXPECT_EQ(machine_name_of("m"), "m");
  EXPECT_EQ(execution_name_of("arn:aws:states:r:a:execution:m/l:child"), "child");
  EXPECT_EQ(execution_name_of("arn:aws:states:r:a:express:m:e:uuid"), "e:uuid");
  EXPECT_EQ(execution_name_of("no:arn"), "arn");
  EXPECT_EQ(execution_name_of("child"), "child");
}

TEST(CheckName, AwsRules) {
  EXPECT_TRUE(check_name("a-b_c.d(1)=ü@!"));
  EXPECT_TRUE(check_name(std::string(80, 'a')));
  for (const char* name : {"", "a b", "a/b", "a\"b", "a\u00a0b", "a\u0085b", "a\uFFFEb", "\x01",
                           "a\xFF", "a~b", "a,b", "a;b", "a:b", "a$", "a&"}) {
    const auto result = check_name(name);
    ASSERT_FALSE(result) << name;
    EXPECT_EQ(result.error().message, "Invalid Name: '" + std::string(name) + "'");
  }
  EXPECT_FALSE(check_name(std::string(81, 'a')));
}

TEST(ChildNames, ExpressUuid_LeadsBackAndIsNoName) {
  const ChildNames names(7);
  for (const history::ExecutionKey key : {history::ExecutionKey{0, 1}, {0, 99}, {1, 0}, {3, 17}}) {
    const std::string uuid = names.express_uuid(key);
    EXPECT_EQ(names.parse_express(uuid), key);
    EXPECT_FALSE(names.parse(uuid));
    EXPECT_FALSE(names.parse_map_run(uuid));
    EXPECT_FALSE(ChildNames(8).parse_express(uuid) == key);
  }
  EXPECT_FALSE(names.parse_express(names.name({3, 17})));
  EXPECT_FALSE(names.parse_express("e"));
  EXPECT_EQ(names.name_in_arn({3, 17}, false), names.name({3, 17}));
  EXPECT_EQ(names.name_in_arn({3, 17}, true),
            names.name({3, 17}) + ":" + names.express_uuid({3, 17}));
}

TEST(Arn, ExpressExecution_HasItsUuidBehindTheName) {
  EXPECT_EQ(express_arn({}, "m", "e:uuid"),
            "arn:aws:states:us-east-1:000000000000:express:m:e:uuid");
  EXPECT_EQ(before_uuid("e:uuid"), "e");
  EXPECT_EQ(before_uuid("e"), "e");
}

}  // namespace
}  // namespace weft::arn
