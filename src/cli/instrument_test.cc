// What instrumented definitions send, evaluated by this program's own JSONata, is read back as the
// trace and parent that the published vectors name (tests/instrument/evaluated.json).
#include "asl/instrument.h"

#include <algorithm>
#include <deque>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "asl/compile.h"
#include "asl/evaluate.h"
#include "json/arena.h"
#include "json/build.h"
#include "json/parse.h"
#include "json/write.h"
#include "trace/context.h"

namespace weft {
namespace {

using json::Value;

class GivenContext : public asl::ContextSource {
 public:
  explicit GivenContext(Value context) : context_(context) {}
  Value context(json::Arena&) override { return context_; }

 private:
  Value context_;
};

class InstrumentedTask : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(WEFT_SOURCE_DIR "/tests/instrument/evaluated.json");
    std::ostringstream text;
    text << file.rdbuf();
    const Value cases = parsed(std::move(text).str());
    contexts_ = cases.find("contexts");
    tasks_ = cases.find("tasks");
    ASSERT_EQ(contexts_.size(), 9u);
    ASSERT_EQ(tasks_.size(), 17u);
  }

  // Values point into the text they came from.
  Value parsed(std::string text) {
    const auto value = json::parse(texts_.emplace_back(std::move(text)), arena_);
    EXPECT_TRUE(value) << texts_.back();
    return value.value_or(Value());
  }

  // What `carrier` brings to its reader: a function's event, an event's detail, a message's
  // attributes (libraries parse StringValue and take it for `_datadog`).
  Value read(Value carrier) {
    const Value attribute = carrier.find("_datadog").find("StringValue");
    if (!attribute.is_string()) return carrier;
    EXPECT_EQ(carrier.find("_datadog").find("DataType").as_string(), "String");
    return parsed(fmt::format(R"({{"_datadog":{}}})", attribute.as_string()));
  }

  // The Arguments of the Task `T` of a definition, instrumented, as it is sent in `context`.
  Value sent(const std::string& definition, Value context) {
    const auto result = asl::instrument(definition);
    EXPECT_TRUE(result && result->edits > 0);
    const auto again = asl::instrument(result->text);
    EXPECT_EQ(again->text, result->text);
    programs_.push_back(asl::compile(base::Text(result->text)));
    for (const asl::Diagnostic& finding : programs_.back().diagnostics) {
      ADD_FAILURE() << finding.location << " " << finding.message;
    }
    const auto& states = programs_.back().program->states;
    const auto task = std::ranges::find(states, "T", &asl::State::name);
    GivenContext given(context);
    asl::Evaluation evaluation(arena_, environment_, given, task->language);
    evaluation.set_input({.value = parsed(R"({"given":[1,2]})")});
    const auto value = evaluation.evaluate(*std::get<asl::TaskState>(task->body).arguments);
    EXPECT_TRUE(value) << value.error().cause;
    return value.value_or(Value());
  }

  json::Arena arena_;
  std::deque<std::string> texts_;
  asl::Environment environment_;
  Value contexts_;
  Value tasks_;
  std::vector<asl::CompileResult> programs_;  // own the literals
};

// The member at names and positions.
Value at(Value value, std::string_view path) {
  std::istringstream names{std::string(path)};
  for (std::string name; std::getline(names, name, '/');) {
    value = value.is_array() ? value.item(std::stoul(name)) : value.find(name);
  }
  return value;
}

std::string task_of(Value test) {
  return fmt::format(
      R"({{"Type":"Task","Resource":"arn:aws:states:::{}","Arguments":{},"End":true}})",
      test.find("resource").as_string(), json::to_text(test.find("arguments")));
}

std::string block(const std::string& name, const std::string& state) {
  return fmt::format(R"({{"StartAt":"{0}","States":{{"{0}":{1}}}}})", name, state);
}

std::string machine(const std::string& name, const std::string& state) {
  return R"({"QueryLanguage":"JSONata",)" + block(name, state).substr(1);
}

void expect_context(Value carried, Value context) {
  const Value header = carried.find("traceparent");
  const Value text = header.is_array() ? header.item(0) : header;
  const auto found = text.is_string() ? trace::context_of_traceparent(text.as_string())
                                      : trace::context_of_input(carried);
  ASSERT_TRUE(found) << json::to_text(carried);
  EXPECT_EQ(std::to_string(found->trace.low), context.find("low").as_string());
  EXPECT_EQ(trace::hex_of(found->trace.high), context.find("high").as_string());
  EXPECT_EQ(std::to_string(found->span), context.find("span").as_string());
  if (text.is_string()) return;
  const Value datadog = carried.find("_datadog");
  EXPECT_EQ(datadog.find("serverless-version").as_string(), "v1");
  EXPECT_TRUE(datadog.find("Execution").find("Input").is_undefined());
}

// A value without the members that were added.
Value without_trace(Value value, json::Arena& arena) {
  if (value.is_array()) {
    json::ArrayBuilder items(arena);
    for (uint32_t i = 0; i < value.size(); ++i) items.push(without_trace(value.item(i), arena));
    return items.finish();
  }
  if (!value.is_object()) return value;
  json::ObjectBuilder members(arena);
  for (uint32_t i = 0; i < value.size(); ++i) {
    if (value.key(i) != "_datadog" && value.key(i) != "traceparent") {
      members.add(value.key(i), without_trace(value.member(i), arena));
    }
  }
  return members.finish();
}

TEST_F(InstrumentedTask, Arguments_CarryTheTraceOfTheVectors) {
  for (uint32_t i = 0; i < tasks_.size(); ++i) {
    const Value test = tasks_.item(i);
    for (uint32_t k = 0; k < contexts_.size(); ++k) {
      const Value context = contexts_.item(k);
      SCOPED_TRACE(fmt::format("{} of {}", json::to_text(test.find("arguments")),
                               context.find("name").as_string()));
      const Value arguments = sent(machine("T", task_of(test)), context);
      const Value carriers = test.find("carriers");
      for (uint32_t n = 0; n < carriers.size(); ++n) {
        expect_context(read(at(arguments, carriers.item(n).as_string())), context);
      }
      if (carriers.size() == 0) {
        EXPECT_EQ(json::to_text(arguments).find("_datadog"), std::string::npos);
      }
      if (const Value kept = test.find("kept"); kept.is_object()) {
        EXPECT_EQ(json::to_text(without_trace(arguments, arena_)), json::to_text(kept));
      }
    }
  }
}

TEST_F(InstrumentedTask, InsideMapAndParallel_CarriesTheSame) {
  const Value context = contexts_.item(0);
  for (uint32_t i = 0; i < tasks_.size(); ++i) {
    const Value test = tasks_.item(i);
    const std::string inner = block("T", task_of(test));
    const std::string map =
        fmt::format(R"({{"Type":"Map","Items":[1],"ItemProcessor":{},"End":true}})", inner);
    const std::string parallel =
        fmt::format(R"({{"Type":"Parallel","Branches":[{}],"End":true}})", block("M", map));
    const Value plain = sent(machine("T", task_of(test)), context);
    EXPECT_EQ(json::to_text(sent(machine("P", parallel), context)), json::to_text(plain));
  }
}

}  // namespace
}  // namespace weft
