#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "asl/compile.h"
#include "json/parse.h"

// The cases of tests/asl/*.json: a definition (as lines of text) and the findings it must give, in
// order.

namespace weft::asl {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string joined(const json::Value& lines) {
  std::string text;
  for (size_t i = 0; i < lines.size(); ++i) {
    text += (i > 0 ? "\n" : "") + std::string(lines.item(i).as_string());
  }
  return text;
}

std::string describe(const Diagnostic& diagnostic) {
  return std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) + " " +
         diagnostic.code + ": " + diagnostic.message + " at '" + diagnostic.location + "'";
}

std::string describe(const json::Value& expected) {
  return std::to_string(expected.find("line").as_int()) + ":" +
         std::to_string(expected.find("column").as_int()) + " " +
         std::string(expected.find("code").as_string()) + ": " +
         std::string(expected.find("message").as_string()) + " at '" +
         std::string(expected.find("location").as_string()) + "'";
}

struct Case {
  std::string name;
  json::Value json;
};

struct CaseFile {
  std::string text;
  json::Arena arena;
};

const std::vector<Case>& all_cases() {
  static std::vector<std::unique_ptr<CaseFile>> files;
  static const std::vector<Case> cases = [] {
    std::vector<Case> result;
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(WEFT_SOURCE_DIR "/tests/asl")) {
      if (entry.path().extension() == ".json") paths.push_back(entry.path());
    }
    std::ranges::sort(paths);
    for (const auto& path : paths) {
      auto& file = files.emplace_back(std::make_unique<CaseFile>());
      file->text = read_file(path);
      auto list = json::parse(file->text, file->arena);
      if (!list) {
        ADD_FAILURE() << path << ": " << list.error().message;
        continue;
      }
      for (size_t i = 0; i < list->size(); ++i) {
        result.push_back(
            {path.stem().string() + ": " + std::string(list->item(i).find("name").as_string()),
             list->item(i)});
      }
    }
    return result;
  }();
  return cases;
}

TEST(DefinitionCases, EveryCase_GivesItsFindings) {
  ASSERT_GE(all_cases().size(), 60U);
  for (const Case& item : all_cases()) {
    SCOPED_TRACE(item.name);
    CompileOptions options{.express = item.json.find("express").as_bool()};
    std::string text = joined(item.json.find("definition"));
    CompileResult result = compile(base::Text(text), options);
    std::vector<std::string> actual;
    for (const Diagnostic& diagnostic : result.diagnostics) {
      actual.push_back(describe(diagnostic));
    }
    std::vector<std::string> expected;
    json::Value findings = item.json.find("findings");
    for (size_t i = 0; i < findings.size(); ++i) {
      expected.push_back(describe(findings.item(i)));
    }
    EXPECT_EQ(actual, expected) << text;
    EXPECT_EQ(result.program != nullptr, expected.empty() || item.json.find("accepted").as_bool());
  }
}

}  // namespace
}  // namespace weft::asl
