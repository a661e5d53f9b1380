#include "records/records.h"

#include <gtest/gtest.h>

namespace weft::records {
namespace {

TEST(Records, Machine_ReadsBackAsWritten) {
  const MachineRecord record{.name = "größe \"1\"",
                             .arn = "arn:aws:states:us-east-1:000000000000:stateMachine:m",
                             .role_arn = "arn:aws:iam::000000000000:role/r",
                             .express = true,
                             .created_ms = 1719232345123,
                             .definition_hash = "ab12"};
  const auto read = decode_machine(encode(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, record.name);
  EXPECT_EQ(read->arn, record.arn);
  EXPECT_EQ(read->role_arn, record.role_arn);
  EXPECT_TRUE(read->express);
  EXPECT_EQ(read->created_ms, record.created_ms);
  EXPECT_EQ(read->definition_hash, record.definition_hash);
}

TEST(Records, Execution_ReadsBackAsWritten) {
  const ExecutionRecord record{.key = {0, 42},
                               .name = "e",
                               .machine_name = "m",
                               .trace_header = "Root=1-2",
                               .input_hash = "00ff",
                               .parent_arn = "arn:outer",
                               .status = history::ExecutionStatus::kTimedOut,
                               .start_ms = 5,
                               .stop_ms = 9};
  const auto read = decode_execution(encode(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->key, record.key);
  EXPECT_EQ(read->machine_name, "m");
  EXPECT_EQ(read->trace_header, "Root=1-2");
  EXPECT_EQ(read->input_hash, "00ff");
  EXPECT_EQ(read->parent_arn, "arn:outer");
  EXPECT_EQ(read->status, history::ExecutionStatus::kTimedOut);
  EXPECT_EQ(read->stop_ms, 9);
}

TEST(Records, MapRun_ReadsBackAsWritten) {
  const MapRunRecord record{.number = 7,
                            .arn = "a",
                            .parent = {0, 3},
                            .parent_scope = 2,
                            .state = 4,
                            .configuration = R"({"MaxConcurrency":10})",
                            .status = MapRunStatus::kAborted,
                            .tolerated_failure_percentage = 12.5,
                            .items = {.succeeded = 3, .failed = 1, .total = 4},
                            .executions = {.results_written = 9},
                            .error = "E"};
  const auto read = decode_map_run(encode(record));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->number, 7u);
  EXPECT_EQ(read->parent, record.parent);
  EXPECT_EQ(read->parent_scope, 2u);
  EXPECT_EQ(read->configuration, record.configuration);
  EXPECT_EQ(read->status, MapRunStatus::kAborted);
  EXPECT_EQ(read->tolerated_failure_percentage, 12.5);
  EXPECT_EQ(read->items.total, 4u);
  EXPECT_EQ(read->items.failed, 1u);
  EXPECT_EQ(read->executions.results_written, 9u);
  EXPECT_EQ(read->error, "E");
}

TEST(Records, UnknownMember_IsIgnored) {
  const auto read = decode_machine(R"({"name":"m","later":[1,{"x":2}]})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, "m");
}

TEST(Records, NotJson_IsAStorageError) {
  const auto read = decode_map_run("{");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, base::ErrorCode::kStorage);
}

TEST(StoreKeys, SortByNumber) {
  EXPECT_LT(turn_key({1, 2}, 255), turn_key({1, 2}, 256));
  EXPECT_LT(execution_key({1, 255}), execution_key({1, 256}));
  EXPECT_LT(row_key(1, UINT64_MAX), row_key(2, 0));
  EXPECT_EQ(execution_map_run_key({1, 2}, 3).size(), 24u);
}

}  // namespace
}  // namespace weft::records
