#include "terminal/pager.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weft::terminal {
namespace {

// Of the one pager there can be; a signal handler reads it.
volatile pid_t running_pager = 0;

void wait_for_pager() {
  while (waitpid(running_pager, nullptr, 0) < 0 && errno == EINTR) {
  }
}

// Nobody reads any more.
extern "C" void on_broken_pipe(int) {
  wait_for_pager();
  _exit(0);
}

bool is_program(const std::string& name) {
  std::string_view path = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "";
  while (!path.empty()) {
    const size_t colon = std::min(path.find(':'), path.size());
    if (access((std::string(path.substr(0, colon)) + "/" + name).c_str(), X_OK) == 0) return true;
    path.remove_prefix(std::min(colon + 1, path.size()));
  }
  return false;
}

// Starts `command` with `input` as its standard input; 0 when that fails.
pid_t start(const std::string& command, int input) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  std::string argument = command;
  std::string shell = "sh";
  std::string flag = "-c";
  std::array<char*, 4> arguments = {shell.data(), flag.data(), argument.data(), nullptr};
  pid_t child = 0;
  const int failed =
      posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failed == 0 ? child : 0;
}

// `command`, or where its program is not there the text straight on, with a word about it.
std::string or_straight(const std::string& command) {
  const std::string program = command.substr(0, command.find(' '));
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/+";
  if (program.find_first_not_of(kPlain) != std::string::npos) return command;
  return "if command -v " + program + " > /dev/null; then " + command +
         "\nelse echo \"weft: there is no pager " + program + "\" >&2; cat; fi";
}

}  // namespace

std::string pager_command() {
  for (const char* name : {"WEFT_PAGER", "PAGER"}) {
    const char* value = std::getenv(name);
    if (value == nullptr) continue;
    const std::string_view command = value;
    if (command.find_first_not_of(' ') == std::string_view::npos || command == "cat") return {};
    return or_straight(std::string(command));
  }
  return is_program("less") ? "less -RFX" : "";
}

Pager::Pager(const Terminal& screen, bool wanted) {
  const std::string command = wanted && screen.interactive ? pager_command() : "";
  std::array<int, 2> ends{};
  if (command.empty() || pipe2(ends.data(), O_CLOEXEC) != 0) return;
  running_pager = start(command, ends[0]);
  close(ends[0]);
  if (running_pager != 0) {
    std::fflush(stdout);
    screen_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    dup2(ends[1], STDOUT_FILENO);
    // Ctrl-C is the pager's from here on.
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGPIPE, on_broken_pipe);
  }
  close(ends[1]);
}

Pager::~Pager() {
  if (screen_ < 0) return;
  std::fflush(stdout);
  dup2(screen_, STDOUT_FILENO);  // closes the pipe: the pager has everything
  close(screen_);
  wait_for_pager();
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGPIPE, SIG_DFL);
}

}  // namespace weft::terminal
