#include "maprun/map_run.h"

#include <algorithm>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "asl/compile.h"

namespace weft::maprun {
namespace {

using history::ExecutionStatus;

std::shared_ptr<const asl::Program> program() {
  static const auto compiled = asl::compile(base::Text(
      R"({"QueryLanguage":"JSONata","StartAt":"M","States":{"M":{"Type":"Map","Label":"L","ItemProcessor":{)"
      R"("ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}},"End":true}}})"));
  return compiled.program;
}

Configuration with_items(size_t count) {
  Configuration configuration;
  for (size_t i = 0; i < count; ++i) configuration.items.emplace_back(std::to_string(i));
  return configuration;
}

// Drives a run the way a shard does and keeps what it asked for.
struct Driver {
  explicit Driver(Configuration configuration)
      : run(configuration, program(), 0, 0), items(configuration.items) {
    take(run.begin());
  }
  void take(Reaction reaction) {
    if (reaction.slice) slices.push_back(*reaction.slice);
    for (Action& action : reaction.actions) {
      if (auto* start = std::get_if<StartChild>(&action)) started.push_back(*start);
      if (auto* end = std::get_if<Finish>(&action)) finish = *end;
      if (std::holds_alternative<StopChildren>(action)) stopped = true;
      if (auto* read = std::get_if<ReadPage>(&action)) reads.push_back(read->cursor);
    }
  }
  void serve_page(size_t size) {
    ASSERT_FALSE(reads.empty());
    const size_t first = reads.back().empty() ? 0 : std::stoul(reads.back());
    reads.clear();
    const size_t end = std::min(items.size(), first + size);
    PageRead page;
    page.items.assign(items.begin() + static_cast<std::ptrdiff_t>(first),
                      items.begin() + static_cast<std::ptrdiff_t>(end));
    page.cursor = std::to_string(end);
    page.last = end == items.size();
    take(run.on(std::move(page)));
  }
  void end_child(uint64_t index, ExecutionStatus status = ExecutionStatus::kSucceeded) {
    take(run.on(ChildEnded{index, status}));
  }

  MapRun run;
  std::vector<base::Text> items;
  std::vector<Slice> slices;
  std::vector<StartChild> started;
  std::vector<std::string> reads;
  std::optional<Finish> finish;
  bool stopped = false;
};

// What an ItemSelector makes of the only item, of which it takes Key and Value of Map.Item.
std::string selected(Configuration configuration, PageRead page) {
  static constexpr std::string_view kDefinition =
      R"({"QueryLanguage":"JSONata","StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemSelector":{
        "k":"{% $string($states.context.Map.Item.Key) %}","v":"{% $states.context.Map.Item.Value %}"},
        "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
        "StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}})";
  auto compiled = asl::compile(base::Text(std::string(kDefinition)));
  EXPECT_TRUE(compiled.program);
  MapRun run(std::move(configuration), compiled.program, 0, 0);
  (void)run.begin();
  page.last = true;
  const Reaction reaction = run.on(std::move(page));
  if (!reaction.slice || reaction.slice->children.empty()) {
    const auto* end =
        reaction.actions.empty() ? nullptr : std::get_if<Finish>(&reaction.actions[0]);
    return end == nullptr ? "" : end->error;
  }
  return std::string(reaction.slice->children[0].input.view());
}

TEST(MapRun, ItemSelector_KeyOnlyWhereItemsAreMembers) {
  const base::Text entry(std::string(R"({"Key":"a","Value":[1]})"));
  PageRead page;
  page.items = {entry};
  page.keyed = true;
  EXPECT_EQ(selected({}, page), R"({"k":"a","v":[1]})");
  page.keyed = false;
  EXPECT_EQ(selected({}, page), "States.QueryEvaluationError");
}

TEST(MapRun, Configuration_MembersOfAnObjectBecomeEntries) {
  const auto keyed = parse_configuration(
      base::Text(std::string(R"({"source":"state","items":{"a":1,"b":{"z":2}}})")));
  ASSERT_TRUE(keyed);
  EXPECT_TRUE(keyed->keyed);
  ASSERT_EQ(keyed->items.size(), 2u);
  EXPECT_EQ(keyed->items[1].view(), R"({"Key":"b","Value":{"z":2}})");
  const auto plain =
      parse_configuration(base::Text(std::string(R"({"source":"state","items":[1]})")));
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->keyed);
}

TEST(MapRun, StartsNoMoreThanMaxConcurrencyAndReusesLanes) {
  Configuration configuration = with_items(5);
  configuration.max_concurrency = 2;
  Driver driver(configuration);
  driver.serve_page(100);
  ASSERT_EQ(driver.started.size(), 2u);
  EXPECT_EQ(driver.started[1].lane, 1u);
  driver.end_child(0);
  ASSERT_EQ(driver.started.size(), 3u);
  EXPECT_EQ(driver.started[2].index, 2u);
  EXPECT_EQ(driver.started[2].lane, 0u);
  for (const uint64_t index : {1, 2, 3, 4}) driver.end_child(index);
  ASSERT_TRUE(driver.finish.has_value());
  EXPECT_EQ(driver.finish->status, Finish::Status::kSucceeded);
  EXPECT_EQ(driver.run.executions().succeeded, 5u);
  EXPECT_EQ(driver.run.lanes_peak(), 2u);
}

TEST(MapRun, Limits_ChangeWhileItRuns) {
  Configuration configuration = with_items(20);
  configuration.max_concurrency = 2;
  configuration.tolerated_failure_count = 5;
  Driver driver(configuration);
  driver.serve_page(20);
  EXPECT_EQ(driver.started.size(), 2u);
  driver.take(driver.run.on(ChangeLimits{.max_concurrency = 6}));
  EXPECT_EQ(driver.started.size(), 6u);
  // Fewer: those that run go on, and others wait until there is room.
  driver.take(driver.run.on(ChangeLimits{.max_concurrency = 1}));
  for (uint64_t i = 0; i < 5; ++i) driver.end_child(i, ExecutionStatus::kFailed);
  EXPECT_EQ(driver.started.size(), 6u);
  EXPECT_FALSE(driver.stopped);
  driver.end_child(5);
  EXPECT_EQ(driver.started.size(), 7u);
  // Less tolerance than there are failures already ends it.
  driver.take(driver.run.on(ChangeLimits{.tolerated_failure_count = 4}));
  EXPECT_TRUE(driver.stopped);
  driver.end_child(6, ExecutionStatus::kAborted);
  ASSERT_TRUE(driver.finish);
  EXPECT_EQ(driver.finish->error, "States.ExceedToleratedFailureThreshold");
  EXPECT_TRUE(driver.run.on(ChangeLimits{.max_concurrency = 9}).actions.empty());
}

TEST(MapRun, Limits_MoreTolerance_LetsItGoOn) {
  Configuration configuration = with_items(10);
  configuration.max_concurrency = 1;
  configuration.tolerated_failure_percentage = 10;
  Driver driver(configuration);
  driver.serve_page(10);
  driver.end_child(0, ExecutionStatus::kFailed);
  driver.take(driver.run.on(ChangeLimits{.tolerated_failure_percentage = 50}));
  for (uint64_t i = 1; i < 5; ++i) driver.end_child(i, ExecutionStatus::kFailed);
  for (uint64_t i = 5; i < 10; ++i) driver.end_child(i);
  ASSERT_TRUE(driver.finish);
  EXPECT_EQ(driver.finish->status, Finish::Status::kSucceeded);
}

TEST(MapRun, NoItems_SucceedsAtOnce) {
  Driver driver(with_items(0));
  driver.serve_page(100);
  ASSERT_TRUE(driver.finish.has_value());
  EXPECT_EQ(driver.finish->status, Finish::Status::kSucceeded);
}

TEST(MapRun, Batches_RunOverPageEnds) {
  Configuration configuration = with_items(10);
  configuration.batched = true;
  configuration.batch_items_max = 4;
  configuration.batch_input = base::Text("{\"k\":1}");
  Driver driver(configuration);
  while (!driver.reads.empty()) driver.serve_page(3);
  ASSERT_EQ(driver.started.size(), 3u);
  EXPECT_EQ(driver.started[0].input.input.view(), R"({"BatchInput":{"k":1},"Items":[0,1,2,3]})");
  EXPECT_EQ(driver.started[2].input.input.view(), R"({"BatchInput":{"k":1},"Items":[8,9]})");
  EXPECT_EQ(driver.run.items().total, 10u);
  EXPECT_EQ(driver.run.executions().total, 3u);
}

TEST(MapRun, BatchBytes_CountTheWholeInput) {
  Configuration configuration = with_items(6);
  configuration.batched = true;
  configuration.batch_bytes_max = std::string_view(R"({"Items":[0,1,2]})").size();
  Driver driver(configuration);
  driver.serve_page(100);
  ASSERT_EQ(driver.started.size(), 2u);
  EXPECT_EQ(driver.started[0].input.input.view(), R"({"Items":[0,1,2]})");
}

TEST(MapRun, AnyFailureWithoutTolerance_StopsTheRun) {
  Configuration configuration = with_items(3);
  configuration.max_concurrency = 2;
  Driver driver(configuration);
  driver.serve_page(100);
  driver.end_child(0, ExecutionStatus::kFailed);
  EXPECT_TRUE(driver.stopped);
  EXPECT_FALSE(driver.finish.has_value());
  driver.end_child(1, ExecutionStatus::kAborted);
  ASSERT_TRUE(driver.finish.has_value());
  EXPECT_EQ(driver.finish->error, "States.ExceedToleratedFailureThreshold");
  EXPECT_EQ(driver.run.executions().pending, 1u);
}

TEST(MapRun, ToleratedFailureCount_LetsThatManyFail) {
  Configuration configuration = with_items(4);
  configuration.tolerated_failure_count = 2;
  Driver driver(configuration);
  driver.serve_page(100);
  for (const uint64_t index : {0, 1}) driver.end_child(index, ExecutionStatus::kFailed);
  for (const uint64_t index : {2, 3}) driver.end_child(index);
  ASSERT_TRUE(driver.finish.has_value());
  EXPECT_EQ(driver.finish->status, Finish::Status::kSucceeded);
}

TEST(MapRun, ToleratedFailurePercentage_IsOfAllItems) {
  Configuration configuration = with_items(4);
  configuration.tolerated_failure_percentage = 50;
  Driver driver(configuration);
  driver.serve_page(2);  // 1 of 2 known items fails: no verdict yet
  driver.end_child(0, ExecutionStatus::kFailed);
  EXPECT_FALSE(driver.stopped);
  driver.serve_page(2);
  driver.end_child(1, ExecutionStatus::kTimedOut);
  EXPECT_FALSE(driver.stopped);
  driver.end_child(2, ExecutionStatus::kFailed);
  EXPECT_TRUE(driver.stopped);
}

TEST(MapRun, MaxItems_CutsTheSource) {
  Configuration configuration = with_items(10);
  configuration.max_items = 3;
  Driver driver(configuration);
  driver.serve_page(100);
  EXPECT_EQ(driver.started.size(), 3u);
  EXPECT_TRUE(driver.run.exhausted());
}

TEST(MapRun, ReadFailure_FailsTheRun) {
  Driver driver(with_items(1));
  driver.take(driver.run.on(ReadFailed{"States.ItemReaderFailed", "no such bucket"}));
  ASSERT_TRUE(driver.finish.has_value());
  EXPECT_EQ(driver.finish->status, Finish::Status::kFailed);
  EXPECT_EQ(driver.finish->cause, "no such bucket");
}

TEST(MapRun, Stop_AbortsRunningChildren) {
  Driver driver(with_items(2));
  driver.serve_page(100);
  driver.take(driver.run.on(StopRun{}));
  EXPECT_TRUE(driver.stopped);
  driver.end_child(0, ExecutionStatus::kAborted);
  driver.end_child(1, ExecutionStatus::kAborted);
  ASSERT_TRUE(driver.finish.has_value());
  EXPECT_EQ(driver.finish->status, Finish::Status::kAborted);
}

TEST(MapRun, Stop_IsNoFailureWhenItsReadingIsGivenUp) {
  Configuration configuration = with_items(2'000);
  Driver driver(configuration);
  driver.serve_page(100);
  driver.take(driver.run.on(StopRun{}));
  driver.take(driver.run.on(ReadFailed{"States.ItemReaderFailed", "nobody waits for it"}));
  for (uint64_t i = 0; !driver.finish && i < 100; ++i)
    driver.end_child(i, ExecutionStatus::kAborted);
  ASSERT_TRUE(driver.finish.has_value());
  EXPECT_EQ(driver.finish->status, Finish::Status::kAborted);
}

TEST(MapRun, Restored_GoesOnWhereItWas) {
  Configuration configuration = with_items(6);
  configuration.max_concurrency = 2;
  Driver before(configuration);
  before.serve_page(4);
  before.end_child(0);  // 1 and 2 run now

  MapRun after(configuration, program(), 0, 0);
  MapRun::Finished finished = {ExecutionStatus::kSucceeded};
  for (const Slice& slice : before.slices) after.restore_slice(slice, finished);
  EXPECT_EQ(after.unfinished(), (std::vector<uint64_t>{1, 2, 3}));
  after.restore_running(1);
  const Reaction reaction = after.begin();
  std::vector<uint64_t> started;
  std::string cursor;
  for (const Action& action : reaction.actions) {
    if (const auto* start = std::get_if<StartChild>(&action)) started.push_back(start->index);
    if (const auto* read = std::get_if<ReadPage>(&action)) cursor = read->cursor;
  }
  EXPECT_EQ(started, (std::vector<uint64_t>{2}));
  EXPECT_EQ(cursor, "4");
  EXPECT_EQ(after.executions().running, 2u);
  EXPECT_TRUE(after.executions().adds_up());
}

}  // namespace
}  // namespace weft::maprun
