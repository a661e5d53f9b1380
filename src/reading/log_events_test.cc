#include "reading/log_events.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "history/codec.h"

namespace weft::reading {
namespace {

using history::Event;
using history::EventType;
using history::LoggingLevel;
using store::Family;

const std::string kExpress = "arn:aws:states:us-east-1:000000000000:express:m:e:";

// An Express execution of a machine that fails at its only state.
class LogEventsTest : public testing::Test {
 protected:
  void SetUp() override { put_execution({}); }
  void put_execution(std::optional<records::MachineSettings> settings) {
    std::string key;
    store::append_u64(key, 7);
    put(Family::kMeta, "child-name-key", key);
    arn_ = kExpress + arn::ChildNames(7).express_uuid({0, 1});
    records::ExecutionRecord record{.key = {0, 1},
                                    .name = "e",
                                    .arn = arn_,
                                    .machine_name = "m",
                                    .machine_arn = arn::machine_arn({}, "m"),
                                    .settings = std::move(settings),
                                    .express = true,
                                    .status = history::ExecutionStatus::kFailed};
    put(Family::kExecution, records::execution_key(record.key), records::encode(record));
    Event started{.type = EventType::kExecutionStarted, .id = 1, .time_ms = 1719232345123};
    started.text = base::Text("{}");
    started.resource = "arn:aws:iam::1:role/r";
    Event entered{.type = EventType::kFailStateEntered, .id = 2, .time_ms = 1719232345124};
    entered.name = "F";
    entered.text = base::Text("{}");
    Event failed{
        .type = EventType::kExecutionFailed, .id = 3, .previous_id = 2, .time_ms = 1719232345125};
    failed.error = "E";
    failed.cause = "c";
    std::string bytes;
    history::encode_turn({{started, entered, failed}}, bytes);
    put(Family::kTurn, records::turn_key({0, 1}, 0), bytes);
  }
  void put(Family family, std::string key, std::string value) {
    store::Batch batch;
    batch.put(family, std::move(key), std::move(value));
    ASSERT_TRUE(store_->commit(std::move(batch)));
  }
  void configure(const records::LoggingConfiguration& logging) {
    put(Family::kMachine, "m",
        records::encode(records::MachineRecord{
            .name = "m", .arn = arn::machine_arn({}, "m"), .express = true, .logging = logging}));
  }
  std::string lines(const LogEventOptions& options = {}) {
    const Query query(*store_, {});
    std::string all;
    const auto level =
        log_events(query, arn_, options, [&](std::string_view line) { all += line; });
    EXPECT_TRUE(level) << level.error().message;
    return all;
  }

  std::unique_ptr<store::Store> store_ = store::open_memory();
  std::string arn_;
};

TEST_F(LogEventsTest, Configuration_DecidesLevelAndData) {
  configure({.level = LoggingLevel::kAll});
  const std::string tail = R"(,"execution_arn":")" + arn_ + R"(","redrive_count":"0"})" + "\n";
  EXPECT_EQ(
      lines(),
      R"({"id":"1","type":"ExecutionStarted","details":{"roleArn":"arn:aws:iam::1:role/r"},"previous_event_id":"0","event_timestamp":"1719232345123")" +
          tail +
          R"({"id":"2","type":"FailStateEntered","details":{"name":"F"},"previous_event_id":"0","event_timestamp":"1719232345124")" +
          tail +
          R"({"id":"3","type":"ExecutionFailed","details":{"error":"E","cause":"c"},"previous_event_id":"2","event_timestamp":"1719232345125")" +
          tail);
  configure({.level = LoggingLevel::kError, .include_execution_data = true});
  const std::string errors = lines();
  EXPECT_FALSE(errors.contains("ExecutionStarted"));
  EXPECT_TRUE(errors.contains(R"("details":{"name":"F","input":"{}","inputDetails")")) << errors;
  configure({.level = LoggingLevel::kFatal});
  const std::string fatal = lines();
  EXPECT_FALSE(fatal.contains("FailStateEntered"));
  EXPECT_TRUE(fatal.contains("ExecutionFailed"));
}

TEST_F(LogEventsTest, UpdateOfTheMachine_LeavesWhatBeganBeforeAlone) {
  put_execution(records::MachineSettings{.logging = {.level = LoggingLevel::kFatal}});
  configure({.level = LoggingLevel::kAll, .include_execution_data = true});
  const std::string fatal = lines();
  EXPECT_FALSE(fatal.contains("FailStateEntered"));
  EXPECT_TRUE(fatal.contains("ExecutionFailed"));
  put_execution(records::MachineSettings{});
  EXPECT_EQ(lines(), "");
}

TEST_F(LogEventsTest, OffOrNoMachine_IsNothingUnlessAskedFor) {
  EXPECT_EQ(lines(), "");
  configure({});
  EXPECT_EQ(lines(), "");
  EXPECT_TRUE(lines({.level = LoggingLevel::kAll, .execution_data = true})
                  .contains(R"("input":"{}","inputDetails":{"truncated":false})"));
}

}  // namespace
}  // namespace weft::reading
