#include "integrations/lambda/call_ledger.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weft::lambda {
namespace {

const std::string kCall = "11111111-1111-4111-8111-111111111111";
const std::string kOther = "22222222-2222-4222-8222-222222222222";
const LedgerCircumstances kUnprotected{.boot = std::string(36, 'b'), .signals_refused = false};
const LedgerCircumstances kProtected{.boot = std::string(36, 'b')};

class CallLedgerTest : public testing::Test {
 protected:
  ~CallLedgerTest() override { std::filesystem::remove(path_); }

  std::shared_ptr<CallLedger> open(const LedgerCircumstances& now) {
    auto opened = CallLedger::open(path_, now);
    EXPECT_TRUE(opened) << opened.error().message;
    return *opened;
  }
  std::string bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // A process that works on the call and dies in the middle.
  void die_with(const std::string& call, const LedgerCircumstances& now) {
    std::string left;
    {
      const auto ledger = open(now);
      const auto out = ledger->begin(call);
      left = bytes();
    }
    std::ofstream(path_, std::ios::binary) << left;
  }

  const std::string path_ = testing::TempDir() + "calls." + std::to_string(getpid());
};

TEST_F(CallLedgerTest, DeathsInARow_AreCounted) {
  die_with(kCall, kUnprotected);
  EXPECT_EQ(open(kUnprotected)->deaths(kCall), 1u);
  die_with(kCall, kUnprotected);
  const auto ledger = open(kUnprotected);
  EXPECT_EQ(ledger->deaths(kCall), kCallDeathsMax);
  EXPECT_EQ(ledger->deaths(kOther), 0u);
  ledger->forget(kCall);
  EXPECT_EQ(ledger->deaths(kCall), 0u);
}

TEST_F(CallLedgerTest, ACallThatEnds_BreaksTheRow) {
  die_with(kCall, kUnprotected);
  {
    const auto ledger = open(kUnprotected);
    const auto out = ledger->begin(kCall);
  }
  die_with(kCall, kUnprotected);
  EXPECT_EQ(open(kUnprotected)->deaths(kCall), 1u);
}

TEST_F(CallLedgerTest, ACallThatStillWaits_KeepsItsCount) {
  die_with(kCall, kUnprotected);
  die_with(kOther, kUnprotected);
  const auto ledger = open(kUnprotected);
  EXPECT_EQ(ledger->deaths(kCall), 1u);
  EXPECT_EQ(ledger->deaths(kOther), 1u);
}

TEST_F(CallLedgerTest, DeathsThatCannotBeItsDoing_AreHeldAgainstNobody) {
  for (int i = 0; i < 5; ++i) die_with(kCall, kProtected);
  EXPECT_EQ(open(kProtected)->deaths(kCall), 0u);
}

TEST_F(CallLedgerTest, ProcessesEndedForMemory_AreASign) {
  LedgerCircumstances now = kProtected;
  for (int i = 0; i < 2; ++i) {
    die_with(kCall, now);
    ++now.out_of_memory;
  }
  EXPECT_EQ(open(now)->deaths(kCall), 2u);
}

TEST_F(CallLedgerTest, AFaultOfWeft_IsASign) {
  for (uint32_t deaths = 1; deaths <= 2; ++deaths) {
    const pid_t process = fork();
    if (process == 0) {
      const auto ledger = CallLedger::open(path_, kProtected);
      if (!ledger) _exit(1);
      std::signal(SIGABRT, SIG_DFL);  // a sanitizer may have it
      const auto out = (*ledger)->begin(kCall);
      (*ledger)->note_faults();
      raise(SIGABRT);
      _exit(2);
    }
    int status = 0;
    waitpid(process, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) << status;
    const auto ledger = open(kProtected);
    EXPECT_EQ(ledger->deaths(kCall), deaths);
  }
}

TEST_F(CallLedgerTest, AfterTheMachineHasStarted_NothingIsKnown) {
  die_with(kCall, kUnprotected);
  LedgerCircumstances other = kUnprotected;
  other.boot = std::string(36, 'c');
  EXPECT_EQ(open(other)->deaths(kCall), 0u);
}

TEST_F(CallLedgerTest, WhatNobodyDeliversAgain_IsForgotten) {
  die_with(kCall, kUnprotected);
  for (int i = 0; i < 20; ++i) open(kUnprotected);
  EXPECT_EQ(open(kUnprotected)->deaths(kCall), 0u);
}

TEST_F(CallLedgerTest, AnyBytes_AreRead) {
  std::string garbage;
  for (int i = 0; i < 5'000; ++i) garbage += static_cast<char>(i * 31);
  std::ofstream(path_, std::ios::binary) << garbage;
  EXPECT_EQ(open(kUnprotected)->deaths(kCall), 0u);
}

TEST_F(CallLedgerTest, MoreCallsThanItHolds_AreNotNoted) {
  const auto ledger = open(kUnprotected);
  std::vector<CallLedger::Entry> out;
  for (size_t i = 0; i <= CallLedger::kCallsMax; ++i) {
    std::string id = kCall;
    const std::string number = std::to_string(100'000 + i);
    id.replace(0, number.size(), number);
    out.push_back(ledger->begin(id));
  }
  EXPECT_TRUE(out[CallLedger::kCallsMax - 1]);
  EXPECT_FALSE(out[CallLedger::kCallsMax]);
  out.clear();
  EXPECT_TRUE(ledger->begin(kCall));
}

}  // namespace
}  // namespace weft::lambda
