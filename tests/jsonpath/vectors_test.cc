// The vectors of Jayway JsonPath 2.0.0 against the engine: prints `N of M pass` and names each that
// does not.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "json/parse.h"
#include "jsonpath/cases.h"

namespace weft::jsonpath {
namespace {

constexpr size_t kCases = 4102;

std::filesystem::path vectors_file() {
  const char* shared = std::getenv("WEFT_SHARED");
  const std::filesystem::path folder = shared != nullptr
                                           ? std::filesystem::path(shared)
                                           : std::filesystem::path(WEFT_SOURCE_DIR) / "../shared";
  return folder / "data/jsonpath-vectors/vectors.jsonl";
}

// Runs `check` on each case of `file`; those for which `skip` holds do not count.
template <typename Check, typename Skip>
size_t run_file(const std::filesystem::path& file, Check check, Skip skip) {
  std::ifstream cases(file);
  size_t total = 0;
  size_t passed = 0;
  for (std::string line; std::getline(cases, line);) {
    json::Arena arena;
    const auto test_case = json::parse(line, arena);
    EXPECT_TRUE(test_case) << line;
    if (!test_case || skip(*test_case)) continue;
    ++total;
    const CaseOutcome outcome = check(*test_case, arena);
    passed += outcome.passed ? 1 : 0;
    EXPECT_TRUE(outcome.passed) << test_case->find("id").as_string() << "\n  "
                                << test_case->find("path").as_string() << "\n  " << outcome.detail;
  }
  std::cout << passed << " of " << total << " pass\n";
  return total;
}

TEST(Vectors, OfTheLibrary_AllPass) {
  if (!std::filesystem::exists(vectors_file())) {
    GTEST_SKIP() << "NOT RUN: " << kCases << " JSONPath vectors: no " << vectors_file();
  }
  const auto none = [](const json::Value&) { return false; };
  EXPECT_EQ(run_file(vectors_file(), run_case, none), kCases);
}

// Numbers, comparisons and null documents are left out: there the library's two providers differ
// for other reasons.
TEST(Vectors, AnIndexOutsideOfItsArray_IsNullInTemplates) {
  if (!std::filesystem::exists(vectors_file())) {
    GTEST_SKIP() << "NOT RUN: 82 JSONPath vectors of templates: no " << vectors_file();
  }
  const auto other = [](const json::Value& test_case) {
    const std::string_view group = test_case.find("group").as_string();
    return test_case.find("alt").is_undefined() || group == "number" || group == "filter-compare" ||
           test_case.find("document").as_string() == "null";
  };
  EXPECT_GT(run_file(vectors_file(), run_template_case, other), 80U);
}

TEST(Cases, OfOurOwn_AllPass) {
  const auto none = [](const json::Value&) { return false; };
  EXPECT_GT(run_file(std::filesystem::path(WEFT_SOURCE_DIR) / "tests/jsonpath/paths.jsonl",
                     run_case, none),
            40U);
}

}  // namespace
}  // namespace weft::jsonpath
