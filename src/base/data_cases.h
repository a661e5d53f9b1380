#pragma once

#include <cctype>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

// One GoogleTest name for each case that is data, so that a filter picks one and a count counts
// cases. Only for tests.

namespace weft::base {

// `name` with everything but letters and digits as '_': a filter gives ':', '-' and '*' a meaning.
inline std::string test_name(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return out;
}

// Registers the test `suite`.`name` that calls `body`; to be called before main, from the
// initializer of a variable of the file with the cases.
inline void register_case(std::string_view suite, std::string_view name,
                          std::function<void()> body) {
  class DataCase : public testing::Test {
   public:
    explicit DataCase(std::function<void()> run) : run_(std::move(run)) {}
    void TestBody() override { run_(); }

   private:
    std::function<void()> run_;
  };
  testing::RegisterTest(
      test_name(suite).c_str(), test_name(name).c_str(), nullptr, nullptr, __FILE__, __LINE__,
      [body = std::move(body)]() -> testing::Test* { return new DataCase(body); });
}

}  // namespace weft::base
