// The JSONata conformance suite against the engine, a test a case; those of known_failures.txt
// must fail. Read from $WEFT_SHARED/data/jsonata-suite.
#include "jsonata/suite.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "base/data_cases.h"
#include "json/parse.h"

namespace weft::jsonata {
namespace {

constexpr size_t kCases = 1189;

std::filesystem::path suite_folder() {
  const char* shared = std::getenv("WEFT_SHARED");
  if (shared != nullptr) return std::filesystem::path(shared) / "data/jsonata-suite";
  return std::filesystem::path(WEFT_SOURCE_DIR) / "../shared/data/jsonata-suite";
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::set<std::string> known_failures() {
  std::set<std::string> ids;
  std::ifstream in(std::filesystem::path(WEFT_SOURCE_DIR) / "tests/jsonata/known_failures.txt");
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line[0] != '#') ids.insert(line);
  }
  return ids;
}

int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// The inputs shared by cases, parsed once each.
class Datasets {
 public:
  explicit Datasets(std::filesystem::path folder) : folder_(std::move(folder)) {}
  json::Value get(std::string_view name) {
    const auto found = values_.find(name);
    if (found != values_.end()) return found->second;
    const auto parsed =
        json::parse_copy(read_file(folder_ / (std::string(name) + ".json")), arena_);
    EXPECT_TRUE(parsed) << name;
    const json::Value value = parsed ? *parsed : json::Value();
    values_.emplace(name, value);
    return value;
  }

 private:
  std::filesystem::path folder_;
  json::Arena arena_;
  std::map<std::string, json::Value, std::less<>> values_;
};

void run_line(const std::string& line, bool known_to_fail, Datasets& datasets) {
  json::Arena arena;
  const auto test_case = json::parse(line, arena);
  ASSERT_TRUE(test_case) << test_case.error().message;
  Environment environment;
  environment.now_ms = 1'700'000'000'000;
  environment.clock = steady_ms;
  const CaseOutcome outcome = run_case(
      *test_case, [&](std::string_view name) { return datasets.get(name); }, environment, arena);
  if (known_to_fail) {
    EXPECT_FALSE(outcome.passed) << "passes now: take it out of known_failures.txt";
  } else {
    EXPECT_TRUE(outcome.passed) << test_case->find("expr").as_string() << "\n  " << outcome.detail;
  }
}

// Registers every case of the suite; gives how many there are, none where the suite is missing.
size_t register_cases() {
  static Datasets datasets(suite_folder() / "datasets");
  const std::set<std::string> known = known_failures();
  std::ifstream cases(suite_folder() / "cases.jsonl");
  size_t count = 0;
  for (std::string line; std::getline(cases, line); ++count) {
    json::Arena arena;
    const auto test_case = json::parse(line, arena);
    const std::string id(test_case ? test_case->find("id").as_string() : "no JSON");
    base::register_case(
        "Suite", id, [line, expected = known.contains(id)] { run_line(line, expected, datasets); });
  }
  return count;
}

const size_t registered = register_cases();

TEST(Suite, AllCases_AreRead) {
  if (registered == 0)
    GTEST_SKIP() << "NOT RUN: " << kCases << " cases of the JSONata suite: no " << suite_folder();
  EXPECT_GE(registered, kCases);
}

}  // namespace
}  // namespace weft::jsonata
