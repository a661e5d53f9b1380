// The templates of others in $WEFT_SHARED/data/real-templates: every state machine in them is found
// and, where the files it names are there, has its substitutions filled in; what is left over is
// named with its place.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "definitions/template.h"
#include "definitions/yaml.h"
#include "json/parse.h"

namespace weft::definitions {
namespace {

std::filesystem::path templates() {
  const char* shared = std::getenv("WEFT_SHARED");
  const std::filesystem::path base = shared != nullptr
                                         ? std::filesystem::path(shared)
                                         : std::filesystem::path(WEFT_SOURCE_DIR) / "../shared";
  return base / "data/real-templates/templates.jsonl";
}

// Lines `Type: AWS::...::StateMachine` that are no comment: another way to count them.
size_t machines_in(const std::string& text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = std::string_view(text).substr(at, end - at);
    const size_t word = line.find_first_not_of(" -");
    if (word != std::string_view::npos && line.substr(word).starts_with("Type:") &&
        (line.find("AWS::Serverless::StateMachine") != std::string_view::npos ||
         line.find("AWS::StepFunctions::StateMachine") != std::string_view::npos)) {
      ++count;
    }
    at = end + 1;
  }
  return count;
}

class RealTemplates : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(templates()))
      GTEST_SKIP() << "NOT RUN: 120 templates; " << templates() << " is missing (set WEFT_SHARED)";
  }

  // Calls `check` with the id, the text and what is read of each.
  template <typename Check>
  void each(Check check) {
    std::ifstream file(templates());
    size_t count = 0;
    for (std::string line; std::getline(file, line); ++count) {
      json::Arena arena;
      const auto record = json::parse(line, arena);
      ASSERT_TRUE(record);
      const std::string id(record->find("id").as_string());
      const auto source =
          file_source(id + ".yaml", std::string(record->find("template").as_string()));
      std::vector<Finding> findings;
      const auto document = parse_template(source, findings);
      ASSERT_TRUE(document) << id << ": " << document.error().message;
      ASSERT_TRUE(is_template(*document)) << id;
      const json::Value files = record->find("definitions");
      const Surroundings surroundings{
          .read_file = [&](const std::string& path) -> base::Result<std::string> {
            if (const json::Value text = files.find(path); text.is_string())
              return std::string(text.as_string());
            return base::fail(base::ErrorCode::kInvalidArgument, "there is no file " + path);
          }};
      const Template content = read_template(*document, surroundings, std::move(findings));
      check(id, source->text, content);
    }
    EXPECT_GT(count, 100U);
  }
};

TEST_F(RealTemplates, EveryStateMachine_IsFound) {
  each([](const std::string& id, const std::string& text, const Template& content) {
    EXPECT_EQ(content.machines.size(), machines_in(text)) << id;
    for (const TemplateMachine& machine : content.machines) {
      EXPECT_FALSE(machine.name.empty()) << id;
      const bool named = std::ranges::any_of(content.findings, [&](const Finding& finding) {
        return finding.message.find("'" + machine.resource + "'") != std::string::npos;
      });
      EXPECT_TRUE(machine.definition || named) << id << " " << machine.resource;
    }
  });
}

TEST_F(RealTemplates, Substitutions_AreFilledInOrNamed) {
  each([](const std::string& id, const std::string&, const Template& content) {
    for (const TemplateMachine& machine : content.machines) {
      if (!machine.definition) continue;
      const Definition& definition = *machine.definition;
      EXPECT_TRUE(definition.is_readable()) << id << " " << machine.resource;
      for (const auto& [name, value] : machine.substitutions) {
        EXPECT_EQ(definition.json->text.find("${" + name + "}"), std::string::npos)
            << id << " " << machine.resource << " " << name;
      }
      for (const Finding& finding : definition.findings) {
        EXPECT_GT(finding.place.line, 0U) << id << " " << finding.message;
      }
      for (const Located& one :
           locate(definition, asl::compile(base::Text(definition.json->text)).diagnostics)) {
        EXPECT_TRUE(one.diagnostic.line == 0 || one.source != nullptr) << id;
      }
    }
  });
}

TEST_F(RealTemplates, FunctionsAndBuckets_HaveNames) {
  size_t functions = 0;
  size_t buckets = 0;
  each([&](const std::string& id, const std::string&, const Template& content) {
    for (const Finding& finding : content.findings) {
      EXPECT_GT(finding.place.line, 0U) << id << " " << finding.message;
    }
    for (const TemplateFunction& function : content.functions) {
      EXPECT_FALSE(function.name.empty()) << id;
      EXPECT_TRUE(function.problem || !function.code.empty() || !function.inline_code.empty())
          << id << " " << function.resource;
      EXPECT_TRUE(function.problem || !function.handler.empty()) << id << " " << function.resource;
    }
    for (const TemplateBucket& bucket : content.buckets) EXPECT_FALSE(bucket.name.empty()) << id;
    functions += content.functions.size();
    buckets += content.buckets.size();
  });
  EXPECT_GT(functions, 100U);
  EXPECT_GT(buckets, 30U);
}

}  // namespace
}  // namespace weft::definitions
