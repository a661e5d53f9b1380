#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "asl/compile.h"
#include "asl/jsonata_query.h"
#include "json/parse.h"

// Definitions that AWS itself accepted: $WEFT_SHARED/data, or ../shared/data beside the source
// tree. Without the data the tests say so and are skipped.

namespace weft::asl {
namespace {

std::filesystem::path shared_data() {
  if (const char* shared = std::getenv("WEFT_SHARED")) {
    return std::filesystem::path(shared) / "data";
  }
  return std::filesystem::path(WEFT_SOURCE_DIR) / ".." / "shared" / "data";
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Puts plain values for the recording's {{...}} templates.
std::string fill(std::string text) {
  text = replace_all(std::move(text), "{{partition}}", "aws");
  text = replace_all(std::move(text), "{{region}}", "us-east-1");
  text = replace_all(std::move(text), "{{account}}", "123456789012");
  text = replace_all(std::move(text), "{{now", "2030-01-01T00:00:00{{now");
  for (size_t at = text.find("{{"); at != std::string::npos; at = text.find("{{", at)) {
    const size_t end = text.find("}}", at);
    if (end == std::string::npos) break;
    std::string_view name = std::string_view(text).substr(at + 2, end - at - 2);
    std::string value = name.ends_with(":arn") ? "arn:aws:lambda:us-east-1:123456789012:function:f"
                        : name.starts_with("now") ? ""
                                                  : "x";
    text.replace(at, end + 2 - at, value);
  }
  return text;
}

// Every state of the machine uses JSONata.
bool all_jsonata(const json::Value& workflow, bool inherited) {
  json::Value states = workflow.find("States");
  for (size_t i = 0; i < states.size(); ++i) {
    const json::Value& state = states.member(i);
    json::Value language = state.find("QueryLanguage");
    if (language.is_string() ? language.as_string() != "JSONata" : !inherited) return false;
    json::Value branches = state.find("Branches");
    for (size_t k = 0; k < branches.size(); ++k) {
      if (!all_jsonata(branches.item(k), inherited)) return false;
    }
    for (std::string_view name : {"ItemProcessor", "Iterator"}) {
      if (!all_jsonata(state.find(name), inherited)) return false;
    }
  }
  return true;
}

std::string findings(const CompileResult& result) {
  std::string text;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    text += diagnostic.code + ": " + diagnostic.message + " at " + diagnostic.location + "\n";
  }
  return text;
}

TEST(Recordings, JsonataDefinitions_CompileWithoutFindings) {
  std::ifstream in(shared_data() / "aws-recordings" / "cases.jsonl");
  if (!in) {
    GTEST_SKIP() << "NOT RUN: about 90 recorded JSONata definitions: no "
                 << shared_data() / "aws-recordings" / "cases.jsonl" << "; set WEFT_SHARED";
  }
  std::set<std::string> seen;
  int total = 0;
  for (std::string line; std::getline(in, line);) {
    json::Arena arena;
    auto item = json::parse(line, arena);
    ASSERT_TRUE(item);
    if (item->find("kind").as_string() != "execution") continue;
    const std::string definition = fill(std::string(item->find("definition").as_string()));
    auto machine = json::parse(definition, arena);
    if (!machine ||
        !all_jsonata(*machine, machine->find("QueryLanguage").as_string() == "JSONata")) {
      continue;
    }
    ++total;
    seen.insert(definition);
    CompileResult result =
        compile(base::Text(definition), {.express = item->find("type").as_string() == "EXPRESS"});
    EXPECT_TRUE(result.diagnostics.empty()) << item->find("id").as_string() << "\n"
                                            << findings(result) << definition;
  }
  std::cout << total << " recorded JSONata executions, " << seen.size()
            << " different definitions\n";
  EXPECT_GT(total, 50);
}

TEST(Recordings, DefinitionsThatRanOnAws_AreRefusedForWhatIsMissingHereOnly) {
  std::ifstream in(shared_data() / "aws-recordings" / "cases.jsonl");
  if (!in) {
    GTEST_SKIP() << "NOT RUN: about 690 recorded definitions: no "
                 << shared_data() / "aws-recordings" / "cases.jsonl" << "; set WEFT_SHARED";
  }
  int total = 0;
  int accepted = 0;
  for (std::string line; std::getline(in, line);) {
    json::Arena arena;
    auto item = json::parse(line, arena);
    ASSERT_TRUE(item);
    if (item->find("kind").as_string() == "api") continue;
    const std::string definition = fill(std::string(item->find("definition").as_string()));
    CompileResult result =
        compile(base::Text(definition), {.express = item->find("type").as_string() == "EXPRESS"});
    ++total;
    accepted += result.program != nullptr;
    for (const Diagnostic& diagnostic : result.diagnostics) {
      EXPECT_EQ(diagnostic.code, "UNSUPPORTED_FEATURE")
          << item->find("id").as_string() << ": " << diagnostic.message << " at "
          << diagnostic.location << "\n"
          << definition;
    }
  }
  std::cout << accepted << " of " << total << " recorded definitions accepted\n";
  EXPECT_GT(accepted, 650);
}

TEST(Recordings, RefusedDefinitions_AreRefusedInTheSameWords) {
  std::ifstream in(shared_data() / "aws-recordings" / "cases.jsonl");
  if (!in) {
    GTEST_SKIP() << "NOT RUN: about 70 recorded refusals: no "
                 << shared_data() / "aws-recordings" / "cases.jsonl" << "; set WEFT_SHARED";
  }
  int total = 0;
  for (std::string line; std::getline(in, line);) {
    json::Arena arena;
    auto item = json::parse(line, arena);
    ASSERT_TRUE(item);
    json::Value steps = item->find("steps");
    for (size_t i = 0; i < steps.size(); ++i) {
      const json::Value& step = steps.item(i);
      json::Value request = step.find("request");
      if (step.find("action").as_string() != "CreateStateMachine" ||
          step.find("error").find("code").as_string() != "InvalidDefinition") {
        continue;
      }
      ++total;
      SCOPED_TRACE(item->find("id").as_string());
      CompileResult result =
          compile(base::Text(fill(std::string(request.find("definition").as_string()))),
                  {.express = request.find("type").as_string() == "EXPRESS"});
      EXPECT_FALSE(result.program);
      // What this program cannot run yet is refused besides.
      std::erase_if(result.diagnostics, [](const Diagnostic& diagnostic) {
        return diagnostic.code == "UNSUPPORTED_FEATURE";
      });
      const std::string message(step.find("error").find("message").as_string());
      if (!message.empty()) {
        EXPECT_EQ(invalid_definition(result.diagnostics).message, message);
      }
    }
  }
  std::cout << total << " recorded refusals\n";
  EXPECT_GT(total, 60);
}

TEST(RealDefinitions, WhatAwsAccepts_IsRefusedForWhatIsMissingHereOnly) {
  const std::filesystem::path file = shared_data() / "real-definitions" / "definitions.jsonl";
  std::ifstream in(file);
  if (!in) {
    GTEST_SKIP() << "NOT RUN: 324 real definitions: no " << file << "; set WEFT_SHARED";
  }
  // Left unfinished by their authors: AWS would refuse them, too.
  const std::set<std::string> unfinished = {"0131", "0202", "0326"};
  int total = 0;
  int accepted = 0;
  for (std::string line; std::getline(in, line);) {
    json::Arena arena;
    auto item = json::parse(line, arena);
    ASSERT_TRUE(item);
    const std::string id(item->find("id").as_string());
    if (unfinished.contains(id)) continue;
    CompileResult result = compile(base::Text(item->find("definition").as_string()),
                                   {.express = item->find("type").as_string() == "EXPRESS"});
    ++total;
    accepted += result.program != nullptr;
    std::erase_if(result.diagnostics, [](const Diagnostic& diagnostic) {
      return diagnostic.code == "UNSUPPORTED_FEATURE";
    });
    EXPECT_TRUE(result.diagnostics.empty()) << id << "\n" << findings(result);
  }
  std::cout << accepted << " of " << total << " real definitions accepted\n";
  EXPECT_GT(accepted, 240);
}

TEST(Recordings, SeedMachine_CompilesAsItStands) {
  const std::string text = read_file(shared_data() / "seed" / "process-image-map.asl.json");
  if (text.empty()) {
    GTEST_SKIP() << "NOT RUN: 1 published state machine: no " << shared_data() / "seed"
                 << "; set WEFT_SHARED";
  }
  CompileResult result = compile(base::Text(text));
  EXPECT_EQ(findings(result), "");
  ASSERT_TRUE(result.program);
  const auto& map = std::get<MapState>(result.program->state(0).body);
  EXPECT_EQ(map.label, "ProcessImageMap");
  EXPECT_EQ(map.max_concurrency->literal.as_int(), 1000);
  EXPECT_EQ(map.item_reader->source, ItemReader::Source::kListObjectsV2);
  const auto& batch = dynamic_cast<const JsonataQuery&>(*map.item_batcher->batch_input->query);
  EXPECT_EQ(batch.root().elements[0].field, "ItemBatcher/BatchInput/_datadog");
}

}  // namespace
}  // namespace weft::asl
