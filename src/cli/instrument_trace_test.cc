#include <fstream>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "asl/instrument.h"
#include "json/arena.h"
#include "json/parse.h"
#include "runtime/host.h"
#include "runtime/tasks.h"
#include "trace/context.h"
#include "trace/ids.h"

// What the edited definitions send is what Weft hands on by itself: the same trace, the same
// parent.

namespace weft::cli {
namespace {

// Compares each payload's context with the state visit that sent it.
class PayloadReader : public runtime::TaskRunner {
 public:
  explicit PayloadReader(std::string root) : root_(std::move(root)) {}

  void run(const runtime::TaskRequest& request, Done done) override {
    const std::string text = request.parameters.str();
    json::Arena arena;
    const auto parameters = json::parse(text, arena);
    const auto context = trace::context_of_input(parameters->find("Payload"));
    const std::string& state = request.program->state(request.state).name;
    const uint64_t parent = trace::span_of_attempt(request.execution_arn, state,
                                                   base::format_iso_ms(request.entered_ms), 0, 0);
    {
      const std::lock_guard lock(mutex_);
      const bool good =
          context && context->trace == trace::trace_of_root(root_) && context->span == parent;
      seen.push_back(state + (good ? " good" : " bad: " + text));
    }
    done(engine::TaskSucceeded{.scope = request.scope,
                               .task = request.task,
                               .output = base::Text(R"({"order":{"n":1}})")});
  }
  void cancel(const std::string&) override {}

  std::vector<std::string> seen;

 private:
  std::string root_;
  std::mutex mutex_;
};

TEST(InstrumentTrace, FunctionsInChildrenToo_FindTheirParent) {
  std::ifstream file(WEFT_SOURCE_DIR "/tests/instrument/layout.asl.json");
  std::ostringstream text;
  text << file.rdbuf();
  const auto edited = asl::instrument(std::move(text).str());
  ASSERT_TRUE(edited);
  const auto store = store::open_memory();
  PayloadReader functions(runtime::execution_arn({}, "m", "e"));
  auto host = runtime::Host::open({.shards = 1, .tasks = &functions}, *store, nullptr, nullptr);
  ASSERT_TRUE(host) << host.error().message;
  const auto machine =
      (*host)->create_state_machine({.name = "m", .definition = base::Text(edited->text)});
  ASSERT_TRUE(machine) << machine.error().message;
  const auto started = (*host)->start_execution({.machine_arn = machine->arn, .name = "e"});
  ASSERT_TRUE(started);
  ASSERT_TRUE((*host)->wait(started->arn, 20'000));
  const auto view = (*host)->query().execution(started->arn);
  EXPECT_EQ(view->status, history::ExecutionStatus::kSucceeded) << view->cause.value_or("");
  EXPECT_EQ(functions.seen, (std::vector<std::string>{"Call good", "Whole good", "Inner good",
                                                      "Work good", "Work good", "Work good"}));
}

}  // namespace
}  // namespace weft::cli
