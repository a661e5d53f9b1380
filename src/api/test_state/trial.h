#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/test_state/mock.h"
#include "api/test_state/request.h"
#include "api/test_state/subject.h"
#include "arn/arn.h"
#include "engine/test_state.h"
#include "integrations/task.h"
#include "json/arena.h"

namespace weft::api {

// One test of one state, from its entry to what came of it. Made, prepare(), begin(), then end()
// while it is at work, and answer(). One thread at a time.
class Trial : private engine::MapRunIds, private engine::TaskTokens {
 public:
  Trial(TestRequest request, const arn::Home& home);

  // Finds the state and checks all that can be wrong before it runs; nothing else may be called
  // when it fails.
  std::expected<void, aws::Fault> prepare();
  // Enters the state. ValidationException for what only its items tell.
  std::expected<void, aws::Fault> begin();
  // Whether its work is to be done: by a task, or by the mock.
  bool is_at_work() const { return engine::is_at_work(state_); }
  // Ends the work as the mock says, or a Wait's at once.
  void end_as_mocked();
  // The task to be run when nothing is mocked, and how long it may take, in milliseconds.
  integrations::TaskRequest task() const;
  int64_t task_limit_ms() const;
  // Nothing: it took too long.
  void end(std::optional<engine::Input> outcome);

  bool needs_task() const { return is_at_work() && !request_.mock && subject_.resource(); }
  // The JSON text of TestState's answer.
  std::string answer() const;

 private:
  engine::Surroundings surroundings();
  void take(engine::Decision decision);
  std::expected<void, aws::Fault> read_variables();
  void add_items(json::Value items);
  void shape_items();
  void count_items(const history::Event& started);
  bool exceeds_tolerance() const;

  // engine::MapRunIds, TaskTokens: nothing of a test is a Map Run or waits for a token.
  std::pair<uint64_t, std::string> next_map_run(const engine::Identity& /*identity*/,
                                                const std::string& /*label*/) override {
    return {1, {}};
  }
  std::string map_run_arn(const std::string& /*label*/, uint64_t /*number*/) const override {
    return {};
  }
  std::string token(uint32_t /*task*/) const override { return {}; }
  bool activity_exists(std::string_view /*arn*/) const override { return true; }

  friend class TrialAnswer;

  const TestRequest request_;
  engine::Identity identity_;
  json::Arena arena_;
  TestSubject subject_;
  engine::ExecutionState state_;
  engine::Inspection inspection_;
  std::vector<std::pair<std::string, base::Text>> variables_;
  std::optional<ReaderItems> reader_items_;
  std::shared_ptr<integrations::HttpExchange> exchange_;
  bool timed_out_ = false;

  // What the events and actions said.
  std::vector<history::Event> events_;
  std::optional<engine::InvokeTask> invoke_;
  std::optional<engine::StartMapRun> map_run_;
  std::optional<uint64_t> items_;  // how many a Map state has
  std::optional<base::Text> items_text_;
  std::optional<base::Text> selected_;  // after the ItemSelector
  std::optional<base::Text> batched_;   // after the ItemBatcher
};

}  // namespace weft::api
