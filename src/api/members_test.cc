#include "api/members.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace weft::api {
namespace {

class MembersTest : public testing::Test {
 protected:
  Members members(std::string_view text) { return Members(*json::parse(text, arena_)); }
  json::Arena arena_;
};

TEST_F(MembersTest, GoodRequest_PassesAndGivesValues) {
  Members in = members(R"({"name":"m","maxResults":5,"publish":true,"input":""})");
  EXPECT_EQ(in.required("name", 80), "m");
  EXPECT_EQ(in.whole("maxResults", 1000), 5);
  EXPECT_TRUE(in.flag("publish", false));
  EXPECT_EQ(in.optional("input", 10, 0), "");
  EXPECT_EQ(in.optional("absent", 10), std::nullopt);
  EXPECT_TRUE(in.check());
}

TEST_F(MembersTest, OneFault_IsWordedAsAwsWordsIt) {
  Members in = members(R"({"maxResults":1001})");
  in.whole("maxResults", 1000);
  EXPECT_EQ(in.check().error().message,
            "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy "
            "constraint: Member must have value less than or equal to 1000");
  EXPECT_EQ(in.check().error().code, base::ErrorCode::kInvalidArgument);
  Members filter = members(R"({"statusFilter":"succeeded"})");
  filter.one_of("statusFilter", {"SUCCEEDED", "RUNNING"});
  EXPECT_EQ(filter.check().error().message,
            "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to satisfy "
            "constraint: Member must satisfy enum value set: [SUCCEEDED, RUNNING]");
}

TEST_F(MembersTest, SeveralFaults_AreNamedTogether) {
  Members in = members(R"({"name":"äöü"})");
  in.required("name", 2);
  in.required("roleArn", 256);
  EXPECT_EQ(in.check().error().message,
            "2 validation errors detected: Value 'äöü' at 'name' failed to satisfy constraint: "
            "Member must have length less than or equal to 2; Value null at 'roleArn' failed to "
            "satisfy constraint: Member must not be null");
}

// What AWS's model has for sensitive is not repeated.
TEST_F(MembersTest, SensitiveMember_IsNamedWithoutItsValue) {
  Members in = members(R"({"input":"üü","cause":"abc"})");
  EXPECT_EQ(in.payload("input", 4), "üü");
  EXPECT_TRUE(in.check());
  in.payload("input", 3);
  in.optional("cause", 2);
  in.required_payload("output", 3);
  EXPECT_EQ(in.check().error().message,
            "3 validation errors detected: Value at 'input' failed to satisfy constraint: Member "
            "must have size less than or equal to 3 bytes in UTF-8 encoding; Value at 'cause' "
            "failed to satisfy constraint: Member must have length less than or equal to 2; Value "
            "at 'output' failed to satisfy constraint: Member must not be null");
}

TEST_F(MembersTest, ObjectInsideARequest_NamesItsMembersWithTheirPath) {
  Members in(*json::parse(R"({"level":"X","list":[{},7],"days":3})", arena_), "settings.");
  in.one_of("level", {"ON"});
  in.optional_whole("days", 9, 4);
  EXPECT_EQ(in.check().error().message,
            "2 validation errors detected: Value 'X' at 'settings.level' failed to satisfy "
            "constraint: Member must satisfy enum value set: [ON]; Value '3' at 'settings.days' "
            "failed to satisfy constraint: Member must have value greater than or equal to 4");
  in.objects("list");
  EXPECT_EQ(in.check().error().message,
            "The member 'settings.list.2.member' of the request must be an object");
}

TEST_F(MembersTest, WrongType_IsASerializationFault) {
  Members in = members(R"({"name":7,"publish":"yes"})");
  in.required("name", 2);
  in.flag("publish", false);
  EXPECT_EQ(in.check().error().code, base::ErrorCode::kSerialization);
  EXPECT_EQ(in.check().error().message, "The member 'name' of the request must be a string");
}

}  // namespace
}  // namespace weft::api
