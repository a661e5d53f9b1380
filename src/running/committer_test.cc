#include "running/committer.h"

#include <algorithm>
#include <chrono>
#include <future>

#include <gtest/gtest.h>

#include "base/limits.h"

namespace weft::running {
namespace {

class NoEffects : public EffectSink {
 public:
  void perform(Effect effect) override { std::get<Notify>(effect).call(); }
};

// Remembers how large the writes were. The first waits until all turns were submitted, or for a
// while when its committer holds them back as it should.
class SlowStore : public store::Store {
 public:
  base::Result<void> commit(store::Batch batch) override {
    if (sizes.empty()) gate.get_future().wait_for(std::chrono::milliseconds(200));
    sizes.push_back(batch.bytes());
    return inner_->commit(std::move(batch));
  }
  base::Result<std::optional<std::string>> get(store::Family family,
                                               std::string_view key) const override {
    return inner_->get(family, key);
  }
  base::Result<void> scan(store::Family family, std::string_view from, std::string_view to,
                          bool reverse, const Visit& visit) const override {
    return inner_->scan(family, from, to, reverse, visit);
  }
  std::promise<void> gate;
  std::vector<size_t> sizes;

 private:
  std::unique_ptr<store::Store> inner_ = store::open_memory();
};

TEST(Committer, LargeTurnsBehindASlowDisk_HoldTheirShardBack) {
  constexpr size_t kTurnBytes = 1u << 20;
  constexpr int kTurns = 100;
  SlowStore store;
  NoEffects effects;
  std::promise<void> all_durable;
  {
    Committer committer(store, effects, 1);
    std::thread shard([&] {
      for (int i = 0; i < kTurns; ++i) {
        TurnCommit commit;
        commit.batch.put(store::Family::kMeta, "key" + std::to_string(i),
                         std::string(kTurnBytes, 'x'));
        if (i + 1 == kTurns) commit.effects.emplace_back(Notify{[&] { all_durable.set_value(); }});
        committer.submit(std::move(commit));
      }
      store.gate.set_value();
    });
    all_durable.get_future().wait();
    shard.join();
  }
  const size_t largest = *std::ranges::max_element(store.sizes);
  EXPECT_LE(largest, base::kCommitQueueBytesMax + 2 * kTurnBytes);
  EXPECT_TRUE(store.get(store::Family::kMeta, "key99")->has_value());
}

TEST(MergeCommits, RowsOfOneRun_BecomeOneChunk) {
  std::vector<TurnCommit> commits(3);
  for (uint64_t i = 0; i < 3; ++i) {
    commits[i].row_run = i == 2 ? 8 : 7;
    commits[i].row = history::ChildRow{.index = i};
  }
  std::vector<Effect> effects;
  const store::Batch batch = merge_commits(commits, 5, effects);
  ASSERT_EQ(batch.keys(), 2U);
  EXPECT_EQ(batch.writes()[0].key, records::row_key(7, 5));
  EXPECT_EQ(batch.writes()[1].key, records::row_key(8, 5));
}

}  // namespace
}  // namespace weft::running
