#include "running/detail_keeper.h"

#include <algorithm>
#include <ranges>
#include <set>

#include <gtest/gtest.h>

#include "columns/synthetic_rare.h"
#include "history/codec.h"
#include "reading/query.h"
#include "records/kept_detail.h"
#include "records/records.h"
#include "running/committer.h"

namespace weft::running {
namespace {

using store::Family;
using trace::DetailChoice;

constexpr uint64_t kRun = 7;

// What a committer does with groups of turns, over a store in memory.
class DetailKeeperTest : public testing::Test {
 protected:
  void begin(uint64_t budget, uint64_t bytes = 0) {
    store::Batch batch;
    batch.put(Family::kMapRun, records::map_run_key(kRun),
              records::encode(records::MapRunRecord{
                  .number = kRun, .detail_budget = budget, .detail_bytes = bytes}));
    ASSERT_TRUE(store_->commit(std::move(batch)));
  }
  void child(uint64_t index, int64_t duration_us, uint32_t error = 0, uint32_t path = 1) {
    TurnCommit commit;
    commit.row_run = kRun;
    commit.row = history::ChildRow{
        .index = index, .duration_us = duration_us, .error_group = error, .path = path};
    group_.push_back(std::move(commit));
  }
  void spans(uint64_t index, size_t bytes = 5) {
    TurnCommit commit;
    commit.spans.push_back({{kRun, index}, sequence_++, 2, std::string(bytes, 's')});
    group_.push_back(std::move(commit));
  }
  // Of an execution nested in the child.
  void nested(uint64_t index, uint64_t execution, size_t bytes = 5) {
    TurnCommit commit;
    commit.spans.push_back({{kRun, index, execution}, sequence_++, 2, std::string(bytes, 's')});
    commit.spans.push_back(
        {{kRun, index, execution}, sequence_++, 3, std::string(bytes, 'l'), Family::kLog});
    group_.push_back(std::move(commit));
  }
  void logs(uint64_t index) {
    TurnCommit commit;
    commit.spans.push_back({{kRun, index}, sequence_++, 3, "lines", Family::kLog});
    group_.push_back(std::move(commit));
  }
  void commit() {
    std::vector<Effect> effects;
    store::Batch choice = keeper_->choose(group_);
    store::Batch batch = merge_commits(group_, chunk_++, effects);
    batch.append(std::move(choice));
    ASSERT_TRUE(store_->commit(std::move(batch)));
    group_.clear();
  }
  void end() {
    TurnCommit commit_end;
    commit_end.ended_run = kRun;
    commit_end.batch.put(
        Family::kMapRun, records::map_run_key(kRun),
        records::encode(records::MapRunRecord{
            .number = kRun, .status = records::MapRunStatus::kSucceeded, .detail_budget = 100}));
    group_.push_back(std::move(commit_end));
    commit();
  }
  // As after kill -9: what was not committed is lost.
  void restart() {
    group_.clear();
    keeper_.emplace(*store_);
  }
  std::set<uint64_t> with_spans(Family family = Family::kSpan) const {
    std::set<uint64_t> indexes;
    (void)store_->scan(family, "", "", false, [&](std::string_view key, std::string_view) {
      indexes.insert(*store::read_u64(key, 8));
      return true;
    });
    return indexes;
  }
  uint64_t span_bytes() const {
    uint64_t bytes = 0;
    (void)store_->scan(Family::kSpan, "", "", false, [&](std::string_view, std::string_view value) {
      bytes += value.size();
      return true;
    });
    return bytes;
  }
  DetailChoice stored() const {
    const auto facts = store_->get(Family::kDetail, records::detail_facts_key(kRun));
    const auto children = store_->get(Family::kDetail, records::detail_children_key(kRun));
    if (!facts || !*facts) return {};
    return *records::decode_detail(**facts, children->value_or(""));
  }

  std::unique_ptr<store::Store> store_ = store::open_memory();
  std::optional<DetailKeeper> keeper_{std::in_place, *store_};
  std::vector<TurnCommit> group_;
  uint64_t chunk_ = 1;
  uint64_t sequence_ = 1;
};

std::set<uint64_t> indexes_of(const DetailChoice& choice) {
  std::set<uint64_t> indexes;
  for (const DetailChoice::Child& child : choice.children) indexes.insert(child.index);
  return indexes;
}

// Children of a redriven run that were to run again and did not come back with their detail, while
// others took their places.
TEST_F(DetailKeeperTest, RowsThatComeBackAtTheEnd_CountToo) {
  begin(2);
  spans(0);
  for (uint64_t index = 1; index < 4; ++index) {
    spans(index);
    child(index, 100 + static_cast<int64_t>(index));
  }
  commit();
  TurnCommit commit_end;
  commit_end.ended_run = kRun;
  commit_end.rows_back.push_back({.index = 0, .duration_us = 7, .path = 1});
  group_.push_back(std::move(commit_end));
  commit();
  EXPECT_EQ(with_spans().size(), 2u);
  EXPECT_EQ(stored().total, 4u);
}

TEST_F(DetailKeeperTest, SpansBeyondTheBudget_AreGoneAtAnyMoment) {
  begin(100);
  const auto children = columns::rare_children(20'000, 3);
  for (const auto& [row, path] : children) {
    spans(row.index);
    child(row.index, row.duration_us, row.error_group, static_cast<uint32_t>(path));
    if (group_.size() < 200) continue;
    commit();
    ASSERT_LE(with_spans().size(), 100u);
  }
  commit();
  EXPECT_EQ(keeper_->choice(kRun)->kept, 100u);
  end();
  EXPECT_FALSE(keeper_->choice(kRun));
  const DetailChoice choice = stored();
  EXPECT_EQ(choice.total, children.size());
  EXPECT_EQ(choice.kept, 100u);
  EXPECT_EQ(indexes_of(choice), with_spans());
  std::set<uint32_t> errors;
  for (const auto& [row, path] : children) {
    if (row.error_group != 0 && choice.find(row.index) != nullptr) errors.insert(row.error_group);
  }
  EXPECT_EQ(errors.size(), columns::kRareErrors);
  double weights = 0;
  for (const DetailChoice::Child& child : choice.children) weights += child.weight;
  EXPECT_NEAR(weights, static_cast<double>(children.size()), 1e-6);
}

TEST_F(DetailKeeperTest, LogLines_GoWithTheSpans) {
  begin(10);
  for (uint64_t index = 0; index < 500; ++index) {
    spans(index);
    logs(index);
    child(index, static_cast<int64_t>(1'000 + index));
    if (index % 50 == 0) commit();
    if (index == 200) restart();
  }
  commit();
  EXPECT_EQ(with_spans(Family::kLog), with_spans());
  EXPECT_LE(with_spans().size(), 10u);
  uint64_t gone = 0;
  while (with_spans().contains(gone)) ++gone;
  logs(gone);
  spans(gone);
  commit();
  EXPECT_EQ(with_spans(Family::kLog), with_spans());
  EXPECT_EQ(keeper_->late_lines(), 3u);
  EXPECT_EQ(keeper_->late_spans(), 2u);
  EXPECT_EQ(keeper_->choice(kRun)->late_spans, 2u);
}

// By child and nested execution.
std::set<std::pair<uint64_t, uint64_t>> places_of(const store::Store& store, Family family) {
  std::set<std::pair<uint64_t, uint64_t>> places;
  (void)store.scan(family, "", "", false, [&](std::string_view key, std::string_view) {
    const history::DetailKey at = records::parse_detail_place(key)->key;
    places.emplace(at.index, at.nested);
    return true;
  });
  return places;
}

// Every child starts one that ends with it and one that goes on after it.
TEST_F(DetailKeeperTest, NestedExecutions_GoWithTheirChild) {
  constexpr uint64_t kChildren = 300;
  for (const bool restarts : {false, true}) {
    SCOPED_TRACE(restarts);
    store_ = store::open_memory();
    keeper_.emplace(*store_);
    begin(10);
    for (uint64_t index = 0; index < kChildren; ++index) {
      nested(index, 1'000 + index);
      child(index, static_cast<int64_t>(1'000 + index));
      if (index % 7 == 0) commit();
      if (restarts && index % 50 == 0) {
        commit();
        restart();
      }
      ASSERT_LE(with_spans().size(), 10u + 7u);
    }
    commit();
    const uint64_t late_before = keeper_->late_spans();
    for (uint64_t index = 0; index < kChildren; ++index) nested(index, 5'000 + index);
    commit();
    EXPECT_EQ(keeper_->late_spans() - late_before, 2 * (kChildren - 10));
    end();
    if (restarts) restart();
    for (uint64_t index = 0; index < kChildren; ++index) nested(index, 9'000 + index);
    commit();
    std::set<std::pair<uint64_t, uint64_t>> expected;
    for (const uint64_t index : indexes_of(stored())) {
      for (const uint64_t first : {1'000, 5'000, 9'000}) expected.emplace(index, first + index);
    }
    EXPECT_EQ(expected.size(), 30u);
    EXPECT_EQ(places_of(*store_, Family::kSpan), expected);
    EXPECT_EQ(places_of(*store_, Family::kLog), expected);
  }
}

TEST_F(DetailKeeperTest, NestedExecutions_CountInTheBytesOfTheirChild) {
  begin(0, 1'000);
  for (uint64_t index = 0; index < 50; ++index) {
    spans(index, 10);
    nested(index, 100 + index, 95);
    child(index, static_cast<int64_t>(1'000 + index));
    commit();
    ASSERT_LE(with_spans().size(), 5u);
  }
  EXPECT_EQ(with_spans(Family::kLog), with_spans());
  restart();
  const uint64_t kept = *with_spans().begin();
  nested(kept, 7, 1'000);  // too large for the whole run
  commit();
  EXPECT_FALSE(with_spans().contains(kept));
  EXPECT_EQ(with_spans(Family::kLog), with_spans());
}

TEST_F(DetailKeeperTest, RestartsAtAnyCommit_ComeToTheSameChoice) {
  const auto children = columns::rare_children(5'000, 9);
  std::vector<std::pair<uint64_t, std::string_view>> certain;
  const auto run = [&](size_t restart_every) {
    store_ = store::open_memory();
    keeper_.emplace(*store_);
    begin(100);
    size_t commits = 0;
    certain.clear();
    for (const auto& [row, path] : children) {
      spans(row.index);
      child(row.index, row.duration_us, row.error_group, static_cast<uint32_t>(path));
      if (group_.size() < 100) continue;
      commit();
      EXPECT_LE(with_spans().size(), 100u);
      for (const auto& one : keeper_->certain(kRun, certain.size())) {
        certain.emplace_back(one.row.index, columns::to_string(one.reason));
      }
      if (restart_every != 0 && ++commits % restart_every == 0) restart();
    }
    commit();
    end();
    return stored();
  };
  const DetailChoice expected = run(0);
  const auto expected_certain = certain;
  EXPECT_EQ(run(7), expected);
  EXPECT_EQ(indexes_of(expected), with_spans());
  EXPECT_EQ(certain, expected_certain);
  EXPECT_GE(certain.size(), 10u);
  for (const auto& [index, reason] : certain) {
    const DetailChoice::Child* kept = expected.find(index);
    ASSERT_NE(kept, nullptr) << index;
    EXPECT_EQ(*kept, (DetailChoice::Child{.index = index, .reason = reason})) << index;
  }
}

// Pins come before their child ends, while it is kept, and shortly after it lost its place; the
// bytes that are given up in between make no difference.
TEST_F(DetailKeeperTest, Pins_AreTheSameAfterRestarts) {
  const auto children = columns::rare_children(4'000, 13);
  const auto run = [&](uint64_t bytes, size_t restart_every) {
    store_ = store::open_memory();
    keeper_.emplace(*store_);
    sequence_ = chunk_ = 1;
    begin(200, bytes);
    size_t commits = 0;
    for (const auto& [row, path] : children) {
      spans(row.index, 100);
      const auto pin = [&](uint64_t index) {
        spans(index, 100);
        group_.back().spans.back().pin = true;
      };
      if (row.index % 200 == 0) pin(row.index + 1);
      child(row.index, row.duration_us, row.error_group, static_cast<uint32_t>(path));
      if (group_.size() < 90) continue;
      if (row.index % 3 == 0) pin(row.index - 40);
      commit();
      EXPECT_LE(with_spans().size(), 201u);
      if (restart_every != 0 && ++commits % restart_every == 0) restart();
    }
    commit();
    EXPECT_EQ(**reading::Query(*store_, arn::Home{}).detail(kRun), *keeper_->choice(kRun));
    end();
    uint64_t keys = 0;
    (void)store_->scan(Family::kDetail, "", "", false, [&](auto, auto) { return ++keys > 0; });
    EXPECT_EQ(keys, 2u) << "what led to the choice is gone";
    return stored();
  };
  for (const uint64_t bytes : {0, 10'000}) {
    const DetailChoice expected = run(bytes, 0);
    EXPECT_EQ(run(bytes, 3), expected);
    // A few of the 20 have a stronger reason.
    if (bytes == 0) EXPECT_GE(expected.reasons().at("pinned"), 15u);
    EXPECT_EQ(indexes_of(expected), with_spans());
  }
}

TEST_F(DetailKeeperTest, TraceThatIsKeptAsAWhole_PinsNobody) {
  store::Batch batch;
  records::MapRunRecord record{.number = kRun, .detail_budget = 100};
  record.trace = {.trace = {.high = 1, .low = 1}, .span = 1, .priority = 2};
  batch.put(Family::kMapRun, records::map_run_key(kRun), records::encode(record));
  ASSERT_TRUE(store_->commit(std::move(batch)));
  for (uint64_t i = 0; i < 500; ++i) {
    spans(i);
    group_.back().spans.back().pin = true;
    child(i, 1'000);
  }
  commit();
  EXPECT_FALSE(keeper_->choice(kRun)->reasons().contains("pinned"));
}

TEST_F(DetailKeeperTest, LateSpans_AreStoredForTheKeptOnly) {
  begin(2);
  for (uint64_t i = 0; i < 10; ++i) child(i, i == 4 ? 9'000'000 : 1'000, i == 4 ? 77 : 0);
  commit();
  spans(4);  // failed, so it was kept
  spans(5);
  commit();
  EXPECT_TRUE(with_spans().contains(4));
  EXPECT_EQ(keeper_->choice(kRun)->late_spans + 2 * with_spans().size(), 4u);
  end();
  spans(4);
  for (uint64_t i = 0; i < 10; ++i) spans(i);
  commit();
  const DetailChoice choice = stored();
  EXPECT_EQ(indexes_of(choice), with_spans());
  EXPECT_GE(choice.late_spans, 16u);
  restart();
  const uint64_t before = choice.late_spans;
  const uint64_t dropped = choice.find(5) == nullptr ? 5 : 6;
  spans(dropped);
  commit();
  EXPECT_EQ(stored().late_spans, before + 2);
}

TEST_F(DetailKeeperTest, Bytes_AreBoundedAtAnyCommitAndAcrossRestarts) {
  constexpr uint64_t kBytes = 20'000;
  const auto children = columns::rare_children(3'000, 5);
  const auto run = [&](size_t restart_every) {
    store_ = store::open_memory();
    keeper_.emplace(*store_);
    sequence_ = chunk_ = 1;
    begin(0, kBytes);
    size_t commits = 0;
    for (const auto& [row, path] : children) {
      spans(row.index, 10 + row.index % 400);
      child(row.index, row.duration_us, row.error_group, static_cast<uint32_t>(path));
      if (group_.size() < 60) continue;
      commit();
      EXPECT_LE(span_bytes(), kBytes);
      spans(row.index, 300);  // late, for a child that is kept for now
      commit();
      EXPECT_LE(span_bytes(), kBytes);
      if (restart_every != 0 && ++commits % restart_every == 0) restart();
    }
    commit();
    const auto read = reading::Query(*store_, arn::Home{}).detail(kRun);
    EXPECT_EQ(**read, *keeper_->choice(kRun));
    end();
    for (const auto& [row, path] : children) spans(row.index, 50);
    commit();
    EXPECT_LE(span_bytes(), kBytes);
    return stored();
  };
  const DetailChoice expected = run(0);
  EXPECT_EQ(expected.budget, 0u);
  EXPECT_EQ(expected.byte_budget, kBytes);
  EXPECT_EQ(expected.bytes, span_bytes());
  EXPECT_GT(expected.bytes, kBytes / 2);
  EXPECT_EQ(indexes_of(expected), with_spans());
  std::set<uint32_t> errors;
  for (const auto& [row, path] : children) {
    if (row.error_group != 0 && expected.find(row.index) != nullptr) errors.insert(row.error_group);
  }
  EXPECT_EQ(errors.size(), columns::kRareErrors);
  EXPECT_EQ(run(3), expected);
}

TEST_F(DetailKeeperTest, ChildLargerThanAllBytes_KeepsNothing) {
  begin(10, 100);
  spans(0, 1'000);
  commit();
  child(0, 1'000);
  commit();
  EXPECT_EQ(span_bytes(), 0u);
  end();
  EXPECT_EQ(stored().kept, 0u);
}

TEST_F(DetailKeeperTest, WithinTheBudget_EverythingIsKept) {
  begin(100);
  for (uint64_t i = 0; i < 50; ++i) {
    spans(i);
    child(i, 1'000);
  }
  commit();
  end();
  EXPECT_EQ(with_spans().size(), 50u);
  EXPECT_EQ(stored(), (DetailChoice{.budget = 100, .total = 50, .kept = 50}));
}

TEST_F(DetailKeeperTest, WithoutABudget_NothingIsDecided) {
  begin(0);
  for (uint64_t i = 0; i < 50; ++i) {
    child(i, 1'000);
    spans(i);
  }
  commit();
  EXPECT_FALSE(keeper_->choice(kRun));
  EXPECT_EQ(with_spans().size(), 50u);
}

TEST_F(DetailKeeperTest, Readers_SeeTheSameChoiceWhileItGoesOn) {
  begin(10);
  for (uint64_t i = 0; i < 50; ++i) child(i, static_cast<int64_t>(1'000 + i));
  commit();
  spans(*std::ranges::find_if(std::views::iota(uint64_t{0}), [&](uint64_t index) {
    return keeper_->choice(kRun)->dropped(index);
  }));
  commit();
  const auto read = reading::Query(*store_, arn::Home{}).detail(kRun);
  ASSERT_TRUE(read);
  EXPECT_EQ(**read, *keeper_->choice(kRun));
  EXPECT_EQ((*read)->late_spans, 2u);
}

TEST_F(DetailKeeperTest, WhoReadsAgain_ReadsNewRowsOnlyAndSeesTheSame) {
  begin(10, 100);
  std::unique_ptr<records::Replayed> kept;
  const reading::Query query(*store_, arn::Home{});
  const records::MapRunRecord run{.number = kRun, .detail_budget = 10, .detail_bytes = 100};
  records::Replayed further(run);
  for (uint64_t i = 0; i < 60; ++i) {
    child(i, static_cast<int64_t>(1'000 + i * 37 % 50), i % 7 == 0 ? 1 : 0);
    spans(i, 5 + i % 30);
    commit();
    if (i % 3 == 0) continue;  // nobody looks each time
    const auto again = query.detail(kRun, &kept);
    const auto whole = query.detail(kRun);
    ASSERT_TRUE(again && whole);
    ASSERT_EQ(**again, **whole) << i;
    uint64_t rows = 0;
    ASSERT_TRUE(records::replay_further(*store_, run, [&](const auto&) { ++rows; }, further));
    EXPECT_LE(rows, 2u);
  }
}

}  // namespace
}  // namespace weft::running
