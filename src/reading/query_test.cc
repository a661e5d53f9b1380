#include "reading/query.h"

#include <functional>
#include <memory>
#include <optional>

#include <gtest/gtest.h>

#include "history/codec.h"

namespace weft::reading {
namespace {

using history::ChildRow;
using history::Event;
using history::EventType;
using history::ExecutionKey;
using history::ExecutionStatus;
using store::Family;

const std::string kMachine = "arn:aws:states:us-east-1:000000000000:stateMachine:m";

// A store with one state machine, `executions` executions of it, and a Map Run of the first one.
class QueryTest : public testing::Test {
 protected:
  void put(Family family, std::string key, std::string value) {
    store::Batch batch;
    batch.put(family, std::move(key), std::move(value));
    ASSERT_TRUE(store_->commit(std::move(batch)));
  }
  void put_turn(ExecutionKey key, uint32_t number, std::vector<Event> events) {
    std::string bytes;
    history::encode_turn({std::move(events)}, bytes);
    put(Family::kTurn, records::turn_key(key, number), bytes);
  }
  void put_execution(uint64_t sequence, ExecutionStatus status) {
    const std::string name = "e" + std::to_string(sequence);
    const records::ExecutionRecord record{.key = {0, sequence},
                                          .name = name,
                                          .arn = arn::execution_arn(identity_, "m", name),
                                          .machine_name = "m",
                                          .machine_arn = kMachine,
                                          .status = status,
                                          .start_ms = 1000 + static_cast<int64_t>(sequence)};
    put(Family::kExecution, records::execution_key(record.key), records::encode(record));
    put(Family::kName, records::name_key("m", name), records::execution_key(record.key));
  }
  void put_map_run(uint64_t number) {
    const arn::ChildNames names(kKey);
    const records::MapRunRecord record{
        .number = number,
        .arn = arn::map_run_arn(identity_, "m", "lbl", names.map_run_uuid(number)),
        .parent = {0, 1},
        .label = "lbl",
        .machine_name = "m"};
    put(Family::kMapRun, records::map_run_key(number), records::encode(record));
    put(Family::kExecutionMapRun, records::execution_map_run_key({0, 1}, number), "");
  }
  void put_rows(uint64_t run, uint64_t chunk, std::vector<ChildRow> rows) {
    std::string bytes;
    for (const ChildRow& row : rows) history::encode_row(row, bytes);
    put(Family::kRow, records::row_key(run, chunk), bytes);
  }
  void SetUp() override {
    std::string key;
    store::append_u64(key, kKey);
    put(Family::kMeta, "child-name-key", key);
  }
  Query query() const { return Query(*store_, identity_); }

  static constexpr uint64_t kKey = 0xFEEDFACE;
  arn::Home identity_;
  std::unique_ptr<store::Store> store_ = store::open_memory();
};

Event event(EventType type, uint64_t id, int64_t time, std::string text = "") {
  Event result{.type = type, .id = id, .time_ms = time};
  if (!text.empty()) result.text = base::Text(std::move(text));
  return result;
}

TEST_F(QueryTest, UnknownThings_GiveAwsErrors) {
  const Query q = query();
  EXPECT_EQ(q.machine(kMachine).error().message,
            "State Machine Does Not Exist: '" + kMachine + "'");
  const std::string execution = "arn:aws:states:us-east-1:000000000000:execution:m:x";
  EXPECT_EQ(q.execution(execution).error().message,
            "Execution Does Not Exist: '" + execution + "'");
  EXPECT_EQ(q.execution("arn:aws:states:us-east-1:000000000000:express:m:x:y").error().message,
            "Execution Does Not Exist: 'arn:aws:states:us-east-1:000000000000:express:m:x:y'");
  EXPECT_EQ(q.map_run("arn:aws:states:us-east-1:000000000000:mapRun:m/l:x").error().code,
            base::ErrorCode::kResourceNotFound);
}

TEST_F(QueryTest, Machines_ArePagedByName) {
  for (const char* name : {"c", "a", "b"}) {
    put(Family::kMachine, name, records::encode(records::MachineRecord{.name = name}));
  }
  const auto first = query().machines(2, "");
  ASSERT_TRUE(first);
  ASSERT_EQ(first->rows.size(), 2u);
  EXPECT_EQ(first->rows[0].name, "a");
  const auto second = query().machines(2, first->next_token);
  ASSERT_EQ(second->rows.size(), 1u);
  EXPECT_EQ(second->rows[0].name, "c");
  EXPECT_EQ(second->next_token, "");
}

TEST_F(QueryTest, Execution_TakesInputAndOutcomeFromItsEvents) {
  put_execution(1, ExecutionStatus::kSucceeded);
  put_turn({0, 1}, 0, {event(EventType::kExecutionStarted, 1, 1001, "{ \"a\": 1 }")});
  put_turn({0, 1}, 1, {event(EventType::kPassStateEntered, 2, 1002)});
  put_turn({0, 1}, 2, {event(EventType::kExecutionSucceeded, 4, 1009, "[2]")});
  const auto view = query().execution(arn::execution_arn(identity_, "m", "e1"));
  ASSERT_TRUE(view);
  EXPECT_EQ(view->name, "e1");
  EXPECT_EQ(view->machine_arn, kMachine);
  EXPECT_EQ(view->input.view(), "{ \"a\": 1 }");
  EXPECT_EQ(view->output.view(), "[2]");
  EXPECT_EQ(view->status, ExecutionStatus::kSucceeded);
  EXPECT_EQ(view->start_ms, 1001);
  EXPECT_EQ(view->stop_ms, 1009);
  const auto events = query().events({0, 1});
  ASSERT_TRUE(events);
  EXPECT_EQ(events->size(), 3u);
}

TEST_F(QueryTest, Executions_NewestFirstFilteredAndPaged) {
  for (uint64_t i = 1; i <= 6; ++i) {
    put_execution(i, i % 2 == 0 ? ExecutionStatus::kFailed : ExecutionStatus::kRunning);
  }
  const auto first = query().executions(kMachine, ExecutionStatus::kFailed, 2, "");
  ASSERT_TRUE(first);
  ASSERT_EQ(first->rows.size(), 2u);
  EXPECT_EQ(first->rows[0].name, "e6");
  EXPECT_EQ(first->rows[1].name, "e4");
  const auto second = query().executions(kMachine, ExecutionStatus::kFailed, 2, first->next_token);
  ASSERT_EQ(second->rows.size(), 1u);
  EXPECT_EQ(second->rows[0].name, "e2");
  EXPECT_TRUE(second->next_token.empty());
  EXPECT_EQ(query().executions("", std::nullopt, 10, "")->rows.size(), 6u);
  EXPECT_TRUE(query().executions(kMachine + "2", std::nullopt, 10, "")->rows.empty());
  EXPECT_EQ(query().executions(kMachine, std::nullopt, 2, "no token!").error().code,
            base::ErrorCode::kInvalidToken);
}

TEST_F(QueryTest, Child_IsFoundByItsArnAlone) {
  put_execution(1, ExecutionStatus::kRunning);
  put_map_run(3);
  const Query q = query();
  Event failed = event(EventType::kExecutionFailed, 3, 2005);
  failed.error = "Boom";
  put_turn({3, 17}, 0, {event(EventType::kExecutionStarted, 1, 2000, "7"), failed});
  const auto run = q.map_run(3);
  ASSERT_TRUE(run);
  const std::string arn = q.child_arn(*run, 17);
  EXPECT_EQ(arn, arn::execution_arn(identity_, "m/lbl", q.child_names().name({3, 17})));
  const auto view = q.execution(arn);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->machine_arn, kMachine + "/lbl");
  EXPECT_EQ(view->map_run_arn, run->arn);
  EXPECT_EQ(view->status, ExecutionStatus::kFailed);
  EXPECT_EQ(view->error, "Boom");
  EXPECT_EQ(view->input.view(), "7");
  EXPECT_EQ(q.map_run(run->arn)->number, 3u);
  EXPECT_EQ(*q.child_called(q.child_names().name({3, 17})), arn);
  EXPECT_EQ(*q.child_called(q.child_names().name({4, 17})), std::nullopt) << "no such Map Run";
  // A child that never started, and one of a machine with another label.
  EXPECT_EQ(q.execution(q.child_arn(*run, 18)).error().code,
            base::ErrorCode::kExecutionDoesNotExist);
  EXPECT_FALSE(
      q.execution(arn::execution_arn(identity_, "m/other", q.child_names().name({3, 17}))));
}

// As on AWS nothing is known here of another Region, account or partition.
TEST_F(QueryTest, WhatIsElsewhere_DoesNotExist) {
  put_execution(1, ExecutionStatus::kRunning);
  put_map_run(3);
  put_turn({3, 17}, 0, {event(EventType::kExecutionStarted, 1, 2000, "7")});
  put(Family::kMachine, "m", records::encode(records::MachineRecord{.name = "m", .arn = kMachine}));
  const Query q = query();
  const std::string run = q.map_run(3)->arn;
  const std::string execution = arn::execution_arn(identity_, "m", "e1");
  const std::string child = q.child_arn(*q.map_run(3), 17);
  ASSERT_TRUE(q.machine(kMachine) && q.execution(execution) && q.execution(child) &&
              q.map_run(run));
  const std::string here = identity_.region + ":" + identity_.account;
  for (const std::string& there :
       {"eu-west-1:" + identity_.account, identity_.region + ":123456789012"}) {
    const auto moved = [&](std::string arn) {
      return arn.replace(arn.find(here), here.size(), there);
    };
    EXPECT_EQ(q.machine(moved(kMachine)).error().code, base::ErrorCode::kStateMachineDoesNotExist);
    EXPECT_EQ(q.execution(moved(execution)).error().code, base::ErrorCode::kExecutionDoesNotExist);
    EXPECT_EQ(q.execution(moved(child)).error().code, base::ErrorCode::kExecutionDoesNotExist);
    EXPECT_EQ(q.map_run(moved(run)).error().code, base::ErrorCode::kResourceNotFound);
  }
}

TEST_F(QueryTest, MapRuns_AreThoseOfTheirParent) {
  put_map_run(3);
  put_map_run(5);
  const auto runs = query().map_runs({0, 1});
  ASSERT_TRUE(runs);
  ASSERT_EQ(runs->size(), 2u);
  EXPECT_EQ((*runs)[0].number, 3u);
  EXPECT_EQ(query().map_runs({0, 2})->size(), 0u);
}

TEST_F(QueryTest, Children_LastFinishedFirstAcrossChunks) {
  put_map_run(3);
  put_map_run(4);
  put_rows(3, 0, {{.index = 0, .start_ms = 10, .duration_us = 5000}, {.index = 1}, {.index = 2}});
  put_rows(3, 1, {{.index = 4, .status = ExecutionStatus::kFailed}, {.index = 3, .items = 9}});
  put_rows(4, 0, {{.index = 77}});
  const Query q = query();
  const std::string arn = q.map_run(3)->arn;
  std::vector<uint64_t> indexes;
  std::string token;
  int pages = 0;
  do {
    const auto page = q.children(arn, std::nullopt, 2, token);
    ASSERT_TRUE(page);
    for (const auto& row : page->rows) indexes.push_back(row.key.index);
    token = page->next_token;
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(indexes, (std::vector<uint64_t>{3, 4, 2, 1, 0}));
  EXPECT_EQ(pages, 3);
  const auto failed = q.children(arn, ExecutionStatus::kFailed, 10, "");
  ASSERT_EQ(failed->rows.size(), 1u);
  EXPECT_EQ(failed->rows[0].name, q.child_names().name({3, 4}));
  EXPECT_EQ(q.children(arn, std::nullopt, 2, "x").error().code, base::ErrorCode::kInvalidToken);
  std::vector<uint64_t> in_order;
  ASSERT_TRUE(q.rows(3, [&](const ChildRow& row) {
    in_order.push_back(row.index);
    return row.index != 4;
  }));
  EXPECT_EQ(in_order, (std::vector<uint64_t>{0, 1, 2, 4}));
}

// An entry as a damaged disk or another server may give it, and the question that meets it.
struct Damage {
  std::string name;
  Family family;
  std::string key;
  std::string value;
  std::function<std::optional<base::Error>(const Query&)> ask;
};

template <typename T>
std::optional<base::Error> error_of(const base::Result<T>& answer) {
  return answer ? std::nullopt : std::optional(answer.error());
}

std::string one_row() {
  std::string bytes;
  history::encode_row({.index = 3}, bytes);
  return bytes;
}

std::string one_turn() {
  std::string bytes;
  history::encode_turn({{event(EventType::kExecutionStarted, 1, 5)}}, bytes);
  return bytes;
}

std::vector<Damage> damages() {
  const auto rows = [](const Query& q) { return error_of(q.rows(5, [](auto&) { return true; })); };
  const auto chunks = [](const Query& q) {
    return error_of(q.row_chunks(5, 0, [](auto, auto) { return true; }));
  };
  const auto children = [](const Query& q) {
    return error_of(q.children(q.map_run(5)->arn, std::nullopt, 9, ""));
  };
  const auto turns = [](const Query& q) {
    return error_of(q.turns(5, [](auto, auto&) { return true; }));
  };
  const auto logs = [](const Query& q) { return error_of(q.next_log_lines({5, 0}, {6, 0})); };
  const std::string run = records::map_run_key(5);
  return {
      {"row_key_cut", Family::kRow, run + "x", one_row(), chunks},
      {"row_key_cut_of_a_page", Family::kRow, run + "x", one_row(), children},
      {"row_key_long", Family::kRow, records::row_key(5, 1) + "x", one_row(), chunks},
      {"row_cut", Family::kRow, records::row_key(5, 1), one_row().substr(1), rows},
      {"turn_key_cut", Family::kTurn, run + "xyz", one_turn(), turns},
      {"turn_foreign", Family::kTurn, records::turn_key({5, 0}, 0), "\xFF\xFF", turns},
      {"log_key_cut", Family::kLog, run + "xyz", "", logs},
      {"log_foreign", Family::kLog, records::detail_place_key({5, 1}, 1), "\x0A\xFF", logs},
      {"span_foreign", Family::kSpan, records::detail_place_key({0, 1}, 1), "\x0A\xFF",
       [](const Query& q) { return error_of(q.inner_spans({0, 1})); }},
      {"map_run_of_an_execution_cut", Family::kExecutionMapRun,
       records::execution_key({0, 1}) + "x", "",
       [](const Query& q) { return error_of(q.map_runs({0, 1})); }},
      {"map_run_of_a_child_cut", Family::kExecutionMapRun, run + "x", "",
       [](const Query& q) { return error_of(q.map_runs_of_children(5, 10)); }},
      {"slice_foreign", Family::kSlice, records::slice_key(5, 0), "no zstd",
       [](const Query& q) { return error_of(q.child_inputs(5, [](auto, auto) { return true; })); }},
      {"name_cut", Family::kName, records::name_key("m", "e1"), "x",
       [](const Query& q) {
         return error_of(q.find_execution(arn::execution_arn({}, "m", "e1")));
       }},
      {"name_long", Family::kName, records::name_key("m", "e1"), std::string(17, 'x'),
       [](const Query& q) {
         return error_of(q.find_execution(arn::execution_arn({}, "m", "e1")));
       }},
      {"request_cut", Family::kName, records::request_key("r"), "1234567",
       [](const Query& q) { return error_of(q.find_request("r")); }},
      {"outer_cut", Family::kName, records::imported_nested_key("arn"), "1234567",
       [](const Query& q) { return error_of(q.imported_outer("arn")); }},
      {"record_foreign", Family::kExecution, records::execution_key({0, 1}), "[]",
       [](const Query& q) { return error_of(q.executions("", std::nullopt, 9, "")); }},
      {"machine_foreign", Family::kMachine, "m", "{",
       [](const Query& q) { return error_of(q.machines(9, "")); }},
  };
}

TEST_F(QueryTest, DamagedEntries_AreStorageErrorsAndNeverAnAbort) {
  for (const Damage& damage : damages()) {
    SCOPED_TRACE(damage.name);
    store_ = store::open_memory();
    SetUp();
    put_execution(1, ExecutionStatus::kRunning);
    put_map_run(5);
    put(damage.family, damage.key, damage.value);
    const auto error = damage.ask(query());
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, base::ErrorCode::kStorage) << error->message;
    EXPECT_EQ(error->message.find('\n'), std::string::npos);
    EXPECT_GT(error->message.size(), 20u) << error->message;
  }
}

}  // namespace
}  // namespace weft::reading
