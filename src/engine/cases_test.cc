#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "asl/compile.h"
#include "base/data_cases.h"
#include "engine/case_runner.h"
#include "json/parse.h"
#include "json/write.h"
#include "trace/project.h"

// The cases of tests/engine/*.json: a definition, an input, a script of what the world answers, and
// the outcome with its events. Every case runs twice: straight on, and with the state rebuilt from
// stored bytes after every turn. The format is told in tests/engine/README.md.

namespace weft::engine {
namespace {

struct CaseFile {
  std::string name;
  std::string text;
  json::Arena arena;
  json::Value cases;
};

const std::vector<std::unique_ptr<CaseFile>>& files() {
  static const auto all = [] {
    std::vector<std::unique_ptr<CaseFile>> result;
    for (const auto& entry : std::filesystem::directory_iterator(WEFT_SOURCE_DIR "/tests/engine")) {
      if (entry.path().extension() != ".json") continue;
      auto file = std::make_unique<CaseFile>();
      std::ostringstream text;
      text << std::ifstream(entry.path()).rdbuf();
      file->name = entry.path().stem().string();
      file->text = text.str();
      auto parsed = json::parse(file->text, file->arena);
      if (!parsed) {
        base::register_case("EngineCases", file->name,
                            [error = parsed.error().message] { FAIL() << error; });
        continue;
      }
      file->cases = *parsed;
      result.push_back(std::move(file));
    }
    std::ranges::sort(result, {}, [](const auto& file) { return file->name; });
    return result;
  }();
  return all;
}

std::string text_of(json::Value value) { return json::to_text(value); }

std::vector<std::string> strings_of(json::Value list) {
  std::vector<std::string> out;
  for (uint32_t i = 0; i < list.size(); ++i) out.emplace_back(list.item(i).as_string());
  return out;
}

// {"bytes": n} stands for a JSON string of n bytes, quotes included.
std::string payload_of(json::Value step, const char* member) {
  const json::Value value = step.find(member);
  const json::Value bytes = step.find("bytes");
  if (value.is_undefined() && bytes.is_number())
    return '"' + std::string(static_cast<size_t>(bytes.as_int()) - 2, 'x') + '"';
  return text_of(value);
}

std::optional<std::string> optional_string(json::Value value) {
  if (!value.is_string()) return std::nullopt;
  return std::string(value.as_string());
}

void play_task(CaseRunner& runner, json::Value step) {
  const std::string state(step.find("task").as_string());
  if (const json::Value parameters = step.find("parameters"); !parameters.is_undefined()) {
    EXPECT_EQ(runner.parameters_of(state), text_of(parameters));
  }
  const json::Value error = step.find("error");
  const bool too_large = step.find("too_large").as_bool();
  const bool known = error.is_string() || too_large
                         ? runner.fail(state, {.error = std::string(error.as_string()),
                                               .cause = std::string(step.find("cause").as_string()),
                                               .too_large = too_large})
                         : runner.succeed(state, payload_of(step, "output"));
  EXPECT_TRUE(known) << "no open task of state " << state;
}

void play_submission(CaseRunner& runner, json::Value step) {
  const std::string state(step.find("submitted").as_string());
  EXPECT_TRUE(runner.submit(state, text_of(step.find("output")))) << "no open task of " << state;
}

void play_map_run(CaseRunner& runner, json::Value step) {
  const json::Value run = step.find("map_run");
  if (const json::Value expected = run.find("configuration"); !expected.is_undefined()) {
    EXPECT_EQ(runner.configuration_of_map_run(), text_of(expected));
  }
  MapRunClosed closed;
  if (run.find("error").is_string()) {
    closed.status = history::ExecutionStatus::kFailed;
    closed.error = run.find("error").as_string();
    closed.cause = run.find("cause").as_string();
  } else if (run.find("too_large").as_bool()) {
    closed.result = base::Text();
  } else {
    closed.result = base::Text(payload_of(run, "result"));
  }
  EXPECT_TRUE(runner.end_map_run(std::move(closed))) << "no open Map Run";
}

void play(CaseRunner& runner, json::Value step) {
  if (step.find("task").is_string()) {
    play_task(runner, step);
  } else if (step.find("submitted").is_string()) {
    play_submission(runner, step);
  } else if (step.find("started").is_string()) {
    EXPECT_TRUE(runner.start_activity(std::string(step.find("started").as_string()),
                                      std::string(step.find("worker").as_string())));
  } else if (step.find("heartbeat").is_string()) {
    EXPECT_TRUE(runner.beat(std::string(step.find("heartbeat").as_string())));
  } else if (step.find("advance_ms").is_number()) {
    runner.advance(step.find("advance_ms").as_int());
  } else if (step.find("again").as_bool()) {
    runner.answer_again();
  } else if (step.find("late").is_string()) {
    EXPECT_TRUE(
        runner.answer_late(std::string(step.find("late").as_string()), payload_of(step, "output")));
  } else if (step.find("map_run").is_object()) {
    play_map_run(runner, step);
  } else if (const json::Value stop = step.find("stop"); stop.is_object()) {
    runner.turn(Stop{optional_string(stop.find("error")), optional_string(stop.find("cause"))});
  } else if (step.find("redrive").as_bool()) {
    runner.turn(Redrive{});
  } else if (step.find("deadline").as_bool()) {
    runner.turn(ExecutionDeadline{});
  } else if (const json::Value open = step.find("open"); open.is_array()) {
    EXPECT_EQ(runner.open_tasks(), strings_of(open));
  } else {
    ADD_FAILURE() << "unknown step " << text_of(step);
  }
}

// The spans of the execution as lines: what they are, when, how they ended, and their ids.
std::vector<std::string> span_lines(const CaseRunner& runner) {
  const ExecutionState& state = runner.state();
  const trace::ExecutionTrace execution{
      .arn = "arn:aws:states:us-east-1:000000000000:execution:case:one",
      .name = "one",
      .machine = "case",
      .status = state.status,
      .start_ms = state.start_ms,
      .stop_ms = state.stop_ms,
      .events = runner.events()};
  std::vector<std::string> lines;
  for (const trace::Span& span : trace::project_execution(
           execution, {.trace = trace::trace_of_root(execution.arn), .now_ms = state.stop_ms})) {
    std::string line =
        fmt::format("{:{}}{} {} {}+{} {} {}", "", 2 * span.depth, trace::to_string(span.kind),
                    span.name, span.start_us / 1'000 - state.start_ms, span.duration_us / 1'000,
                    history::to_string(span.status), trace::hex_of(span.span_id));
    for (const char* name :
         {"state_type", "error.caught", "http.method", "http.url", "http.status_code"}) {
      if (!span.attribute(name).empty()) line += fmt::format(" {}={}", name, span.attribute(name));
    }
    if (!span.error.empty()) line += " error=" + span.error;
    lines.push_back(std::move(line));
  }
  return lines;
}

void check(const CaseRunner& runner, json::Value expect) {
  const ExecutionState& state = runner.state();
  EXPECT_EQ(std::string(history::to_string(state.status)), expect.find("status").as_string());
  if (const json::Value output = expect.find("output"); !output.is_undefined()) {
    EXPECT_EQ(state.output.view(), text_of(output));
  }
  if (const json::Value output = expect.find("output_text"); output.is_string()) {
    EXPECT_EQ(state.output.view(), output.as_string());
  }
  EXPECT_EQ(state.error, optional_string(expect.find("error")));
  if (const json::Value bytes = expect.find("cause_bytes"); bytes.is_number()) {
    EXPECT_EQ(state.cause.value_or("").size(), static_cast<size_t>(bytes.as_int()));
  } else {
    EXPECT_EQ(state.cause, optional_string(expect.find("cause")));
  }
  if (const json::Value events = expect.find("events"); events.is_array()) {
    const std::vector<std::string> expected = strings_of(events);
    EXPECT_EQ(runner.lines(), expected);
  }
  if (const json::Value spans = expect.find("spans"); spans.is_array()) {
    EXPECT_EQ(span_lines(runner), strings_of(spans));
  }
  if (const json::Value turns = expect.find("turns"); turns.is_number()) {
    EXPECT_EQ(runner.turns(), turns.as_int());
  }
  EXPECT_EQ(runner.violations(), std::vector<std::string>());
}

void run_case(json::Value one, bool rebuild_each_turn) {
  const std::string definition = text_of(one.find("definition"));
  const asl::CompileResult compiled = asl::compile(base::Text(definition));
  ASSERT_NE(compiled.program, nullptr) << asl::invalid_definition(compiled.diagnostics).message;
  RunnerOptions options{.rebuild_each_turn = rebuild_each_turn};
  if (const json::Value limit = one.find("state_data_bytes_max"); limit.is_number())
    options.state_data_bytes_max = static_cast<size_t>(limit.as_int());
  options.express = one.find("express").as_bool();
  CaseRunner runner(compiled.program, options);
  const json::Value input_text = one.find("input_text");
  runner.begin(input_text.is_string()             ? std::string(input_text.as_string())
               : one.find("input").is_undefined() ? "{}"
                                                  : text_of(one.find("input")));
  const json::Value script = one.find("script");
  for (uint32_t i = 0; i < script.size(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i) + " " + text_of(script.item(i)));
    play(runner, script.item(i));
  }
  check(runner, one.find("expect"));
}

// Registers every case twice; gives how many there are.
size_t register_cases() {
  size_t count = 0;
  for (const auto& file : files()) {
    for (uint32_t i = 0; i < file->cases.size(); ++i) {
      const json::Value one = file->cases.item(i);
      const std::string_view name = one.find("name").as_string();
      base::register_case("EngineCases_" + file->name, name, [one] { run_case(one, false); });
      base::register_case("EngineCasesRebuiltEachTurn_" + file->name, name,
                          [one] { run_case(one, true); });
      ++count;
    }
  }
  return count;
}

const size_t registered = register_cases();

TEST(EngineCases, AllFiles_AreRead) { EXPECT_GE(registered, 70U); }

}  // namespace
}  // namespace weft::engine
