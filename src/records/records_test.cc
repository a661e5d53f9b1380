#include "records/records.h"

#include <functional>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "history/codec.h"

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
  const ExecutionRecord record{
      .key = {0, 42},
      .name = "e",
      .machine_name = "m",
      .settings =
          MachineSettings{.logging = {.level = history::LoggingLevel::kAll}, .tracing = true},
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
  EXPECT_EQ(read->settings, record.settings);
  EXPECT_EQ(read->trace_header, "Root=1-2");
  EXPECT_EQ(read->input_hash, "00ff");
  EXPECT_EQ(read->parent_arn, "arn:outer");
  EXPECT_EQ(read->status, history::ExecutionStatus::kTimedOut);
  EXPECT_EQ(read->stop_ms, 9);
}

TEST(Records, MapRun_ReadsBackAsWritten) {
  const MapRunRecord record{
      .number = 7,
      .arn = "a",
      .parent = {0, 3},
      .parent_scope = 2,
      .state = 4,
      .configuration = R"({"MaxConcurrency":10})",
      .status = MapRunStatus::kAborted,
      .tolerated_failure_percentage = 12.5,
      .changes = {{LimitChange::Setting::kConcurrency, 1'700'000'000'000, 2, 10},
                  {LimitChange::Setting::kToleratedFailurePercentage, 5, 0, 12.5}},
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
  EXPECT_EQ(read->changes, record.changes);
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

struct KeyCase {
  std::string name;
  std::string bytes;
  std::function<std::optional<base::Error>(std::string_view)> parse;
};

template <typename T>
std::optional<base::Error> error_of(const base::Result<T>& parsed) {
  return parsed ? std::nullopt : std::optional(parsed.error());
}

// Every key with a number in it, and values that hold one.
std::vector<KeyCase> key_cases() {
  return {
      {"execution", execution_key({7, 8}), [](auto b) { return error_of(parse_execution_key(b)); }},
      {"turn", turn_key({7, 8}, 9), [](auto b) { return error_of(parse_turn_key(b)); }},
      {"map_run", map_run_key(7), [](auto b) { return error_of(parse_map_run_key(b)); }},
      {"row", row_key(7, 8), [](auto b) { return error_of(parse_row_key(b)); }},
      {"detail", detail_place_key({7, 8}, 9),
       [](auto b) { return error_of(parse_detail_place(b)); }},
      {"nested_detail", detail_place_key({7, 8, 3}, 9),
       [](auto b) { return error_of(parse_detail_place(b)); }},
      {"imported_child", imported_child_key({7, 8}),
       [](auto b) { return error_of(parse_imported_child_key(b)); }},
  };
}

TEST(StoreKeys, CutOrLonger_AreStorageErrorsOfOneSentence) {
  for (const KeyCase& one : key_cases()) {
    EXPECT_FALSE(one.parse(one.bytes)) << one.name;
    for (size_t size = 0; size < one.bytes.size(); ++size) {
      const auto error = one.parse(std::string_view(one.bytes).substr(0, size));
      ASSERT_TRUE(error) << one.name << " cut to " << size;
      EXPECT_EQ(error->code, base::ErrorCode::kStorage);
      EXPECT_TRUE(error->message.starts_with("The store is damaged: ")) << error->message;
    }
    EXPECT_TRUE(one.parse(one.bytes + '\0')) << one.name;
    EXPECT_TRUE(one.parse(std::string(one.bytes.size() + 100, '\xFF'))) << one.name;
  }
}

TEST(StoreKeys, ReadBackAsWritten) {
  const auto turn = parse_turn_key(turn_key({7, 8}, 9));
  ASSERT_TRUE(turn);
  EXPECT_EQ(turn->key, (history::ExecutionKey{7, 8}));
  EXPECT_EQ(turn->turn, 9u);
  EXPECT_EQ(parse_row_key(row_key(7, 8))->chunk, 8u);
  const auto place = parse_detail_place(detail_place_key({7, 8, 3}, 9));
  ASSERT_TRUE(place);
  EXPECT_EQ(place->key, (history::DetailKey{7, 8, 3}));
  EXPECT_EQ(place->sequence, 9u);
  EXPECT_EQ(*parse_imported_child_key(imported_child_key({7, 8})), (history::ExecutionKey{7, 8}));
}

TEST(OwnRows, IndexBeyondAnyMapRun_IsAStorageError) {
  std::string bytes;
  history::encode_row({.index = base::kMapRunItemsMax - 1}, bytes);
  EXPECT_TRUE(decode_own_rows(bytes));
  history::encode_row({.index = uint64_t{1} << 47}, bytes);
  const auto read = decode_own_rows(bytes);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, base::ErrorCode::kStorage);
}

}  // namespace
}  // namespace weft::records
