#include "running/machines.h"

#include <future>

#include "running/host_fixture.h"
#include "running/task_callbacks.h"

namespace weft::running {
namespace {

using MachinesTest = HostTest;

std::string passes(const std::string& comment) {
  return fmt::format(R"({{"Comment":"{}","StartAt":"A","States":{{"A":{}}}}})", comment, kTask);
}

TEST_F(MachinesTest, Update_IsANewRevisionForThoseThatStartLater) {
  open();
  tasks_.hold();
  const std::string arn = create(passes("one"));
  const std::string early = start(arn, "1", "early");
  const auto updated =
      host_->update_state_machine({.arn = arn, .definition = base::Text(passes("two"))});
  ASSERT_TRUE(updated) << updated.error().message;
  EXPECT_EQ(updated->revision_id.size(), 36U);
  EXPECT_EQ(updated->role_arn, kRole);
  EXPECT_GE(updated->updated_ms, updated->created_ms);
  const std::string late = start(arn, "2", "late");
  const auto record = [&](const std::string& execution) {
    return *host_->query().execution_record(*host_->query().find_execution(execution));
  };
  EXPECT_NE(record(early).definition_hash, record(late).definition_hash);
  EXPECT_EQ(record(early).revision_id, "");
  EXPECT_EQ(record(late).revision_id, updated->revision_id);
  EXPECT_EQ(host_->query().definition(record(early).definition_hash)->view(), passes("one"));

  // What changes nothing is no revision.
  const auto same =
      host_->update_state_machine({.arn = arn, .definition = base::Text(passes("two"))});
  EXPECT_EQ(same->revision_id, updated->revision_id);
  const auto role = host_->update_state_machine({.arn = arn, .role_arn = "arn:aws:iam::1:role/r"});
  EXPECT_NE(role->revision_id, updated->revision_id);
  EXPECT_EQ(role->definition_hash, updated->definition_hash);
  tasks_.release_all();
  EXPECT_EQ(finish(early).status, history::ExecutionStatus::kSucceeded);
  EXPECT_EQ(finish(late).status, history::ExecutionStatus::kSucceeded);
}

TEST_F(MachinesTest, Update_KeepsWhatRunsOverARestart) {
  open();
  tasks_.hold();
  const std::string arn = create(machine("Old", fmt::format(R"("Old":{})", kTask)));
  const std::string execution = start(arn);
  ASSERT_TRUE(tasks_.wait_held(1));
  ASSERT_TRUE(host_->update_state_machine(
      {.arn = arn, .definition = base::Text(machine("New", R"("New":{"Type":"Fail"})"))}));
  host_.reset();
  FakeTasks again(echo);
  open(again);
  EXPECT_EQ(finish(execution).status, history::ExecutionStatus::kSucceeded);
}

TEST_F(MachinesTest, Update_Refuses) {
  open();
  const std::string arn = create(passes("one"));
  const auto unknown = host_->update_state_machine({.arn = arn + "2"});
  EXPECT_EQ(unknown.error().code, base::ErrorCode::kStateMachineDoesNotExist);
  const auto version = host_->update_state_machine({.arn = arn + ":1"});
  EXPECT_EQ(version.error().code, base::ErrorCode::kStateMachineDoesNotExist);
  const auto bad = host_->update_state_machine({.arn = arn, .definition = base::Text("{}")});
  EXPECT_EQ(bad.error().code, base::ErrorCode::kInvalidDefinition);
  EXPECT_EQ(host_->query().machine(arn)->revision_id, "");
}

TEST_F(MachinesTest, Tags_ChangeAndHaveALimit) {
  open();
  const std::string arn = create(passes("one"));
  using records::Tags;
  const auto tags = [&] { return host_->query().machine(arn)->tags; };
  ASSERT_TRUE(host_->change_tags(arn, {.set = {{"a", "1"}, {"b", "2"}, {"a", "3"}}}));
  EXPECT_EQ(tags(), (Tags{{"a", "3"}, {"b", "2"}}));
  ASSERT_TRUE(host_->change_tags(arn, {.removed = {"a", "none"}}));
  EXPECT_EQ(tags(), (Tags{{"b", "2"}}));
  records::TagChange many;
  for (int i = 0; i < 50; ++i) many.set.emplace_back(fmt::format("k{}", i), "");
  const auto refused = host_->change_tags(arn, many);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().name, "TooManyTags");
  EXPECT_EQ(tags().size(), 1U);
  many.set.pop_back();
  EXPECT_TRUE(host_->change_tags(arn, many));
  // An update keeps them.
  ASSERT_TRUE(host_->update_state_machine({.arn = arn, .definition = base::Text(passes("two"))}));
  EXPECT_EQ(tags().size(), 50U);
  const auto nothing = host_->change_tags(arn + ":1", {});
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().error.message, "Resource not found: '" + arn + ":1'");
}

TEST_F(MachinesTest, Tags_OfAnActivity) {
  open();
  const auto activity = host_->task_callbacks()->create_activity("a", {{"k", "v"}});
  ASSERT_TRUE(activity);
  ASSERT_TRUE(host_->change_tags(activity->arn, {.set = {{"l", "w"}}, .removed = {"k"}}));
  EXPECT_EQ(host_->task_callbacks()->create_activity("a", {})->tags, (records::Tags{{"l", "w"}}));
  EXPECT_FALSE(host_->change_tags(activity->arn + "x", {}));
}

// ---- tasks of no execution

integrations::TaskRequest lone_task(const std::string& id, const std::string& parameters) {
  auto compiled = asl::compile(base::Text(machine("A", fmt::format(R"("A":{})", kTask))));
  return {.request_id = id, .program = compiled.program, .parameters = base::Text(parameters)};
}

TEST_F(MachinesTest, RunTask_TellsHowItEnded) {
  open();
  std::promise<base::Result<std::optional<engine::Input>>> told;
  host_->run_task(lone_task("r", "[1]"), std::chrono::seconds(60),
                  [&](auto outcome) { told.set_value(std::move(outcome)); });
  const auto outcome = told.get_future().get();
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_EQ(std::get<engine::TaskSucceeded>(**outcome).output.view(), "[1]");
}

TEST_F(MachinesTest, RunTask_GivesUpWhatTakesTooLong) {
  open();
  tasks_.hold();
  std::promise<base::Result<std::optional<engine::Input>>> told;
  host_->run_task(lone_task("r", "1"), std::chrono::milliseconds(0),
                  [&](auto outcome) { told.set_value(std::move(outcome)); });
  const auto outcome = told.get_future().get();
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(*outcome);
  EXPECT_TRUE(tasks_.wait_cancelled(1));
  // Nobody waits for one that is out when the host goes.
  host_->run_task(lone_task("s", "1"), std::chrono::hours(1), [](auto) { FAIL(); });
  ASSERT_TRUE(tasks_.wait_held(1));
  host_.reset();
}

}  // namespace
}  // namespace weft::running
