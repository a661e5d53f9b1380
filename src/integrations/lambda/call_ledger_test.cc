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

LedgerCircumstances at(int64_t now_ms) {
  LedgerCircumstances now = kUnprotected;
  now.now_ms = now_ms;
  return now;
}

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
  EXPECT_EQ(open(kUnprotected)->deaths(kCall).its_doing, 1u);
  die_with(kCall, kUnprotected);
  const auto ledger = open(kUnprotected);
  EXPECT_EQ(ledger->deaths(kCall).its_doing, kCallDeathsMax);
  EXPECT_EQ(ledger->deaths(kOther).its_doing, 0u);
  ledger->forget(kCall);
  EXPECT_EQ(ledger->deaths(kCall).its_doing, 0u);
}

TEST_F(CallLedgerTest, ACallThatEnds_BreaksTheRow) {
  die_with(kCall, kUnprotected);
  {
    const auto ledger = open(kUnprotected);
    const auto out = ledger->begin(kCall);
  }
  die_with(kCall, kUnprotected);
  EXPECT_EQ(open(kUnprotected)->deaths(kCall).its_doing, 1u);
}

TEST_F(CallLedgerTest, ACallThatStillWaits_KeepsItsCount) {
  die_with(kCall, kUnprotected);
  die_with(kOther, kUnprotected);
  const auto ledger = open(kUnprotected);
  EXPECT_EQ(ledger->deaths(kCall).its_doing, 1u);
  EXPECT_EQ(ledger->deaths(kOther).its_doing, 1u);
}

TEST_F(CallLedgerTest, DeathsThatCannotBeItsDoing_AreCountedApart) {
  for (uint32_t i = 0; i < kCallEndsMax; ++i) die_with(kCall, kProtected);
  EXPECT_EQ(open(kProtected)->deaths(kCall).its_doing, 0u);
  EXPECT_EQ(open(kProtected)->deaths(kCall).all, kCallEndsMax);
  EXPECT_EQ(open(kProtected)->deaths(kOther).all, 0u);
}

TEST_F(CallLedgerTest, AnEndThatWeftWasToldTo_BreaksTheRow) {
  for (int i = 0; i < 4; ++i) die_with(kCall, kProtected);
  {
    const auto ledger = open(kProtected);
    const auto out = ledger->begin(kCall);
    ledger->leave();
  }
  EXPECT_EQ(open(kProtected)->deaths(kCall).all, 0u);
}

TEST_F(CallLedgerTest, ProcessesEndedForMemory_AreASign) {
  LedgerCircumstances now = kProtected;
  for (int i = 0; i < 2; ++i) {
    die_with(kCall, now);
    ++now.out_of_memory;
  }
  EXPECT_EQ(open(now)->deaths(kCall).its_doing, 2u);
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
    EXPECT_EQ(ledger->deaths(kCall).its_doing, deaths);
  }
}

TEST_F(CallLedgerTest, AfterTheMachineHasStarted_NothingIsKnown) {
  die_with(kCall, kUnprotected);
  LedgerCircumstances other = kUnprotected;
  other.boot = std::string(36, 'c');
  EXPECT_EQ(open(other)->deaths(kCall).its_doing, 0u);
}

TEST_F(CallLedgerTest, WhatNobodyDeliversAgain_IsForgottenAndThenPossible) {
  die_with(kCall, at(100));
  for (int64_t i = 0; i < 20; ++i) open(at(200 + i));
  const auto ledger = open(at(300));
  EXPECT_EQ(ledger->deaths(kCall).its_doing, 0u);
  EXPECT_TRUE(ledger->may_have_been_out(kCall, 150));
  EXPECT_FALSE(ledger->may_have_been_out(kOther, 250));
}

TEST_F(CallLedgerTest, WhatWasOut_IsKnownUntilItEnds) {
  die_with(kCall, at(100));
  {
    const auto ledger = open(at(200));
    EXPECT_TRUE(ledger->may_have_been_out(kCall, 150));
    EXPECT_FALSE(ledger->may_have_been_out(kOther, 150));
    const auto out = ledger->begin(kCall);
  }
  EXPECT_FALSE(open(at(300))->may_have_been_out(kCall, 150));
}

TEST_F(CallLedgerTest, WhatIsOutWhenWeftIsToldToEnd_StaysKnownAndIsNoDeath) {
  die_with(kCall, at(100));
  {
    const auto ledger = open(at(200));
    const auto out = ledger->begin(kCall);
    ledger->leave();
  }
  const auto ledger = open(at(300));
  EXPECT_TRUE(ledger->may_have_been_out(kCall, 150));
  EXPECT_EQ(ledger->deaths(kCall).its_doing, 0u);
}

TEST_F(CallLedgerTest, WhatItCannotKnow_IsPossible) {
  open(at(100));
  EXPECT_FALSE(open(at(200))->may_have_been_out(kCall, 150));
  std::filesystem::remove(path_);  // lost
  EXPECT_TRUE(open(at(300))->may_have_been_out(kCall, 150));
  LedgerCircumstances later = at(400);
  EXPECT_FALSE(open(later)->may_have_been_out(kCall, 350));
  later.boot = std::string(36, 'c');  // the machine has crashed
  EXPECT_TRUE(open(later)->may_have_been_out(kCall, 350));
  // Of what was to be delivered before then the next process knows no more.
  EXPECT_TRUE(open(later)->may_have_been_out(kCall, 350));
  EXPECT_FALSE(open(later)->may_have_been_out(kCall, 450));
}

TEST_F(CallLedgerTest, AnyBytes_AreRead) {
  std::string garbage;
  for (int i = 0; i < 5'000; ++i) garbage += static_cast<char>(i * 31);
  std::ofstream(path_, std::ios::binary) << garbage;
  EXPECT_EQ(open(kUnprotected)->deaths(kCall).its_doing, 0u);
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
  // Which ones were not, the next process cannot say.
  EXPECT_TRUE(open(at(100))->may_have_been_out(kOther, 50));
}

}  // namespace
}  // namespace weft::lambda
