#include "exports/map_run_spans.h"

#include <gtest/gtest.h>

#include "history/codec.h"
#include "store/store.h"

namespace weft::exports {
namespace {

using history::ChildRow;
using history::Event;
using history::EventType;
using records::MapRunRecord;
using store::Family;
using Plan = MapRunSpans::Plan;

constexpr uint64_t kRun = 7;
constexpr uint64_t kBudget = 10;

// A Map Run whose children have a history of one span each; what is pushed stays in the request.
class MapRunSpansTest : public testing::Test {
 protected:
  void begin(uint64_t children) {
    store::Batch batch;
    std::string key;
    store::append_u64(key, 99);
    batch.put(Family::kMeta, "child-name-key", key);
    const arn::ChildNames names(99);
    record_ = {.number = kRun,
               .arn = arn::map_run_arn({}, "m", "Each", names.map_run_uuid(kRun)),
               .execution_arn = arn::execution_arn({}, "m", "e"),
               .parent = {0, 1},
               .label = "Each",
               .machine_name = "m",
               .status = status_,
               .detail_budget = kBudget,
               .detail_bytes = detail_bytes_};
    batch.put(Family::kMapRun, records::map_run_key(kRun), encode(record_));
    std::string rows;
    for (uint64_t i = 0; i < children; ++i) {
      std::string turn;
      const Event started{.type = EventType::kExecutionStarted, .id = 1, .time_ms = 1'000};
      const Event ended{.type = EventType::kExecutionSucceeded, .id = 2, .time_ms = 2'000};
      history::encode_turn({{started, ended}}, turn);
      batch.put(Family::kTurn, records::turn_key({kRun, i}, 0), std::move(turn));
      rows_.push_back({.index = i, .start_ms = 1'000, .duration_us = 1'000'000});
      history::encode_row(rows_.back(), rows);
    }
    if (children > 0) batch.put(Family::kRow, records::row_key(kRun, 1), std::move(rows));
    ASSERT_TRUE(store_->commit(std::move(batch)));
    query_.emplace(*store_, arn::Home{});
    source_ = {.query = &*query_,
               .fits_budget = [this](const MapRunRecord&) { return fits_; },
               .certain =
                   [this](uint64_t, size_t from) {
                     using Certain = columns::Sampler::Certain;
                     return from < certain_.size()
                                ? std::vector<Certain>(
                                      certain_.begin() + static_cast<ptrdiff_t>(from),
                                      certain_.end())
                                : std::vector<Certain>();
                   }};
    run_.emplace(record_, MapRunSpans::Surroundings{
                              .source = source_,
                              .push = push_,
                              .dropped = [this](uint64_t children,
                                                const base::Error*) { dropped_ += children; },
                              .late = [this] { return late_; },
                              .run = [](uint64_t) { return nullptr; }});
  }

  // An execution of one span that a child started; children end at 2,000.
  records::ExecutionRecord nest(uint64_t child, base::UnixMs stop_ms) {
    const uint64_t number = 100 + child;
    const std::string name = "nested-" + std::to_string(child);
    records::ExecutionRecord record{.key = {0, number},
                                    .name = name,
                                    .arn = arn::execution_arn({}, "inner", name),
                                    .machine_name = "inner",
                                    .detail_of = {kRun, child},
                                    .status = history::ExecutionStatus::kSucceeded,
                                    .start_ms = 1'500,
                                    .stop_ms = stop_ms};
    std::string turn;
    const Event started{.type = EventType::kExecutionStarted, .id = 1, .time_ms = 1'500};
    const Event ended{.type = EventType::kExecutionSucceeded, .id = 2, .time_ms = stop_ms};
    history::encode_turn({{started, ended}}, turn);
    store::Batch batch;
    batch.put(Family::kExecution, records::execution_key(record.key), encode(record));
    batch.put(Family::kName, records::name_key("inner", name), records::execution_key(record.key));
    batch.put(Family::kTurn, records::turn_key(record.key, 0), std::move(turn));
    EXPECT_TRUE(store_->commit(std::move(batch)));
    return record;
  }

  std::unique_ptr<store::Store> store_ = store::open_memory();
  std::optional<reading::Query> query_;
  Source source_;
  SpanPush push_{{.kind = Destination::Kind::kOtlp, .url = "http://127.0.0.1:1/v1/traces"}};
  MapRunRecord record_;
  std::vector<ChildRow> rows_;
  std::optional<MapRunSpans> run_;
  std::optional<bool> fits_;
  std::vector<columns::Sampler::Certain> certain_;
  bool late_ = false;
  uint64_t dropped_ = 0;
  uint64_t detail_bytes_ = 0;
  records::MapRunStatus status_ = records::MapRunStatus::kSucceeded;
};

TEST_F(MapRunSpansTest, RunWithinItsBudget_SendsChildrenAsTheyEnd) {
  begin(kBudget);
  fits_ = true;
  for (const ChildRow& row : rows_) {
    run_->child_ended(row);
    EXPECT_EQ(push_.waiting(), row.index + 1);
  }
  run_->ended();
  EXPECT_EQ(push_.waiting(), kBudget);
}

TEST_F(MapRunSpansTest, NotKnownYet_ChildrenWaitUntilItIs) {
  begin(3);
  run_->child_ended(rows_[0]);
  run_->child_ended(rows_[1]);
  EXPECT_EQ(push_.waiting(), 0u);
  EXPECT_EQ(run_->held(), 2u);
  fits_ = true;
  run_->child_ended(rows_[2]);
  EXPECT_EQ(run_->plan(), Plan::kAtOnce);
  EXPECT_EQ(push_.waiting(), 3u);
}

TEST_F(MapRunSpansTest, RunBeyondItsBudget_SendsTheKeptAndTheGroupsAtItsEnd) {
  begin(50);
  for (const ChildRow& row : rows_) run_->child_ended(row);
  EXPECT_EQ(run_->plan(), Plan::kLater);  // more than the budget have come
  EXPECT_EQ(run_->held(), 0u);
  EXPECT_EQ(push_.waiting(), 0u);
  run_->ended();
  EXPECT_EQ(push_.waiting(), kBudget + 1);
  EXPECT_EQ(dropped_, 0u);
}

TEST_F(MapRunSpansTest, LargeRunThatEndsEarly_SendsAllItHas) {
  begin(4);
  fits_ = false;
  run_->child_ended(rows_[0]);
  EXPECT_EQ(run_->plan(), Plan::kLater);
  run_->ended();
  EXPECT_EQ(push_.waiting(), 4u);
}

TEST_F(MapRunSpansTest, CertainChildren_GoWhenTheyHadTimeAndNotAgainAtTheEnd) {
  begin(50);
  fits_ = false;
  run_->child_ended(rows_[0]);
  ASSERT_TRUE(run_->awaits_certain());
  const auto choice = query_->detail(kRun);
  certain_.push_back({rows_[(*choice)->children[0].index], columns::KeepReason::kNewPath});
  run_->advance();
  EXPECT_EQ(push_.waiting(), 0u);
  certain_.push_back({rows_[(*choice)->children[1].index], columns::KeepReason::kFirst});
  run_->advance();
  EXPECT_EQ(push_.waiting(), 1u);
  run_->advance();
  EXPECT_EQ(push_.waiting(), 2u);
  run_->ended();
  EXPECT_EQ(push_.waiting(), kBudget + 1);  // the group of all
  EXPECT_EQ(dropped_, 0u);
}

TEST_F(MapRunSpansTest, CertainChildWhoseEndIsNotStored_Waits) {
  begin(50);
  fits_ = false;
  run_->child_ended(rows_[0]);
  certain_.push_back({{.index = 50}, columns::KeepReason::kFirst});
  run_->advance();
  run_->advance();
  EXPECT_EQ(push_.waiting(), 0u);
  EXPECT_EQ(dropped_, 0u);
}

TEST_F(MapRunSpansTest, BudgetInBytes_WaitsForTheEnd) {
  detail_bytes_ = 1'000;
  begin(3);
  fits_ = true;
  run_->child_ended(rows_[0]);
  EXPECT_EQ(push_.waiting(), 0u);
  run_->ended();
  EXPECT_EQ(push_.waiting(), 3u);
}

TEST_F(MapRunSpansTest, NestedOfARunNotDecidedOn_WaitsAsItsChildDoes) {
  status_ = records::MapRunStatus::kRunning;
  begin(3);
  run_->child_ended(rows_[0]);
  run_->nested_ended(nest(0, 2'000));  // goes with the child, which names it
  EXPECT_EQ(run_->held(), 1u);
  run_->nested_ended(nest(1, 2'001));
  EXPECT_EQ(run_->held(), 2u);
  EXPECT_EQ(push_.waiting(), 0u);
  fits_ = true;
  run_->child_ended(rows_[1]);
  EXPECT_EQ(push_.waiting(), 3u);
  run_->nested_ended(nest(2, 2'001));
  EXPECT_EQ(push_.waiting(), 4u);
  EXPECT_EQ(run_->held(), 0u);
}

TEST_F(MapRunSpansTest, NestedThatEndsAfterTheRun_GoesWhereItsChildWent) {
  begin(50);
  const auto choice = query_->detail(kRun);
  uint64_t dropped = 0;
  while (!(*choice)->dropped(dropped)) ++dropped;
  run_->nested_ended(nest(dropped, 3'000));
  EXPECT_EQ(push_.waiting(), 0u);
  run_->nested_ended(nest((*choice)->children[0].index, 3'000));
  EXPECT_EQ(push_.waiting(), 1u);
  EXPECT_EQ(dropped_, 0u);
}

TEST_F(MapRunSpansTest, TimeIsUp_TheKeptCountAsDropped) {
  begin(50);
  fits_ = false;
  late_ = true;
  run_->child_ended(rows_[0]);
  run_->ended();
  EXPECT_EQ(dropped_, kBudget);
}

}  // namespace
}  // namespace weft::exports
