#include "running/recovery.h"

#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "history/codec.h"
#include "maprun/slice.h"
#include "records/content_hash.h"
#include "records/records.h"
#include "running/run_restore.h"

// What a damaged disk, or a data directory that something else wrote, may hold: starting says so in
// one sentence and aborts nowhere.

namespace weft::running {
namespace {

using history::Event;
using history::EventType;
using store::Family;

constexpr const char* kDefinition = R"({"QueryLanguage":"JSONata","StartAt":"M","States":{
  "M":{"Type":"Map","Label":"L","End":true,"ItemProcessor":{
    "ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
    "StartAt":"I","States":{"I":{"Type":"Succeed"}}}}}})";

std::string slice_of(uint64_t first_index, uint64_t items_read, size_t children) {
  maprun::Slice slice{.first_index = first_index, .items_read = items_read, .last = true};
  for (size_t i = 0; i < children; ++i) slice.children.push_back({base::Text("1"), 1});
  return maprun::encode_slice(slice);
}

std::string turn_of(std::vector<Event> events) {
  std::string bytes;
  history::encode_turn({std::move(events)}, bytes);
  return bytes;
}

std::string row_of(uint64_t index) {
  std::string bytes;
  history::encode_row({.index = index}, bytes);
  return bytes;
}

struct Case {
  const char* name;
  Family family;
  std::string key;
  std::string value;
};

std::vector<Case> cases() {
  const Event started{.type = EventType::kExecutionStarted, .id = 1, .text = base::Text("[]")};
  const Event entered{.type = EventType::kMapStateEntered, .id = 2, .state = 0};
  Event elsewhere = entered;
  elsewhere.state = 900;
  Event unnumbered = entered;
  unnumbered.id = 9;
  Event no_scope = entered;
  no_scope.scope = 3;
  const Event ended{.type = EventType::kExecutionAborted, .id = 2};
  const Event forked{.type = EventType::kMapStateStarted, .id = 3, .state = 0};
  const Event begun{.type = EventType::kMapRunStarted, .id = 4, .state = 0, .number = 7};
  const std::string turn = records::turn_key({0, 1}, 0);
  return {
      {"execution_key_cut", Family::kExecution, "x", "{}"},
      {"execution_foreign", Family::kExecution, records::execution_key({0, 9}), "\x01"},
      {"map_run_key_cut", Family::kMapRun, "x", "{}"},
      {"row_key_cut", Family::kRow, records::map_run_key(5) + "x", row_of(0)},
      {"row_cut", Family::kRow, records::row_key(5, 1), row_of(0).substr(1)},
      {"row_of_no_child", Family::kRow, records::row_key(5, 1), row_of(uint64_t{1} << 47)},
      {"slice_foreign", Family::kSlice, records::slice_key(5, 0), "no zstd"},
      {"slice_with_a_gap", Family::kSlice, records::slice_key(5, 0), slice_of(3, 3, 1)},
      {"slice_that_does_not_add_up", Family::kSlice, records::slice_key(5, 0), slice_of(0, 2, 1)},
      {"slice_with_too_many_items", Family::kSlice, records::slice_key(5, 0),
       slice_of(0, base::kMapRunItemsMax + 1, 1)},
      {"map_run_of_no_map", Family::kMapRun, records::map_run_key(5),
       records::encode(records::MapRunRecord{
           .number = 5, .state = 1, .definition_hash = records::content_hash(kDefinition)})},
      {"map_run_of_another_key", Family::kMapRun, records::map_run_key(6),
       records::encode(records::MapRunRecord{.number = 5})},
      {"execution_of_another_key", Family::kExecution, records::execution_key({0, 9}),
       records::encode(records::ExecutionRecord{.key = {0, 1}, .name = "e"})},
      {"execution_without_a_history", Family::kExecution, records::execution_key({0, 9}),
       records::encode(records::ExecutionRecord{
           .key = {0, 9}, .name = "e", .definition_hash = records::content_hash(kDefinition)})},
      {"turn_of_a_map_run_without_a_record", Family::kTurn, turn,
       turn_of({started, entered, forked, begun})},
      {"turn_that_ended", Family::kTurn, turn, turn_of({started, ended})},
      {"turn_foreign", Family::kTurn, turn, "\xFF\xFF"},
      {"turn_without_a_beginning", Family::kTurn, turn, turn_of({entered})},
      {"turn_of_another_definition", Family::kTurn, turn, turn_of({started, elsewhere})},
      {"turn_with_a_gap", Family::kTurn, turn, turn_of({started, unnumbered})},
      {"turn_of_no_branch", Family::kTurn, turn, turn_of({started, no_scope})},
      {"turn_that_begins_twice", Family::kTurn, turn, turn_of({started, started})},
  };
}

TEST(Recovery, AnOpenRun_IsCountedAsItWasStored) {
  const auto store = store::open_memory();
  const std::string hash = records::content_hash(kDefinition);
  const records::MapRunRecord run{.number = 5,
                                  .arn = "arn",
                                  .label = "L",
                                  .machine_name = "m",
                                  .definition_hash = hash,
                                  .configuration = R"({"source":"state","items":[]})"};
  std::string failed;
  history::encode_row({.index = 2, .status = history::ExecutionStatus::kFailed}, failed);
  store::Batch batch;
  batch.put(Family::kDefinition, hash, kDefinition);
  batch.put(Family::kMapRun, records::map_run_key(run.number), records::encode(run));
  batch.put(Family::kSlice, records::slice_key(5, 0), slice_of(0, 4, 4));
  batch.put(Family::kRow, records::row_key(5, 1), row_of(0) + failed);
  batch.put(Family::kTurn, records::turn_key({5, 1}, 0),
            turn_of({{.type = EventType::kExecutionStarted, .id = 1, .text = base::Text("1")}}));
  ASSERT_TRUE(store->commit(std::move(batch)));
  Programs programs(*store);
  const auto progress = stored_progress(*store, programs, {}, run);
  ASSERT_TRUE(progress) << progress.error().message;
  EXPECT_FALSE(progress->reading);
  for (const history::MapRunCounts& counts : {progress->items, progress->executions}) {
    EXPECT_EQ(counts.total, 4u);
    EXPECT_EQ(counts.pending, 2u);  // one of them had begun
    EXPECT_EQ(counts.succeeded, 1u);
    EXPECT_EQ(counts.failed, 1u);
    EXPECT_EQ(counts.running, 0u);
    EXPECT_EQ(counts.results_written, 2u);
  }
}

TEST(Recovery, DamagedStores_AreErrorsOfOneSentence) {
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.name);
    const auto store = store::open_memory();
    const std::string hash = records::content_hash(kDefinition);
    store::Batch batch;
    batch.put(Family::kDefinition, hash, kDefinition);
    const records::MapRunRecord run{.number = 5,
                                    .arn = "arn",
                                    .parent = {0, 77},
                                    .label = "L",
                                    .machine_name = "m",
                                    .definition_hash = hash,
                                    .configuration = R"({"source":"state","items":[]})"};
    if (one.family == Family::kTurn) {
      const records::ExecutionRecord record{.key = {0, 1}, .name = "e", .definition_hash = hash};
      batch.put(Family::kExecution, records::execution_key(record.key), records::encode(record));
    } else {
      batch.put(Family::kMapRun, records::map_run_key(run.number), records::encode(run));
    }
    batch.put(one.family, one.key, one.value);
    ASSERT_TRUE(store->commit(std::move(batch)));
    Programs programs(*store);
    const ShardSettings settings;
    const auto recovered = recover(*store, programs, settings, [](uint32_t) -> Shard& {
      ADD_FAILURE() << "something was taken over";
      std::abort();
    });
    ASSERT_FALSE(recovered);
    EXPECT_EQ(recovered.error().code, base::ErrorCode::kStorage) << recovered.error().message;
    EXPECT_EQ(recovered.error().message.find('\n'), std::string::npos);
    EXPECT_TRUE(recovered.error().message.contains("`weft doctor`"));
    EXPECT_GT(recovered.error().message.size(), 20u);
  }
}

}  // namespace
}  // namespace weft::running
