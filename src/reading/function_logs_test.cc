#include "reading/function_logs.h"

#include <map>
#include <memory>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "history/codec.h"

// Lines of an execution with two Map Runs over a store in memory.

namespace weft::reading {
namespace {

using history::Event;
using history::EventType;
using history::ExecutionKey;
using store::Family;
using testing::ElementsAre;
using trace::LogLevel;
using trace::LogLine;

constexpr uint64_t kNameKey = 0x5EED;

// Counts the blocks of lines that are read.
class CountingStore final : public store::Store {
 public:
  base::Result<void> commit(store::Batch batch) override {
    return inner_->commit(std::move(batch));
  }
  base::Result<std::optional<std::string>> get(Family family, std::string_view key) const override {
    return inner_->get(family, key);
  }
  base::Result<void> scan(Family family, std::string_view from, std::string_view to, bool reverse,
                          const Visit& visit) const override {
    return inner_->scan(family, from, to, reverse,
                        [&](std::string_view key, std::string_view value) {
                          if (family == Family::kLog) ++blocks;
                          return visit(key, value);
                        });
  }
  mutable size_t blocks = 0;

 private:
  std::unique_ptr<store::Store> inner_ = store::open_memory();
};

using Attributes = std::vector<std::pair<std::string, std::string>>;

class FunctionLogsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string key;
    store::append_u64(key, kNameKey);
    put(Family::kMeta, "child-name-key", key);
    query_ = std::make_unique<Query>(store_, identity_);
    arn_ = arn::execution_arn(identity_, "m", "e");
    const records::ExecutionRecord record{
        .key = {0, 1}, .name = "e", .arn = arn_, .machine_name = "m"};
    put(Family::kExecution, records::execution_key(record.key), records::encode(record));
    put(Family::kName, records::name_key("m", "e"), records::execution_key(record.key));
    put_map_run(3, "First");
    put_map_run(5, "Second");
  }
  void put(Family family, std::string key, std::string value) {
    store::Batch batch;
    batch.put(family, std::move(key), std::move(value));
    ASSERT_TRUE(store_.commit(std::move(batch)));
  }
  void put_map_run(uint64_t number, const std::string& state) {
    records::MapRunRecord& run = runs_[number];
    run = {.number = number,
           .arn = arn::map_run_arn(identity_, "m", state,
                                   arn::ChildNames(kNameKey).map_run_uuid(number)),
           .execution_arn = arn_,
           .parent = {0, 1},
           .state_name = state,
           .label = state,
           .machine_name = "m",
           .status = records::MapRunStatus::kSucceeded};
    put(Family::kMapRun, records::map_run_key(number), records::encode(run));
    put(Family::kExecutionMapRun, records::execution_map_run_key({0, 1}, number), "");
  }
  void log(history::DetailKey key, std::vector<LogLine> lines) {
    put(Family::kLog, records::detail_place_key(key, ++sequence_), encode_log_lines(lines));
  }
  // "3/0 text": whose line and its text.
  std::vector<std::string> ask(LogQuestion question) {
    if (question.arn.empty() && question.request_id.empty()) question.arn = arn_;
    std::vector<std::string> texts;
    auto logs = read_function_logs(*query_, question, redactor_, [&](const FunctionLine& line) {
      std::string whose =
          line.child == nullptr ? "-" : fmt::format("{}[{}]", line.child->map, line.child->index);
      if (line.child != nullptr && !line.child->nested.empty())
        whose += line.child->nested.substr(line.child->nested.rfind(':'));
      texts.push_back(whose + " " + line.line.text);
      attributes_ = line.line.attributes;
    });
    if (!logs) return {logs.error().message};
    last_ = std::move(*logs);
    return texts;
  }
  // An execution that a task of `by` started; `detail_of`: the child it belongs to.
  std::string nest(uint64_t number, ExecutionKey by, ExecutionKey detail_of) {
    const std::string arn = arn::execution_arn(identity_, "inner", fmt::format("i{}", number));
    records::ExecutionRecord record{
        .key = {0, number}, .name = fmt::format("i{}", number), .arn = arn};
    record.machine_name = "inner";
    record.detail_of = detail_of;
    put(Family::kExecution, records::execution_key(record.key), records::encode(record));
    put(Family::kName, records::name_key("inner", record.name), records::execution_key(record.key));
    Event submitted{.type = EventType::kTaskSubmitted};
    submitted.resource = "startExecution.sync";
    submitted.resource_type = "states";
    submitted.text = base::Text(R"({"ExecutionArn":")" + arn + "\"}");
    std::string turn;
    history::encode_turn({{submitted}}, turn);
    put(Family::kTurn, records::turn_key(by, static_cast<uint32_t>(number)), turn);
    return arn;
  }
  std::string child(uint64_t run, uint64_t index) { return query_->child_arn(runs_[run], index); }

  arn::Home identity_;
  CountingStore store_;
  std::unique_ptr<Query> query_;
  std::map<uint64_t, records::MapRunRecord> runs_;
  std::string arn_;
  trace::Redactor redactor_;
  uint64_t sequence_ = 0;
  FunctionLogs last_;
  Attributes attributes_;  // of the last line
};

TEST_F(FunctionLogsTest, NestedExecutions_StandBetweenOwnLinesAndChildren) {
  const std::string inner = nest(2, {0, 1}, {});
  log({0, 1}, {{.time_ns = 2, .text = "own"}});
  log({0, 2}, {{.time_ns = 1, .text = "nested"}, {.time_ns = 3, .text = "again"}});
  log({3, 0}, {{.time_ns = 1, .text = "child"}});
  EXPECT_THAT(ask({}), ElementsAre("- own", "[0]:i2 nested", "[0]:i2 again", "First[0] child"));
  EXPECT_THAT(ask({.lines_max = 2}), ElementsAre("- own", "[0]:i2 nested"));
  EXPECT_THAT(ask({.after = last_.next}), ElementsAre("[0]:i2 again", "First[0] child"));
  EXPECT_THAT(ask({.child = inner}), ElementsAre("[0]:i2 nested", "[0]:i2 again"));
  EXPECT_THAT(ask({.own = true}), ElementsAre("- own"));
}

TEST_F(FunctionLogsTest, WhatChildrenStarted_StandsBehindEachOfThem) {
  const std::string first = nest(2, {3, 0}, {3, 0});
  const std::string second = nest(4, {0, 2}, {3, 0});  // nested in the first
  const std::string other = nest(3, {3, 1}, {3, 1});
  log({3, 1, 3}, {{.time_ns = 1, .text = "other"}});
  log({3, 0, 4}, {{.time_ns = 2, .text = "second"}});
  log({3, 0, 2}, {{.time_ns = 8, .request_id = "r", .text = "first"}});
  log({3, 0}, {{.time_ns = 9, .text = "child"}});
  put(Family::kName, records::request_key("r"), records::execution_key({0, 2}));
  // A Map Run of the first.
  put_map_run(8, "Inner");
  put(Family::kExecutionMapRun, records::execution_map_run_key({3, 0, 2}, 8), "");
  log({8, 0}, {{.time_ns = 3, .text = "deep"}});
  const std::vector<std::string> all = {"First[0] child", "First[0]:i2 first", "First[0]:i4 second",
                                        "First[1]:i3 other", "Inner[0] deep"};
  EXPECT_EQ(ask({}), all);
  EXPECT_EQ(ask({.arn = runs_[3].arn}), all);
  EXPECT_TRUE(ask({.own = true}).empty());
  EXPECT_THAT(ask({.text = "second"}), ElementsAre("First[0]:i4 second"));
  EXPECT_THAT(ask({.child = child(3, 0)}),
              ElementsAre("First[0] child", "First[0]:i2 first", "First[0]:i4 second"));
  EXPECT_THAT(ask({.child = second}), ElementsAre("First[0]:i4 second"));
  EXPECT_THAT(ask({.arn = child(3, 0)}), ElementsAre("- child", "[0]:i2 first", "[0]:i4 second"));
  EXPECT_THAT(ask({.arn = first}), ElementsAre("- first", "[0]:i4 second"));
  EXPECT_THAT(ask({.arn = other}), ElementsAre("- other"));
  EXPECT_THAT(ask({.request_id = "r"}), ElementsAre("- first"));
  EXPECT_THAT(ask({.arn = runs_[5].arn, .child = first}),
              ElementsAre(testing::HasSubstr(": is no child of arn:")));
  for (const std::string& arn : {arn_, first, child(3, 0)}) {
    std::vector<std::string> pieces;
    std::optional<LogPosition> after;
    do {
      const auto page = ask({.arn = arn, .after = after, .lines_max = 1});
      pieces.insert(pieces.end(), page.begin(), page.end());
      after = last_.next;
      if (after) after = *LogPosition::parse(after->to_text());
    } while (after);
    EXPECT_EQ(pieces, ask({.arn = arn}));
  }
}

TEST_F(FunctionLogsTest, OwnLinesThenThoseOfChildren_ByTimeWithinEach) {
  log({5, 7}, {{.time_ns = 1, .text = "p"}});
  log({3, 1}, {{.time_ns = 9, .text = "c"}, {.time_ns = 4, .text = "a"}});
  log({3, 1}, {{.time_ns = 5, .text = "b"}});
  log({0, 1}, {{.time_ns = 8, .text = "own"}});
  log({0, 2}, {{.time_ns = 8, .text = "another execution's"}});
  log({4, 0}, {{.time_ns = 8, .text = "another run's"}});
  EXPECT_THAT(ask({}),
              ElementsAre("- own", "First[1] a", "First[1] b", "First[1] c", "Second[7] p"));
  EXPECT_EQ(last_.note, "");
  EXPECT_FALSE(last_.next);
  EXPECT_THAT(ask({.own = true}), ElementsAre("- own"));
  EXPECT_THAT(ask({.arn = runs_[5].arn}), ElementsAre("Second[7] p"));
  EXPECT_THAT(ask({.arn = child(5, 7)}), ElementsAre("- p"));
  EXPECT_THAT(ask({.child = child(5, 7)}), ElementsAre("Second[7] p"));
  EXPECT_THAT(ask({.arn = runs_[3].arn, .child = child(5, 7)}),
              ElementsAre(testing::HasSubstr(": is no child of arn:")));
}

TEST_F(FunctionLogsTest, Filters_HoldTogether) {
  log({3, 0}, {{.time_ns = 10, .request_id = "r", .text = "ERROR no such picture"},
               {.time_ns = 11, .request_id = "r", .text = "  at work"},
               {.time_ns = 12, .request_id = "r", .text = "a picture"}});
  log({3, 1}, {{.time_ns = 20, .request_id = "s", .severity = "FATAL", .text = "picture gone"},
               {.time_ns = 21, .request_id = "s", .severity = "WARN", .text = "slow"}});
  EXPECT_THAT(
      ask({.level = LogLevel::kError}),
      ElementsAre("First[0] ERROR no such picture", "First[0]   at work", "First[1] picture gone"));
  EXPECT_THAT(ask({.level = LogLevel::kWarn, .from_ns = 12}),
              ElementsAre("First[1] picture gone", "First[1] slow"));
  EXPECT_THAT(ask({.text = "picture"}), ElementsAre("First[0] ERROR no such picture",
                                                    "First[0] a picture", "First[1] picture gone"));
  EXPECT_THAT(ask({.text = "picture", .from_ns = 11, .to_ns = 20}),
              ElementsAre("First[0] a picture"));
  EXPECT_THAT(ask({.arn = arn_, .request_id = "s", .text = "slow"}), ElementsAre("First[1] slow"));
}

TEST_F(FunctionLogsTest, Secrets_AreHiddenBeforeAnythingLooksAtThem) {
  log({3, 0}, {{.time_ns = 1, .request_id = "r", .text = "login password=hunter2"},
               {.time_ns = 2, .request_id = "r", .text = "-----BEGIN RSA PRIVATE KEY-----"},
               {.time_ns = 3, .request_id = "r", .text = "MIIEpAIBAAKCAQEA"},
               {.time_ns = 4, .request_id = "s", .text = "another call"},
               {.time_ns = 5, .request_id = "r", .text = "-----END RSA PRIVATE KEY-----"},
               {.time_ns = 6,
                .request_id = "r",
                .text = "done",
                .attributes = {{"token", "t0k"}, {"url", "/?token=t0k"}}}});
  const std::vector<std::string> hidden = {"First[0] login password=[redacted]",
                                           "First[0] [redacted]",
                                           "First[0] [redacted]",
                                           "First[0] another call",
                                           "First[0] [redacted]",
                                           "First[0] done"};
  EXPECT_EQ(ask({}), hidden);
  EXPECT_EQ(attributes_, (Attributes{{"token", "[redacted]"}, {"url", "/?token=[redacted]"}}));
  EXPECT_TRUE(ask({.text = "hunter2"}).empty());
  EXPECT_EQ(ask({.text = "[redacted]"}).size(), 4u);
  redactor_ = *trace::Redactor::create({.secrets = false});
  EXPECT_EQ(ask({}).at(0), "First[0] login password=hunter2");
  EXPECT_EQ(ask({}).at(2), "First[0] MIIEpAIBAAKCAQEA");
}

TEST_F(FunctionLogsTest, LinesNotKept_ShowWhateverIsAskedFor) {
  log({3, 0}, {{.time_ns = 10, .not_kept = 7}, {.time_ns = 11, .text = "more"}});
  EXPECT_THAT(ask({.level = LogLevel::kError, .text = "x"}), ElementsAre("First[0] "));
}

TEST_F(FunctionLogsTest, Pages_AreTheWholeListInPieces) {
  std::vector<std::string> whole;
  for (const ExecutionKey key :
       {ExecutionKey{0, 1}, {3, 0}, {3, 2}, {3, UINT64_MAX - 1}, {5, 0}, {5, 1}}) {
    for (int i = 0; i < 3; ++i)
      log(key, {{.time_ns = i + 1, .text = fmt::format("{} {}", i % 2 == 0 ? "even" : "odd", i)}});
  }
  for (const std::string text : {"", "even", "nothing"}) {
    const std::vector<std::string> all = ask({.text = text});
    EXPECT_EQ(all.size(), text.empty() ? 18u : text == "even" ? 12u : 0u);
    for (const auto& [lines, bytes, looks] : {std::tuple{size_t{1}, SIZE_MAX, SIZE_MAX},
                                              {size_t{4}, SIZE_MAX, SIZE_MAX},
                                              {SIZE_MAX, size_t{30}, SIZE_MAX},
                                              {SIZE_MAX, SIZE_MAX, size_t{2}}}) {
      std::vector<std::string> pieces;
      std::optional<LogPosition> after;
      do {
        for (const std::string& line : ask({.text = text,
                                            .after = after,
                                            .lines_max = lines,
                                            .bytes_max = bytes,
                                            .looks_max = looks}))
          pieces.push_back(line);
        after = last_.next;
        if (after) {
          const auto read = LogPosition::parse(after->to_text());
          ASSERT_TRUE(read);
          EXPECT_EQ(*read, *after);
        }
      } while (after);
      EXPECT_EQ(pieces, all);
    }
  }
  for (const char* text : {"", "1", "1.2", "1.2.3.", "1.2.x", "-1.2.3", "1..3", "1.2.3 "})
    EXPECT_FALSE(LogPosition::parse(text)) << text;
}

TEST_F(FunctionLogsTest, ManyChildren_AreReadOneByOne) {
  for (uint64_t i = 0; i < 2'000; ++i) log({3, i}, {{.time_ns = 1, .text = "x"}});
  LogQuestion question{.arn = arn_};
  size_t lines = 0;
  size_t ahead = 0;
  const auto logs = read_function_logs(*query_, question, redactor_, [&](const FunctionLine&) {
    // Each child's block is seen twice: at the end of the one before, and itself.
    ahead = std::max(ahead, store_.blocks - 2 * lines);
    ++lines;
  });
  ASSERT_TRUE(logs);
  EXPECT_EQ(lines, 2'000u);
  EXPECT_LE(ahead, 2u);
}

TEST_F(FunctionLogsTest, NewBlocksOnly_WhenAskedSo) {
  log({3, 0}, {{.time_ns = 1, .text = "a"}});
  log({3, 1}, {{.time_ns = 1, .text = "b"}});
  log({3, 0}, {{.time_ns = 2, .text = "c"}});
  EXPECT_THAT(ask({.wants = [](uint64_t sequence) { return sequence > 1; }}),
              ElementsAre("First[0] c", "First[1] b"));
}

TEST_F(FunctionLogsTest, WhatSamplingDropped_IsSaid) {
  records::MapRunRecord& run = runs_[3];
  run.detail_budget = 1;
  put(Family::kMapRun, records::map_run_key(3), records::encode(run));
  const std::vector<history::ChildRow> rows = {{.index = 0}, {.index = 1}, {.index = 2}};
  std::string bytes;
  for (const history::ChildRow& row : rows) history::encode_row(row, bytes);
  run.status = records::MapRunStatus::kRunning;  // then the choice follows from the rows
  put(Family::kMapRun, records::map_run_key(3), records::encode(run));
  put(Family::kRow, records::row_key(3, 0), bytes);
  const auto detail = query_->detail(3);
  ASSERT_TRUE(detail && *detail && !(*detail)->complete());
  const uint64_t kept = (*detail)->children.at(0).index;
  log({3, kept}, {{.time_ns = 1, .text = "a"}});
  EXPECT_EQ(ask({}).size(), 1u);
  EXPECT_THAT(last_.note, testing::StartsWith("First: detail kept for 1 of 3 children: "));
  EXPECT_THAT(last_.note, testing::EndsWith("; the lines of the others were not kept."));
  ask({.child = child(3, kept)});
  EXPECT_EQ(last_.note, "");
  ask({.child = child(3, (kept + 1) % 3)});
  EXPECT_THAT(last_.note, testing::StartsWith("The spans and log lines of this child's"));
  ask({.arn = runs_[5].arn});
  EXPECT_EQ(last_.note, "");
}

}  // namespace
}  // namespace weft::reading
