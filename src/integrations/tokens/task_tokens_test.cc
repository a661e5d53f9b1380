#include "integrations/tokens/task_tokens.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace weft::tokens {
namespace {

const TaskTokens kTokens{std::string(TaskTokens::kKeyBytes, 'k')};

TEST(TaskTokens, Token_LeadsToItsTask) {
  for (const TaskPlace& place : {TaskPlace{{0, 1}, 1}, TaskPlace{{7, 9'999}, 3},
                                 TaskPlace{{UINT64_MAX, UINT64_MAX}, 25'000}}) {
    const std::string token = kTokens.token(place);
    EXPECT_EQ(token.size(), 72U);
    EXPECT_EQ(token, kTokens.token(place));
    const auto read = kTokens.place(token);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, place);
  }
}

TEST(TaskTokens, Attempts_HaveTokensOfTheirOwn) {
  std::set<std::string> all;
  for (uint64_t index = 0; index < 100; ++index) {
    for (uint32_t task = 1; task <= 3; ++task) all.insert(kTokens.token({{1, index}, task}));
  }
  EXPECT_EQ(all.size(), 300U);
}

TEST(TaskTokens, TokenOfAnotherStore_IsInvalid) {
  const TaskTokens other(std::string(TaskTokens::kKeyBytes, 'o'));
  const auto read = kTokens.place(other.token({{0, 1}, 1}));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, base::ErrorCode::kInvalidToken);
  EXPECT_EQ(read.error().message, "Invalid Token: 'Invalid token'");
}

TEST(TaskTokens, WhatIsNoToken_IsInvalid) {
  const std::string token = kTokens.token({{0, 1}, 1});
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(2048, 'A'), token + "A", token.substr(1),
        token.substr(0, 71) + "=", token.substr(0, 71) + " ", std::string(72, '\xff')}) {
    EXPECT_FALSE(kTokens.place(text)) << text;
  }
}

// Every change of a token, and not only of its seal, makes it another's (T14 of the threat model).
TEST(TaskTokens, ChangedToken_IsInvalid) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::mt19937_64 random(14);
  const std::string token = kTokens.token({{5, 77}, 2});
  for (size_t at = 0; at < token.size(); ++at) {
    for (const char digit : kDigits) {
      std::string changed = token;
      changed[at] = digit;
      if (changed != token) EXPECT_FALSE(kTokens.place(changed)) << changed;
    }
  }
  for (int i = 0; i < 100'000; ++i) {
    std::string changed = token;
    for (uint64_t n = 1 + random() % 8; n > 0; --n)
      changed[random() % changed.size()] = kDigits[random() % kDigits.size()];
    if (changed != token) ASSERT_FALSE(kTokens.place(changed)) << changed;
  }
}

}  // namespace
}  // namespace weft::tokens
