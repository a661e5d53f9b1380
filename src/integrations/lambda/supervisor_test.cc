#include "integrations/lambda/supervisor.h"

#include <future>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace weft::lambda {
namespace {

// Runs a shell script to its end and returns how it ended and what it printed.
struct Ended {
  ProcessExit exit;
  std::string output;
};

class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() : supervisor_(std::move(Supervisor::create().value())) {}

  Supervisor::ProcessId start(std::vector<std::string> arguments, std::promise<Ended>& ended) {
    auto log = LogCapture::create().value();
    Supervisor::Start start;
    start.arguments = std::move(arguments);
    start.environment = {"GREETING=hello"};
    start.directory = "/";
    start.log = log;
    start.on_exit = [log, &ended](ProcessExit exit) {
      ended.set_value({std::move(exit), log->take().text});
    };
    return supervisor_->start(std::move(start));
  }
  Ended run(std::vector<std::string> arguments) {
    std::promise<Ended> ended;
    start(std::move(arguments), ended);
    return ended.get_future().get();
  }

  std::unique_ptr<Supervisor> supervisor_;
};

TEST_F(SupervisorTest, Exit_GivesStatusAndBothStreams) {
  Ended ended = run({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"});
  EXPECT_EQ(ended.exit.status, 3);
  EXPECT_EQ(ended.exit.signal, 0);
  EXPECT_EQ(ended.output, "out\nerr\n");
}

TEST_F(SupervisorTest, Environment_IsOnlyWhatWasGiven) {
  EXPECT_EQ(run({"/usr/bin/env"}).output, "GREETING=hello\n");
}

TEST_F(SupervisorTest, Descriptors_AreNotInherited) {
  int leaked = dup(STDOUT_FILENO);  // without close-on-exec
  Ended ended = run(
      {"/bin/sh", "-c", "for f in /proc/self/fd/*; do echo ${f##*/}; done | sort -n | tail -1"});
  close(leaked);
  // 3 is the shell's own descriptor on /proc/self/fd.
  EXPECT_LE(std::stoi(ended.output), 3);
}

TEST_F(SupervisorTest, MissingProgram_GivesStartError) {
  Ended ended = run({"/no/such/program"});
  EXPECT_EQ(ended.exit.start_error, "fork/exec /no/such/program: No such file or directory");
}

TEST_F(SupervisorTest, Kill_TakesTheWholeGroup) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::promise<Ended> ended;
  auto log = LogCapture::create().value();
  Supervisor::Start start;
  // The grandchild would keep the pipe open if it survived.
  start.arguments = {"/bin/sh", "-c", "sleep 1000 & echo ready; wait"};
  start.directory = "/";
  start.log = log;
  start.on_exit = [&ended](ProcessExit exit) { ended.set_value({std::move(exit), ""}); };
  auto id = supervisor_->start(std::move(start));
  std::string seen;
  while (seen.find("ready") == std::string::npos) seen += log->take().text;
  supervisor_->kill(id);
  EXPECT_EQ(ended.get_future().get().exit.signal, SIGKILL);
  // End of stream: nobody holds the write end any more.
  while (log->drain()) {
  }
  close(ends[0]);
  close(ends[1]);
}

TEST_F(SupervisorTest, KillAtOnce_EndsEvenBeforeTheFork) {
  std::promise<Ended> ended;
  supervisor_->kill(start({"/bin/sleep", "1000"}, ended));
  EXPECT_EQ(ended.get_future().get().exit.signal, SIGKILL);
}

TEST_F(SupervisorTest, Stop_KillsWhatRuns) {
  std::promise<Ended> ended;
  start({"/bin/sleep", "1000"}, ended);
  supervisor_->stop();
}

TEST(LogCapture, MoreThanTheBound_KeepsTheEnd) {
  auto log = LogCapture::create().value();
  std::string block(32 * 1024, 'a');
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(write(log->write_fd(), block.data(), block.size()),
              static_cast<ssize_t>(block.size()));
    log->drain();
  }
  ASSERT_EQ(write(log->write_fd(), "end", 3), 3);
  std::string text = log->take().text;
  EXPECT_EQ(text.size(), kLogBytesMax);
  EXPECT_TRUE(text.ends_with("aend"));
  EXPECT_EQ(log->take().text, "");
}

}  // namespace
}  // namespace weft::lambda
