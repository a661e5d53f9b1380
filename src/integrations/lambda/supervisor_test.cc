#include "integrations/lambda/supervisor.h"

#include <algorithm>
#include <future>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
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
    start.program.arguments = std::move(arguments);
    start.program.environment = {"GREETING=hello"};
    start.program.directory = "/";
    start.log = log;
    start.on_exit = [log, &ended](ProcessExit exit) {
      ended.set_value({std::move(exit), log->take().text});
    };
    return supervisor_->start(std::move(start));
  }
  // With a log that the test reads itself.
  Supervisor::ProcessId start_shell(std::string script, std::shared_ptr<LogCapture> log,
                                    std::promise<Ended>& ended) {
    Supervisor::Start start;
    start.program.arguments = {"/bin/sh", "-c", std::move(script)};
    start.program.directory = "/";
    start.log = std::move(log);
    start.on_exit = [&ended](ProcessExit exit) { ended.set_value({std::move(exit), ""}); };
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
  start.program.arguments = {"/bin/sh", "-c", "sleep 1000 & echo ready; wait"};
  start.program.directory = "/";
  start.log = log;
  start.on_exit = [&ended](ProcessExit exit) { ended.set_value({std::move(exit), ""}); };
  auto id = supervisor_->start(std::move(start));
  std::string seen;
  while (seen.find("ready") == std::string::npos) seen += log->take().text;
  supervisor_->kill(id);
  EXPECT_EQ(ended.get_future().get().exit.signal, SIGKILL);
  // End of stream: nobody holds the write end any more.
  while (!log->ended(LogCapture::kStdout) || !log->ended(LogCapture::kStderr)) log->drain();
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

// A process of its own session whose parent is gone: it would keep the streams open if it survived.
constexpr const char* kDaemon = "(setsid sleep 1000 &) ; echo ready";

TEST_F(SupervisorTest, Daemon_EndsWithTheProcessThatLeftIt) {
  std::promise<Ended> ended;
  auto log = LogCapture::create().value();
  start_shell(std::string(kDaemon) + "; exit 7", log, ended);
  EXPECT_EQ(ended.get_future().get().exit.status, 7);
  while (!log->ended(LogCapture::kStdout)) log->drain();
}

TEST_F(SupervisorTest, Daemon_EndsWithTheProcessThatIsKilled) {
  std::promise<Ended> ended;
  auto log = LogCapture::create().value();
  auto id = start_shell(std::string(kDaemon) + "; sleep 1000", log, ended);
  std::string seen;
  while (seen.find("ready") == std::string::npos) seen += log->take().text;
  supervisor_->kill(id);
  EXPECT_EQ(ended.get_future().get().exit.signal, SIGKILL);
  while (!log->ended(LogCapture::kStdout)) log->drain();
}

// Signal 0 asks for the permission alone.
TEST_F(SupervisorTest, Signals_DoNotReachWeftNorItsGroupNorTheSandbox) {
  const std::string weft = std::to_string(getpid());
  const std::string group = std::to_string(getpgrp());
  const std::string thread = std::to_string(gettid());
  for (const std::string& target : {weft, "-" + group, thread, std::string("-1"),
                                    std::string("$PPID"), std::string("-$PPID")}) {
    const std::string script = "kill -s 0 -- " + target + " 2>&1 && echo reached";
    EXPECT_THAT(run({"/bin/sh", "-c", script}).output, testing::HasSubstr("not permitted"))
        << target;
  }
  EXPECT_EQ(run({"/bin/sh", "-c", "sleep 1000 & kill -9 $! && echo reached"}).output, "reached\n");
}

// A thread of ours and another sandbox's process, which are there only after the sandbox is.
TEST_F(SupervisorTest, Signals_StayWithinTheSandbox) {
  const std::string pipe = testing::TempDir() + "/weft-signals-" + std::to_string(getpid());
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::promise<Ended> ended;
  const std::string script = "exec 2>/dev/null 3<" + pipe + R"(
for each in thread process group; do
  read target <&3
  kill -s 0 -- $target && echo $each reached || echo $each is kept away
done
sleep 1000 & kill -9 $! && echo a child reached
sh -c 'kill -s 0 $$ && kill -s 0 0 && echo itself reached'
setsid sh -c 'sleep 1000 & echo $$; wait' | (read leader; kill -s KILL -- -$leader && echo a session reached)
kill -s 0 $(cat /proc/sys/kernel/pid_max) || echo nobody
)";
  start({"/bin/sh", "-c", script}, ended);
  const int targets = open(pipe.c_str(), O_WRONLY | O_CLOEXEC);  // waits until it reads
  ASSERT_GE(targets, 0);
  std::promise<pid_t> started;
  std::promise<void> done;
  std::thread thread([&] {
    started.set_value(gettid());
    done.get_future().wait();
  });
  std::promise<Ended> other_ended;
  auto log = LogCapture::create().value();
  const auto other = start_shell("echo $$; sleep 1000", log, other_ended);
  std::string process;
  while (!process.contains('\n')) process += log->take().text;
  process.pop_back();
  const std::string text =
      std::to_string(started.get_future().get()) + "\n" + process + "\n-" + process + "\n";
  EXPECT_EQ(write(targets, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  EXPECT_EQ(ended.get_future().get().output,
            "thread is kept away\nprocess is kept away\ngroup is kept away\na child reached\n"
            "itself reached\na session reached\nnobody\n");
  done.set_value();
  thread.join();
  supervisor_->kill(other);
  EXPECT_EQ(other_ended.get_future().get().exit.signal, SIGKILL);
  close(targets);
  unlink(pipe.c_str());
}

// The kernel sends the owner of a file a signal of one's choice; a terminal sends those of its
// keys.
TEST_F(SupervisorTest, SignalsByFilesAndTerminals_AreRefused) {
  constexpr const char* kScript = R"(
import fcntl, os, socket, struct, sys, termios
weft = struct.pack("i", int(sys.argv[1]))
end = socket.socketpair()[0]
terminal = os.openpty()[1]
def ask(name, call, *arguments):
  try:
    call(*arguments)
    print(name, "reached")
  except OSError as error:
    print(name, os.strerror(error.errno))
ask("F_SETOWN", fcntl.fcntl, end, fcntl.F_SETOWN, int(sys.argv[1]))
ask("F_SETOWN_EX", fcntl.fcntl, end, 15, struct.pack("ii", 1, int(sys.argv[1])))
ask("F_SETSIG", fcntl.fcntl, end, fcntl.F_SETSIG, 9)
ask("FIOSETOWN", fcntl.ioctl, end, 0x8901, weft)
ask("SIOCSPGRP", fcntl.ioctl, end, 0x8902, weft)
ask("TIOCSTI", fcntl.ioctl, terminal, termios.TIOCSTI, b"\x03")
ask("TIOCLINUX", fcntl.ioctl, terminal, termios.TIOCLINUX, b"\x03")
ask("TIOCSCTTY", fcntl.ioctl, terminal, termios.TIOCSCTTY, 0)
ask("TIOCSPGRP", fcntl.ioctl, terminal, termios.TIOCSPGRP, weft)
ask("FIONREAD", fcntl.ioctl, end, termios.FIONREAD, weft)
)";
  const std::string no = " Operation not permitted\n";
  EXPECT_EQ(run({"/usr/bin/python3", "-c", kScript, std::to_string(getpid())}).output,
            "F_SETOWN" + no + "F_SETOWN_EX" + no + "F_SETSIG" + no + "FIOSETOWN" + no +
                "SIOCSPGRP" + no + "TIOCSTI" + no + "TIOCLINUX" + no + "TIOCSCTTY" + no +
                "TIOCSPGRP" + no + "FIONREAD reached\n");
}

TEST_F(SupervisorTest, Process_HasBoundsAndNoNewPrivileges) {
  std::promise<Ended> ended;
  auto log = LogCapture::create().value();
  Supervisor::Start start;
  start.program.arguments = {
      "/bin/sh", "-c",
      "ulimit -d; ulimit -c; ulimit -Hn; grep -E 'NoNewPrivs|Seccomp:' /proc/self/status"};
  start.program.directory = "/";
  start.program.memory_bytes = 640 << 20;
  start.log = log;
  start.on_exit = [log, &ended](ProcessExit exit) {
    ended.set_value({std::move(exit), log->take().text});
  };
  supervisor_->start(std::move(start));
  EXPECT_EQ(ended.get_future().get().output, "655360\n0\n1024\nNoNewPrivs:\t1\nSeccomp:\t2\n");
}

TEST_F(SupervisorTest, ProcessesOfAnotherUser_AreBound) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can run functions as another user";
  constexpr uid_t kNobody = 65'534;
  std::promise<Ended> ended;
  auto log = LogCapture::create().value();
  Supervisor::Start start;
  start.program.arguments = {"/bin/sh", "-c",
                             "for i in $(seq 60); do sleep 1000 & done 2>&1; echo not bound"};
  start.program.directory = "/";
  start.program.user = RunAs{kNobody, kNobody, 40};
  start.log = log;
  start.on_exit = [log, &ended](ProcessExit exit) {
    ended.set_value({std::move(exit), log->take().text});
  };
  supervisor_->start(std::move(start));
  const std::string output = ended.get_future().get().output;
  EXPECT_THAT(output, testing::HasSubstr("fork"));
  EXPECT_THAT(output, testing::Not(testing::HasSubstr("not bound")));
}

TEST_F(SupervisorTest, Stop_AlsoEndsDaemons) {
  auto log = LogCapture::create().value();
  Supervisor::Start start;
  start.program.arguments = {"/bin/sh", "-c", std::string(kDaemon) + "; sleep 1000"};
  start.program.directory = "/";
  start.log = log;
  start.on_exit = [](const ProcessExit&) {};
  supervisor_->start(std::move(start));
  std::string seen;
  while (seen.find("ready") == std::string::npos) seen += log->take().text;
  supervisor_->stop();
  while (!log->ended(LogCapture::kStdout)) log->drain();
}

TEST(LogCapture, MoreThanTheBound_KeepsTheEnd) {
  auto log = LogCapture::create().value();
  std::string block(32 * 1024, 'a');
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(write(log->write_fd(LogCapture::kStdout), block.data(), block.size()),
              static_cast<ssize_t>(block.size()));
    log->drain();
  }
  ASSERT_EQ(write(log->write_fd(LogCapture::kStdout), "end", 3), 3);
  std::string text = log->take().text;
  EXPECT_EQ(text.size(), kLogBytesMax);
  EXPECT_TRUE(text.ends_with("aend"));
  EXPECT_EQ(log->take().text, "");
}

TEST(LogCapture, LinesOfTheTwoStreams_DoNotMix) {
  auto log = LogCapture::create().value();
  const auto print = [&](LogCapture::Stream stream, std::string_view text) {
    ASSERT_EQ(write(log->write_fd(stream), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
    log->drain();
  };
  print(LogCapture::kStdout, "begins ");
  print(LogCapture::kStderr, "error\nmore ");
  print(LogCapture::kStderr, "errors\n");
  print(LogCapture::kStdout, "and ends\nlast");
  print(LogCapture::kStderr, "open");
  auto printed = log->take();
  EXPECT_EQ(printed.text, "error\nmore errors\nbegins and ends\nlast\nopen");
  EXPECT_EQ(printed.from_stderr, (std::vector<std::pair<size_t, size_t>>{{0, 18}, {39, 43}}));
  ASSERT_FALSE(printed.read_at.empty());
  EXPECT_EQ(printed.read_at.back().first, printed.text.size());
  EXPECT_TRUE(std::ranges::is_sorted(printed.read_at));
  print(LogCapture::kStdout, "next call\n");
  printed = log->take();
  EXPECT_EQ(printed.text, "next call\n");
  EXPECT_TRUE(printed.from_stderr.empty());
  log->close_write_ends();
  log->drain();
  EXPECT_TRUE(log->ended(LogCapture::kStdout) && log->ended(LogCapture::kStderr));
}

TEST(LogCapture, WhatIsCut_LeavesTheStreamsOfTheRest) {
  auto log = LogCapture::create().value();
  const std::string line(1'023, 'e');
  for (int i = 0; i < 400; ++i) {
    for (const auto stream : {LogCapture::kStdout, LogCapture::kStderr}) {
      const std::string text = (stream == LogCapture::kStdout ? 'o' : 'e') + line.substr(1) + '\n';
      ASSERT_EQ(write(log->write_fd(stream), text.data(), text.size()), 1'024);
      log->drain();
    }
  }
  const auto printed = log->take();
  ASSERT_EQ(printed.text.size(), kLogBytesMax);
  EXPECT_EQ(printed.lines_lost, 800u - kLogBytesMax / 1'024);
  ASSERT_EQ(printed.from_stderr.size(), kLogBytesMax / 2'048);
  for (const auto& [from, to] : printed.from_stderr) {
    EXPECT_EQ(printed.text[from], 'e');
    EXPECT_EQ(to - from, 1'024u);
    EXPECT_EQ(printed.text[from - 1'024], 'o');
  }
}

}  // namespace
}  // namespace weft::lambda
