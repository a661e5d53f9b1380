#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "asl/compile.h"
#include "json/parse.h"
#include "json/write.h"
#include "maprun/configuration.h"
#include "maprun/map_run.h"

// The cases of tests/maprun/tolerance.json: so many items, what the Map Run was configured with,
// and how its children end one after the other: S succeeded, F failed, T timed out, A aborted, *
// all the others succeeded. With "error" the last of them ends the run, and none before it.

namespace weft::maprun {
namespace {

using history::ExecutionStatus;

std::shared_ptr<const asl::Program> without_selector() {
  static const auto compiled = asl::compile(base::Text(
      R"({"QueryLanguage":"JSONata","StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{)"
      R"("ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}})"));
  return compiled.program;
}

struct Run {
  explicit Run(Configuration configuration)
      : items(configuration.items), machine(std::move(configuration), without_selector(), 0, 0) {
    take(machine.begin());
    take(machine.on(PageRead{.items = items, .last = true}));
  }
  void take(const Reaction& reaction) {
    for (const Action& action : reaction.actions) {
      if (std::holds_alternative<StartChild>(action)) ++started;
      stopped |= std::holds_alternative<StopChildren>(action);
      if (const auto* end = std::get_if<Finish>(&action)) finish = *end;
    }
  }
  void end_child(ExecutionStatus status) { take(machine.on(ChildEnded{ended++, status})); }

  std::vector<base::Text> items;
  MapRun machine;
  uint64_t started = 0;
  uint64_t ended = 0;
  bool stopped = false;
  std::optional<Finish> finish;
};

Configuration configuration_of(const json::Value& one) {
  std::string items;
  for (int64_t i = 0; i < one.find("items").as_int(); ++i)
    items += fmt::format("{}{}", i == 0 ? "" : ",", i);
  const std::string more = json::to_text(one.find("configuration"));
  return *parse_configuration(base::Text(fmt::format(
      R"({{"source":"state","items":[{}]{}{})", items, more == "{}" ? "" : ",", more.substr(1))));
}

ExecutionStatus status_of(char letter) {
  switch (letter) {
    case 'F':
      return ExecutionStatus::kFailed;
    case 'T':
      return ExecutionStatus::kTimedOut;
    case 'A':
      return ExecutionStatus::kAborted;
    default:
      return ExecutionStatus::kSucceeded;
  }
}

void check(const json::Value& one) {
  SCOPED_TRACE(std::string(one.find("name").as_string()));
  Run run(configuration_of(one));
  for (const char letter : one.find("ends").as_string()) {
    ASSERT_FALSE(run.stopped || run.finish) << "ended after " << run.ended << " children";
    if (letter != '*') run.end_child(status_of(letter));
    while (letter == '*' && run.ended < run.started) run.end_child(ExecutionStatus::kSucceeded);
  }
  const bool fails = one.find("error").is_bool();
  EXPECT_EQ(run.stopped, fails && run.ended < run.started);
  while (run.ended < run.started && run.stopped) run.end_child(ExecutionStatus::kAborted);
  ASSERT_TRUE(run.finish);
  EXPECT_EQ(run.finish->status, fails ? Finish::Status::kFailed : Finish::Status::kSucceeded);
  EXPECT_EQ(run.finish->error, fails ? "States.ExceedToleratedFailureThreshold" : "");
  EXPECT_EQ(run.finish->cause,
            fails ? "The specified tolerated failure threshold was exceeded" : "");
}

TEST(Tolerance, Cases) {
  std::ifstream in(WEFT_SOURCE_DIR "/tests/maprun/tolerance.json");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  json::Arena arena;
  const auto cases = json::parse(text, arena);
  ASSERT_TRUE(cases);
  ASSERT_GE(cases->size(), 20u);
  for (uint32_t i = 0; i < cases->size(); ++i) check(cases->item(i));
}

}  // namespace
}  // namespace weft::maprun
