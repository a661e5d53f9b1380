#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "asl/compile.h"
#include "asl/hints.h"
#include "base/data_cases.h"
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

void run_case(json::Value one) {
  const std::string text = joined(one.find("definition"));
  const CompileOptions options{.express = one.find("express").as_bool()};
  const CompileResult result = one.find("hints").as_bool()
                                   ? compile_with_hints(base::Text(text), options)
                                   : compile(base::Text(text), options);
  std::vector<std::string> actual;
  for (const Diagnostic& diagnostic : result.diagnostics) actual.push_back(describe(diagnostic));
  std::vector<std::string> expected;
  const json::Value findings = one.find("findings");
  for (size_t i = 0; i < findings.size(); ++i) expected.push_back(describe(findings.item(i)));
  EXPECT_EQ(actual, expected) << text;
  EXPECT_EQ(result.program != nullptr, expected.empty() || one.find("accepted").as_bool());
}

struct CaseFile {
  std::string text;
  json::Arena arena;
};

// Registers the cases of every file; gives how many there are.
size_t register_cases() {
  static std::vector<std::unique_ptr<CaseFile>> files;
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(WEFT_SOURCE_DIR "/tests/asl")) {
    if (entry.path().extension() == ".json") paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  size_t count = 0;
  for (const auto& path : paths) {
    const std::string suite = "DefinitionCases_" + path.stem().string();
    auto& file = files.emplace_back(std::make_unique<CaseFile>());
    file->text = read_file(path);
    const auto list = json::parse(file->text, file->arena);
    if (!list) {
      base::register_case(suite, "file", [error = list.error().message] { FAIL() << error; });
      continue;
    }
    for (size_t i = 0; i < list->size(); ++i) {
      const json::Value one = list->item(i);
      base::register_case(suite, one.find("name").as_string(), [one] { run_case(one); });
    }
    count += list->size();
  }
  return count;
}

const size_t registered = register_cases();

TEST(DefinitionCases, AllFiles_AreRead) { EXPECT_GE(registered, 60U); }

}  // namespace
}  // namespace weft::asl
