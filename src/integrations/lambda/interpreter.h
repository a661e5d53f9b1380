#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace weft::lambda {

// PATH of this process, or the usual directories when it is not set.
std::string program_search_path();

bool is_executable_file(const std::filesystem::path& path);

// Absolute path of `program` (looked up in PATH when it holds no slash), or "" when there is none.
std::string find_program(const std::string& program);

// The same, past version managers: their `python3` or `node` is a script that finds the real one
// anew at every start. Such a script is run once with the arguments `print_own_path`, and what it
// prints is taken when it names a program.
std::string find_interpreter(const std::string& program,
                             const std::vector<std::string>& print_own_path);

// What `program --version` prints, without its first word's letters: "20.19.2" of "v20.19.2" and of
// "Python 20.19.2"; "" when it cannot be run. Blocks until it has ended.
std::string interpreter_version(const std::string& program);

}  // namespace weft::lambda
