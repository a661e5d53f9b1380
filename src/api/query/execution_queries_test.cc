#include <algorithm>
#include <functional>
#include <span>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/query/handler.h"
#include "history/codec.h"
#include "json/parse.h"
#include "running/reading_host.h"

// The questions of the query API about executions, over a store in memory that this test fills.

namespace weft::api {
namespace {

using history::Event;
using history::EventType;
using history::ExecutionStatus;
using store::Family;
using testing::HasSubstr;
using testing::Not;

constexpr base::UnixMs kStart = 1'700'000'000'000;

std::span<const json::Value> rows_of(const json::Value& tree) {
  const json::Value rows = tree.find("rows");
  return {rows.items(), rows.size()};
}

class ExecutionQueriesTest : public testing::Test {
 protected:
  ExecutionQueriesTest() {
    std::string key;
    store::append_u64(key, 0x5EED);
    put(Family::kMeta, "child-name-key", key);
  }
  void put(Family family, std::string key, std::string value) {
    store::Batch batch;
    batch.put(family, std::move(key), std::move(value));
    ASSERT_TRUE(store_->commit(std::move(batch)));
  }
  // The `number`-th execution: started `number` seconds after the first.
  std::string add(uint64_t number, const std::string& name, ExecutionStatus status,
                  const std::string& machine = "Orders") {
    const bool ended = status != ExecutionStatus::kRunning;
    const records::ExecutionRecord record{
        .key = {0, number},
        .name = name,
        .arn = arn::execution_arn({}, machine, name),
        .machine_name = machine,
        .machine_arn = arn::machine_arn({}, machine),
        .status = status,
        .start_ms = kStart + static_cast<base::UnixMs>(number) * 1'000,
        .stop_ms = ended ? kStart + static_cast<base::UnixMs>(number) * 1'000 + 500 : 0};
    put(Family::kExecution, records::execution_key(record.key), encode(record));
    put(Family::kName, records::name_key(machine, name), records::execution_key(record.key));
    return record.arn;
  }
  void put_events(uint64_t number, std::vector<Event> events) {
    std::string bytes;
    history::encode_turn({std::move(events)}, bytes);
    put(Family::kTurn, records::turn_key({0, number}, 0), bytes);
  }
  static Event event(EventType type, uint64_t id, uint64_t before, base::UnixMs after_ms,
                     const std::string& name = "", const std::string& text = "") {
    Event made{.type = type, .id = id, .previous_id = before, .time_ms = kStart + after_ms};
    made.name = name;
    if (!text.empty()) made.text = base::Text(text);
    return made;
  }
  // Execution 1: "Check" for 100 ms, then an inline Map of `iterations`, each with a state "Pick"
  // that takes 10 ms and a millisecond more each time.
  std::string add_map(uint64_t iterations) {
    const std::string arn = add(1, "with-map", ExecutionStatus::kSucceeded);
    std::vector<Event> events = {
        event(EventType::kExecutionStarted, 1, 0, 0, "", R"({"secret":1,"password":"hush"})"),
        event(EventType::kPassStateEntered, 2, 1, 0, "Check", R"({"password":"hush"})"),
        event(EventType::kPassStateExited, 3, 2, 100, "Check", R"({"ok":true})"),
        event(EventType::kMapStateEntered, 4, 3, 100, "Each"),
        event(EventType::kMapStateStarted, 5, 4, 100)};
    uint64_t id = 6;
    for (uint64_t i = 0; i < iterations; ++i) {
      const auto end = static_cast<base::UnixMs>(110 + i);
      const auto scope = static_cast<history::ScopeId>(i + 1);
      std::vector<Event> four = {
          event(EventType::kMapIterationStarted, id, 5, 100, "Each"),
          event(EventType::kPassStateEntered, id + 1, id, 100, "Pick"),
          event(EventType::kPassStateExited, id + 2, id + 1, end, "Pick"),
          event(EventType::kMapIterationSucceeded, id + 3, id + 2, end, "Each")};
      for (Event& one : four) {
        one.scope = scope;
        one.number = static_cast<int64_t>(i);
      }
      four.front().scope = four.back().scope = 0;
      std::ranges::move(four, std::back_inserter(events));
      id += 4;
    }
    events.push_back(event(EventType::kMapStateSucceeded, id, id - 1, 400));
    events.push_back(event(EventType::kMapStateExited, id + 1, id, 400, "Each"));
    events.push_back(event(EventType::kExecutionSucceeded, id + 2, id + 1, 500, "", "[]"));
    put_events(1, std::move(events));
    return arn;
  }
  std::string get(const std::string& path, const std::string& parameters) {
    const net::Response response =
        api_.answer({.method = "GET", .path = "/_weft/v1/" + path, .query = parameters});
    status_ = response.status;
    return response.body;
  }

  std::unique_ptr<store::Store> store_ = store::open_memory();
  reading::Query query_{*store_, arn::Home{}};
  running::ReadingHost host_{query_};
  QueryApi api_{host_};
  int status_ = 0;
};

TEST_F(ExecutionQueriesTest, Executions_AreCountedAndComeNewestFirstInPages) {
  add(1, "old", ExecutionStatus::kSucceeded);
  add(2, "bad", ExecutionStatus::kFailed);
  add(3, "other", ExecutionStatus::kSucceeded, "Invoices");
  add(4, "new", ExecutionStatus::kRunning);
  const std::string first = get("executions", "limit=2");
  EXPECT_THAT(first, HasSubstr(R"("counts":{"running":1,"succeeded":2,"failed":1,)"));
  EXPECT_THAT(first, HasSubstr(R"("name":"new")"));
  EXPECT_THAT(first, HasSubstr(R"("name":"other")"));
  EXPECT_THAT(first, Not(HasSubstr(R"("name":"bad")")));
  EXPECT_THAT(first, HasSubstr(R"("next":"3"})"));
  const std::string second = get("executions", "limit=2&after=3");
  EXPECT_THAT(second, HasSubstr(R"("name":"bad")"));
  EXPECT_THAT(second, HasSubstr(R"("name":"old")"));
  EXPECT_THAT(second, Not(HasSubstr("next")));
}

// Says of a Map Run that it does not run here: it ends while the question is answered.
class EndingHost : public running::ReadingHost {
 public:
  EndingHost(const reading::Query& query, std::function<void()> end)
      : running::ReadingHost(query), end_(std::move(end)) {}
  std::optional<running::MapRunProgress> map_run_progress(std::string_view) const override {
    end_();
    return std::nullopt;
  }

 private:
  std::function<void()> end_;
};

TEST_F(ExecutionQueriesTest, MapRunThatEndsBetweenTheReads_HasItsFinalCounts) {
  const std::string arn = add(1, "e", ExecutionStatus::kRunning);
  records::MapRunRecord run{.number = 1, .execution_arn = arn, .parent = {0, 1}, .label = "L"};
  run.arn = "arn:aws:states:us-east-1:000000000000:mapRun:Orders/L:" +
            query_.child_names().map_run_uuid(1);
  const auto store_run = [&] { put(Family::kMapRun, records::map_run_key(1), encode(run)); };
  put(Family::kExecutionMapRun, records::execution_map_run_key({0, 1}, 1), "");
  put_events(1, {event(EventType::kExecutionStarted, 1, 0, 0, "", "{}")});
  EndingHost ending(query_, [&] {
    run.status = records::MapRunStatus::kSucceeded;
    run.items.total = run.items.succeeded = 7;
    run.executions = run.items;
    store_run();
  });
  for (const auto& [path, wanted] :
       {std::pair{"executions", R"("total":7,"succeeded":7)"}, {"exec/summary", R"("total":7)"}}) {
    run = {.number = 1, .arn = run.arn, .execution_arn = arn, .parent = {0, 1}, .label = "L"};
    store_run();
    QueryApi api(ending);
    EXPECT_THAT(
        api.answer(
               {.method = "GET", .path = std::string("/_weft/v1/") + path, .query = "arn=" + arn})
            .body,
        HasSubstr(wanted));
  }
}

TEST_F(ExecutionQueriesTest, Executions_AreFoundByStatusTextAndMachine) {
  add(1, "nightly-17", ExecutionStatus::kSucceeded);
  add(2, "nightly-18", ExecutionStatus::kFailed);
  add(3, "adhoc", ExecutionStatus::kFailed, "Invoices");
  EXPECT_THAT(get("executions", "status=failed&q=NIGHT"),
              HasSubstr(R"({"rows":[{"arn":"arn:aws:)"
                        R"(states:us-east-1:000000000000:execution:Orders:nightly-18")"));
  // Counts say what the other states would give.
  EXPECT_THAT(get("executions", "status=failed&q=NIGHT"), HasSubstr(R"("succeeded":1,"failed":1)"));
  EXPECT_THAT(get("executions", "q=invoice"), HasSubstr(R"("name":"adhoc")"));
  EXPECT_THAT(get("executions", "machine=" + arn::machine_arn({}, "Invoices")),
              HasSubstr(R"("succeeded":0,"failed":1)"));
  EXPECT_THAT(get("executions", "q=nothing"), HasSubstr(R"({"rows":[],)"));
  EXPECT_THAT(get("executions", "status=odd"), HasSubstr("status=odd: expected one of running"));
  EXPECT_EQ(status_, 400);
}

TEST_F(ExecutionQueriesTest, Tree_BringsFewChildrenAlongAndCountsMany) {
  const std::string arn = add_map(30);
  const std::string tree = get("exec/tree", "arn=" + arn);
  EXPECT_THAT(tree, HasSubstr(R"({"row":"span","level":0,)"));
  EXPECT_THAT(tree, HasSubstr(R"("kind":"state","name":"Check","s":0,"d":100000,)"));
  EXPECT_THAT(tree, HasSubstr(R"("name":"iterations","n":30,"running":0,"failed":0,"aborted":0,)"
                              R"("s":100000,"d":39000,"p50":24000,"p95":38000,"max":39000,)"));
  EXPECT_THAT(tree, Not(HasSubstr(R"("name":"Pick")")));
  // A larger bound: each is a row, and brings along what is below it.
  json::Arena arena;
  const auto rows = json::parse(tree, arena);
  ASSERT_TRUE(rows);
  std::string map;
  for (const json::Value& row : rows_of(*rows)) {
    if (row.find("name").as_string() == "Each") map = row.find("id").as_string();
  }
  EXPECT_THAT(get("exec/tree", "groupMin=40&parent=" + map + "&arn=" + arn),
              HasSubstr(R"({"row":"span","level":1,)"));
  EXPECT_THAT(get("exec/tree", "groupMin=40&parent=" + map + "&arn=" + arn),
              HasSubstr(R"("kind":"state","name":"Pick","s":100000,"d":10000,)"));
}

TEST_F(ExecutionQueriesTest, Tree_GivesTheMembersOfAGroupInPages) {
  const std::string arn = add_map(30);
  json::Arena arena;
  const auto tree = json::parse_copy(get("exec/tree", "arn=" + arn), arena);
  ASSERT_TRUE(tree);
  std::string parent;
  for (const json::Value& row : rows_of(*tree)) {
    if (row.find("row").as_string() == "group") parent = row.find("parent").as_string();
  }
  const std::string question = "arn=" + arn + "&parent=" + parent + "&group=iteration:";
  const std::string first = get("exec/tree", question + "&limit=20");
  EXPECT_THAT(first, HasSubstr(R"("total":30)"));
  EXPECT_THAT(first, HasSubstr(R"("next":20)"));
  const std::string second = get("exec/tree", question + "&limit=20&after=20");
  EXPECT_THAT(second, Not(HasSubstr("next")));
  EXPECT_THAT(second, HasSubstr(R"("d":39000,)"));
  EXPECT_THAT(get("exec/tree", "arn=" + arn + "&parent=12"), HasSubstr("has no such span"));
  EXPECT_EQ(status_, 400);
}

TEST_F(ExecutionQueriesTest, Span_HasItsPayloadsAsTheyMayBeSeen) {
  const std::string arn = add_map(1);
  json::Arena arena;
  const auto tree = json::parse_copy(get("exec/tree", "arn=" + arn), arena);
  ASSERT_TRUE(tree);
  std::string id;
  for (const json::Value& row : rows_of(*tree)) {
    if (row.find("name").as_string() == "Check") id = row.find("id").as_string();
  }
  const std::string span = get("span", "arn=" + arn + "&id=" + id);
  EXPECT_THAT(span, HasSubstr(R"("name":"Check")"));
  EXPECT_THAT(span, HasSubstr("[redacted]"));
  EXPECT_THAT(span, Not(HasSubstr("hush")));
  EXPECT_THAT(span, HasSubstr(R"("next_state":"Each")"));
  get("span", "arn=" + arn + "&id=00000000000000ff");
  EXPECT_EQ(status_, 404);
  EXPECT_THAT(get("span", "arn=" + arn + "&id=x"), HasSubstr("expected the id of a span"));
}

TEST_F(ExecutionQueriesTest, Events_ComeInPagesWithoutPayloadsAndOneWithThem) {
  const std::string arn = add_map(2);
  const std::string page = get("exec/events", "arn=" + arn + "&limit=3");
  EXPECT_THAT(page, HasSubstr(R"("total":16,"matching":16)"));
  EXPECT_THAT(page, HasSubstr(R"("next":3})"));
  EXPECT_THAT(page, Not(HasSubstr("password")));
  EXPECT_THAT(get("exec/events", "arn=" + arn + "&limit=3&after=15"), Not(HasSubstr("next")));
  EXPECT_THAT(get("exec/events", "arn=" + arn + "&type=MapIteration"),
              HasSubstr(R"("matching":4)"));
  EXPECT_THAT(get("exec/events", "arn=" + arn + "&reverse=1&limit=1"),
              HasSubstr(R"("type":"ExecutionSucceeded")"));
  const std::string one = get("exec/events", "arn=" + arn + "&id=2");
  EXPECT_THAT(one, HasSubstr("[redacted]"));
  EXPECT_THAT(one, Not(HasSubstr("hush")));
}

TEST_F(ExecutionQueriesTest, Events_HideSecretsInErrorsAndCausesWithAndWithoutPayloads) {
  const std::string arn = add(1, "failed", ExecutionStatus::kFailed);
  Event scheduled = event(EventType::kTaskScheduled, 2, 1, 0, "", R"({"password":"hush"})");
  Event failed = event(EventType::kTaskFailed, 3, 2, 100);
  failed.error = "password=hush";
  failed.cause = "login with password=hush failed";
  Event end = failed;
  end.type = EventType::kExecutionFailed;
  end.id = 4;
  put_events(1, {event(EventType::kExecutionStarted, 1, 0, 0, "", R"({"password":"hush"})"),
                 std::move(scheduled), std::move(failed), std::move(end)});
  for (const char* which : {"", "&id=1", "&id=2", "&id=3", "&id=4", "&type=Failed"}) {
    const std::string shown = get("exec/events", "arn=" + arn + which);
    EXPECT_EQ(status_, 200);
    EXPECT_THAT(shown, Not(HasSubstr("hush"))) << which;
    EXPECT_THAT(shown, HasSubstr("[redacted]")) << which;
  }
}

TEST_F(ExecutionQueriesTest, Flame_AddsUpWhatHasTheSameNamesAboveIt) {
  const std::string arn = add_map(30);
  const std::string flame = get("exec/flame", "arn=" + arn);
  EXPECT_THAT(flame, HasSubstr(R"("read":1,"of":1,"all":5,"nodes":[{"parent":-1,)"
                               R"("kind":"execution","name":"execution","sum":500000,"n":1,)"));
  EXPECT_THAT(flame, HasSubstr(R"({"parent":0,"kind":"state","name":"Check","sum":100000,"n":1,)"));
  // 30 iterations of 10, 11 ... 39 ms.
  EXPECT_THAT(flame, HasSubstr(R"("kind":"iteration","name":"iterations","sum":735000,"n":30,)"));
  EXPECT_THAT(flame, HasSubstr(R"("kind":"state","name":"Pick","sum":735000,"n":30,"failed":0,)"
                               R"("p50":24000,"p95":38000,"p99":39000,"max":39000,)"
                               // From 9.7 ms on, four bins an octave.
                               R"("bins":[53,2,2,3,3,4,4,5,6,1],"longest":[]})"));
}

TEST_F(ExecutionQueriesTest, Graph_CountsVisitsAndWays) {
  const std::string arn = add_map(30);
  const std::string graph = get("exec/graph", "arn=" + arn);
  EXPECT_THAT(graph, HasSubstr(R"({"name":"Check","type":"Pass","entered":1,"running":0,"ok":1,)"));
  EXPECT_THAT(
      graph,
      HasSubstr(R"({"name":"Pick","type":"Pass","entered":30,"running":0,"ok":30,)"
                R"("failed":0,"caught":0,"aborted":0,"retries":0,"p50":24000,"p95":38000,)"));
  EXPECT_THAT(graph, HasSubstr(R"({"from":"Check","to":"Each","n":1,"caught":0})"));
}

// Some children of a Map Run are at work.
class WorkingHost : public running::ReadingHost {
 public:
  WorkingHost(const reading::Query& query, std::vector<uint64_t> indexes)
      : ReadingHost(query), indexes_(std::move(indexes)) {}
  std::vector<reading::ExecutionItem> running_children(std::string_view) const override {
    std::vector<reading::ExecutionItem> items;
    for (const uint64_t index : indexes_) items.push_back({.key = {1, index}});
    return items;
  }

 private:
  std::vector<uint64_t> indexes_;
};

// Child 0 has succeeded, 1 was aborted, 2 and 3 are at work; 3 has a row already.
TEST_F(ExecutionQueriesTest, Graph_OfChildrenTellsThoseAtWorkAndThoseAborted) {
  using enum EventType;
  const std::string arn = add(1, "e", ExecutionStatus::kRunning);
  records::MapRunRecord run{.number = 1, .execution_arn = arn, .parent = {0, 1}, .label = "L"};
  run.arn = "arn:aws:states:us-east-1:000000000000:mapRun:Orders/L:" +
            query_.child_names().map_run_uuid(1);
  put(Family::kMapRun, records::map_run_key(1), encode(run));
  put(Family::kExecutionMapRun, records::execution_map_run_key({0, 1}, 1), "");
  put_events(1, {event(kExecutionStarted, 1, 0, 0, "", "{}")});
  std::string rows;
  history::encode_row({.index = 0, .start_ms = kStart}, rows);
  history::encode_row({.index = 1, .start_ms = kStart, .status = ExecutionStatus::kAborted}, rows);
  history::encode_row({.index = 3, .start_ms = kStart}, rows);
  put(Family::kRow, records::row_key(1, 0), rows);
  const auto put_child = [&](uint64_t index, std::vector<Event> ends) {
    std::vector<Event> events = {event(kExecutionStarted, 1, 0, 0, "", "{}"),
                                 event(kTaskStateEntered, 2, 1, 0, "Resize")};
    std::ranges::move(ends, std::back_inserter(events));
    std::string bytes;
    history::encode_turn({std::move(events)}, bytes);
    put(Family::kTurn, records::turn_key({1, index}, 0), bytes);
  };
  const std::vector<Event> good = {event(kTaskStateExited, 3, 2, 10, "Resize"),
                                   event(kExecutionSucceeded, 4, 3, 10, "", "{}")};
  put_child(0, good);
  put_child(1, {event(kExecutionAborted, 3, 2, 10)});
  put_child(2, {});
  put_child(3, good);
  WorkingHost working(query_, {2, 3});
  QueryApi api(working);
  const std::string graph =
      api.answer({.method = "GET", .path = "/_weft/v1/exec/graph", .query = "arn=" + arn}).body;
  EXPECT_THAT(graph, HasSubstr(R"("started":4,"finished":3,"read":4,)"));
  EXPECT_THAT(graph, HasSubstr(R"({"name":"Resize","type":"Task","entered":4,"running":1,"ok":2,)"
                               R"("failed":0,"caught":0,"aborted":1,"retries":0,)"));
}

TEST_F(ExecutionQueriesTest, Graph_CountsAStateThatWasRedrivenOnce) {
  using enum EventType;
  const std::string arn = add(1, "again", ExecutionStatus::kSucceeded);
  Event redriven = event(kExecutionRedriven, 4, 3, 1'000);
  redriven.number = 1;
  put_events(
      1, {event(kExecutionStarted, 1, 0, 0, "", "{}"), event(kTaskStateEntered, 2, 1, 0, "Resize"),
          event(kExecutionFailed, 3, 2, 50), redriven, event(kTaskScheduled, 5, 4, 1'000),
          event(kTaskStateExited, 6, 5, 1'100, "Resize"),
          event(kExecutionSucceeded, 7, 6, 1'100, "", "{}")});
  EXPECT_THAT(get("exec/graph", "arn=" + arn),
              HasSubstr(R"({"name":"Resize","type":"Task","entered":1,"running":0,"ok":1,)"
                        R"("failed":0,"caught":0,"aborted":0,"retries":0,"p50":150000,)"));
}

// Each part of a Map Run that was redriven says which children are its own: those that began in it.
TEST_F(ExecutionQueriesTest, Tree_SaysWhenARedriveOfAMapRunBegins) {
  using enum EventType;
  const std::string arn = add(1, "again", ExecutionStatus::kSucceeded);
  const auto part = [](EventType type, uint64_t id, base::UnixMs at) {
    Event made = event(type, id, id - 1, at, "arn:run");
    made.number = type == kMapRunRedriven ? 1 : 0;
    return made;
  };
  put_events(1, {event(kExecutionStarted, 1, 0, 0, "", "{}"),
                 event(kMapStateEntered, 2, 1, 0, "Each"), part(kMapRunStarted, 3, 10),
                 event(kMapRunFailed, 4, 3, 50), event(kExecutionFailed, 5, 4, 50),
                 part(kExecutionRedriven, 6, 1'000), part(kMapRunRedriven, 7, 1'000),
                 event(kMapRunSucceeded, 8, 7, 1'100), event(kMapStateExited, 9, 8, 1'100, "Each"),
                 event(kExecutionSucceeded, 10, 9, 1'100, "", "{}")});
  const std::string tree = get("exec/tree", "arn=" + arn);
  EXPECT_THAT(tree, HasSubstr(R"("first":10000,"until":1000000)"));
  EXPECT_THAT(tree, HasSubstr(R"("first":10000,"kids":0)"));
}

}  // namespace
}  // namespace weft::api
