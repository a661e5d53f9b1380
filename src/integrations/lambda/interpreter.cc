#include "integrations/lambda/interpreter.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weft::lambda {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kDefaultPath =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// What `arguments` prints, without the line end; "" when it cannot be run or fails.
std::string output_of(const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return "";
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t pid = -1;
  int failed = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::string result;
  std::array<char, 4096> buffer;
  while (failed == 0) {
    ssize_t count = read(ends[0], buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    result.append(buffer.data(), static_cast<size_t>(count));
  }
  close(ends[0]);
  int status = 0;
  if (failed != 0 || waitpid(pid, &status, 0) != pid || status != 0) return "";
  while (result.ends_with('\n')) result.pop_back();
  return result;
}

}  // namespace

std::string program_search_path() {
  const char* path = std::getenv("PATH");
  return path != nullptr && *path != '\0' ? path : std::string(kDefaultPath);
}

bool is_executable_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

std::string find_program(const std::string& program) {
  std::error_code error;
  if (program.find('/') != std::string::npos) {
    return is_executable_file(program) ? fs::absolute(program, error).string() : "";
  }
  std::string path = program_search_path();
  std::string_view rest = path;
  while (true) {
    size_t colon = rest.find(':');
    fs::path candidate = fs::path(rest.substr(0, colon)) / program;
    if (is_executable_file(candidate)) return fs::absolute(candidate, error).string();
    if (colon == std::string_view::npos) return "";
    rest.remove_prefix(colon + 1);
  }
}

std::string find_interpreter(const std::string& program,
                             const std::vector<std::string>& print_own_path) {
  std::string found = find_program(program);
  if (found.empty()) return found;
  std::array<char, 2> start{};
  std::ifstream(found, std::ios::binary).read(start.data(), start.size());
  if (std::string_view(start.data(), start.size()) != "#!") return found;
  std::vector<std::string> arguments = {found};
  arguments.insert(arguments.end(), print_own_path.begin(), print_own_path.end());
  std::string real = output_of(arguments);
  return is_executable_file(real) ? real : found;
}

std::string interpreter_version(const std::string& program) {
  std::string text = output_of({program, "--version"});
  text.erase(0, std::min(text.find_first_of("0123456789"), text.size()));
  return text;
}

}  // namespace weft::lambda
