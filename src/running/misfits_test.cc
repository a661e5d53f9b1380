#include "running/misfits.h"

#include <cstdlib>
#include <random>
#include <thread>

#include "running/host_fixture.h"

// A part of the store is lost, at any moment of its life: what is left is taken over, and every
// execution comes to its own end or to one that says what is lost. WEFT_LOSS_CASES and
// WEFT_LOSS_SEED run more of the random ones.

namespace weft::running {
namespace {

using history::ExecutionStatus;
using store::Family;
using Content = std::map<std::pair<Family, std::string>, std::string>;
using Random = std::mt19937_64;

constexpr uint64_t kCases = 150;

uint64_t setting(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Keeps every batch, so that the store of any moment can be made again.
class RecordingStore final : public store::Store {
 public:
  base::Result<void> commit(store::Batch batch) override {
    {
      const std::lock_guard lock(mutex_);
      batches_.push_back(batch);
    }
    return inner_->commit(std::move(batch));
  }
  base::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    return inner_->get(family, key);
  }
  base::Result<void> scan(Family family, std::string_view from, std::string_view to, bool reverse,
                          const Visit& visit) const override {
    return inner_->scan(family, from, to, reverse, visit);
  }
  size_t commits() const {
    const std::lock_guard lock(mutex_);
    return batches_.size();
  }
  Content at(size_t commits) const {
    const std::lock_guard lock(mutex_);
    Content content;
    for (size_t i = 0; i < commits; ++i) {
      for (const store::Batch::Write& write : batches_[i].writes()) {
        if (write.removal) {
          content.erase({write.family, write.key});
        } else {
          content[{write.family, write.key}] = write.value;
        }
      }
    }
    return content;
  }

 private:
  std::unique_ptr<store::Store> inner_ = store::open_memory();
  mutable std::mutex mutex_;
  std::vector<store::Batch> batches_;
};

std::unique_ptr<store::Store> store_of(const Content& content) {
  auto store = store::open_memory();
  store::Batch batch;
  for (const auto& [place, value] : content) batch.put(place.first, place.second, value);
  EXPECT_TRUE(store->commit(std::move(batch)));
  return store;
}

// What was lost, in words.
std::string lose(const RecordingStore& recorded, size_t now, Random& random, Content& content) {
  const auto family = static_cast<Family>(random() % store::kFamilyCount);
  std::vector<std::string> keys;
  for (const auto& [place, value] : content)
    if (place.first == family) keys.push_back(place.second);
  const std::string of = fmt::format("{} of {} keys", store::to_string(family), keys.size());
  if (keys.empty()) return of;
  switch (random() % 4) {
    case 0:  // a table
      for (const std::string& key : keys) content.erase({family, key});
      return "all " + of;
    case 1: {  // a block
      const size_t first = random() % keys.size();
      const size_t last = std::min(keys.size(), first + 1 + random() % 4);
      for (size_t i = first; i < last; ++i) content.erase({family, keys[i]});
      return fmt::format("{} to {}: {}", first, last, of);
    }
    case 2: {  // values
      for (const std::string& key : keys)
        if (random() % 4 == 0) content.erase({family, key});
      return "some " + of;
    }
    default: {  // a table, behind which older values are
      const size_t before = random() % (now + 1);
      for (const std::string& key : keys) content.erase({family, key});
      for (const auto& [place, value] : recorded.at(before))
        if (place.first == family) content[place] = value;
      return fmt::format("as of commit {} of {}: {}", before, now, of);
    }
  }
}

class MisfitsTest : public HostTest {
 protected:
  MisfitsTest() {
    std::string name = ::testing::TempDir() + "weft-misfits-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    EXPECT_TRUE(buckets_.add("out", directory_.string()));
  }
  ~MisfitsTest() override {
    host_.reset();
    std::filesystem::remove_all(directory_);
  }

  // Runs everything to its end, and keeps what became of it.
  void record_all() {
    HostOptions options{.clock = &clock_, .shards = 3, .tasks = &tasks_};
    auto host = Host::open(options, recorded_, nullptr, &buckets_);
    ASSERT_TRUE(host) << host.error().message;
    host_ = std::move(*host);
    const std::string child = create(machine("A", std::string("\"A\":") + kTask), "child");
    const std::string nested = fmt::format(
        R"({{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2","Arguments":)"
        R"({{"StateMachineArn":"{}","Input":{{"a":1}}}},"Output":"{{% $states.result.Output %}}","End":true}})",
        child);
    const std::string map = distributed(R"("Items":"{% [1..12] %}","MaxConcurrency":3)");
    std::string express = map;
    express.replace(express.find("STANDARD"), 8, "EXPRESS");
    const std::string exported = distributed(
        R"("Items":"{% [1..9] %}","ResultWriter":{"Resource":"arn:aws:states:::s3:putObject",)"
        R"("Arguments":{"Bucket":"out","Prefix":"p"}})");
    const std::string inner = distributed(R"("Items":[1,2,3])", kTask, "In");
    std::vector<std::string> arns;
    for (const auto& [name, state] : std::map<std::string, std::string>{
             {"map", map},
             {"express", express},
             {"exported", exported},
             {"outer", distributed(R"("Items":[1,2])", inner, "Out")},
             {"nested", nested},
             {"plain", kTask}}) {
      arns.push_back(start(create(machine("M", "\"M\":" + state), name), R"({"in":1})", "one"));
    }
    for (const std::string& arn : arns) {
      EXPECT_EQ(finish(arn).status, ExecutionStatus::kSucceeded) << arn;
      ends_[arn] = finish(arn).output.str();
    }
    host_.reset();
  }

  // Nothing stays open, and nothing is silently another than it was.
  void expect_ends(const std::string& what) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (is_open()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << what << ": " << is_open().value();
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    (void)store_->scan(Family::kExecution, "", "", false, [&](std::string_view, auto value) {
      const auto record = records::decode_execution(value);
      const auto view = host_->query().execution(record->arn);
      EXPECT_TRUE(view) << what << ": " << record->arn << ": " << view.error().message;
      if (view) expect_end(*view, what);
      return true;
    });
  }
  void expect_end(const reading::ExecutionView& view, const std::string& what) {
    const auto known = ends_.find(view.arn);
    if (view.status == ExecutionStatus::kSucceeded && !view.error) {
      if (known != ends_.end() && !view.arn.contains("exported"))
        EXPECT_EQ(view.output.str(), known->second) << what << ": " << view.arn;
      return;
    }
    const std::string cause = view.cause.value_or("");
    const bool told = view.status == ExecutionStatus::kAborted || !view.error.value_or("").empty();
    EXPECT_TRUE(told) << what << ": " << view.arn << " " << history::to_string(view.status) << " "
                      << view.error.value_or("") << ": " << cause;
  }
  std::optional<std::string> is_open() const {
    std::optional<std::string> open;
    (void)store_->scan(Family::kExecution, "", "", false, [&](std::string_view, auto value) {
      const auto record = records::decode_execution(value);
      if (record && record->status == ExecutionStatus::kRunning) open = record->arn;
      return !open;
    });
    (void)store_->scan(Family::kMapRun, "", "", false, [&](std::string_view, auto value) {
      const auto record = records::decode_map_run(value);
      if (record && record->status == records::MapRunStatus::kRunning) open = record->arn;
      return !open;
    });
    return open;
  }

  // Mends the store and goes on with it.
  void go_on_with(Content content, const std::string& what) {
    host_.reset();
    store_ = store_of(content);
    const auto mended = mend_losses(*store_, clock_.now_ms(), MendWhen::kAlways);
    ASSERT_TRUE(mended) << what << ": " << mended.error().message;
    mended_ = *mended;
    const auto left = find_misfits(*store_, clock_.now_ms());
    ASSERT_TRUE(left) << what << ": " << left.error().message;
    for (const Misfit& misfit : left->found)
      EXPECT_EQ(misfit.mended, "") << what << ": still " << misfit.what;
    auto host =
        Host::open({.clock = &clock_, .shards = 3, .tasks = &tasks_}, *store_, nullptr, &buckets_);
    ASSERT_TRUE(host) << what << ": " << host.error().message;
    host_ = std::move(*host);
  }

  std::filesystem::path directory_;
  RecordingStore recorded_;
  std::map<std::string, std::string> ends_;  // outputs, by ARN
  std::vector<std::string> mended_;
};

TEST_F(MisfitsTest, WholeStores_HaveNone_AtAnyMoment) {
  record_all();
  for (size_t commits = 0; commits <= recorded_.commits(); ++commits) {
    const auto store = store_of(recorded_.at(commits));
    const auto misfits = find_misfits(*store, clock_.now_ms());
    ASSERT_TRUE(misfits) << misfits.error().message;
    for (const Misfit& misfit : misfits->found) ADD_FAILURE() << commits << ": " << misfit.what;
    EXPECT_TRUE(misfits->mending.empty());
  }
}

TEST_F(MisfitsTest, WhateverIsLost_EveryExecutionComesToAnEnd) {
  record_all();
  const uint64_t cases = setting("WEFT_LOSS_CASES", kCases);
  const uint64_t seed = setting("WEFT_LOSS_SEED", 1);
  for (uint64_t i = 0; i < cases && !HasFailure(); ++i) {
    Random random(seed * 1'000'003 + i);
    const size_t now = random() % (recorded_.commits() + 1);
    Content content = recorded_.at(now);
    std::string what = fmt::format("case {}, commit {} of {}, lost", i, now, recorded_.commits());
    for (uint64_t losses = 1 + random() % 2; losses > 0; --losses)
      what += ", " + lose(recorded_, now, random, content);
    go_on_with(std::move(content), what);
    if (!HasFailure()) expect_ends(what);
  }
}

}  // namespace
}  // namespace weft::running
