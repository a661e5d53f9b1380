#include "integrations/lambda/launch_plan.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "integrations/lambda/interpreter.h"

namespace weft::lambda {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using base::Result;

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

// A source file and the name inside it that handles events.
struct Source {
  fs::path file;
  std::string entry;
};

Result<Source> find_in_directory(const FunctionConfig& config, const fs::path& directory) {
  constexpr std::array<std::string_view, 4> kSuffixes = {".mjs", ".js", ".cjs", ".py"};
  size_t dot = config.handler.rfind('.');
  if (dot == std::string::npos) {
    for (std::string_view suffix : kSuffixes) {
      fs::path file = directory / fmt::format("index{}", suffix);
      if (is_file(file)) return Source{file, config.handler};
    }
    if (is_file(directory / "lambda_function.py")) {
      return Source{directory / "lambda_function.py",
                    config.handler == "handler" ? "lambda_handler" : config.handler};
    }
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Function '{}': directory '{}' holds none of: an executable bootstrap, "
                            "index.mjs, index.js, index.cjs, index.py, lambda_function.py.",
                            config.name, directory.string()));
  }
  std::string stem = config.handler.substr(0, dot);
  std::string entry = config.handler.substr(dot + 1);
  for (std::string_view suffix : kSuffixes) {
    fs::path file = directory / fmt::format("{}{}", stem, suffix);
    if (is_file(file)) return Source{file, entry};
  }
  // A module of Python's in a package: "package.module.function".
  std::string module = stem;
  std::ranges::replace(module, '.', '/');
  if (fs::path file = directory / (module + ".py"); is_file(file)) return Source{file, entry};
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("Function '{}': handler '{}' needs a file {}.mjs, .js, .cjs or .py in '{}'.",
                  config.name, config.handler, stem, directory.string()));
}

Result<std::string> need_program(std::string& found, const std::string& program,
                                 const FunctionConfig& config,
                                 const std::vector<std::string>& print_own_path) {
  if (found.empty()) found = find_interpreter(program, print_own_path);
  if (found.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Function '{}': '{}' needs the program '{}', which is not in PATH.",
                            config.name, config.path, program));
  }
  return found;
}

// The command line for a source file; `handler` becomes _HANDLER in AWS's form `file.export`.
Result<std::vector<std::string>> interpret(const Source& source, const FunctionConfig& config,
                                           const PoolOptions& options, Runtimes& runtimes) {
  bool python = source.file.extension() == ".py";
  auto program = python ? need_program(runtimes.python_program, options.python_program, config,
                                       {"-c", "import sys; print(sys.executable)"})
                        : need_program(runtimes.node_program, options.node_program, config,
                                       {"-p", "process.execPath"});
  if (!program) return std::unexpected(program.error());
  std::vector<std::string> arguments = {*program};
  arguments.push_back(python ? runtimes.python_bootstrap : runtimes.node_bootstrap);
  arguments.push_back(source.file.string());
  arguments.push_back(source.entry);
  return arguments;
}

Result<std::optional<RunAs>> find_user(const FunctionConfig& config) {
  if (config.user.empty()) return std::nullopt;
  const auto refused = [&](std::string_view why) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Function '{}': user '{}': {}.", config.name, config.user, why));
  };
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> texts(16 * 1024);
  getpwnam_r(config.user.c_str(), &entry, texts.data(), texts.size(), &found);
  if (found == nullptr) return refused("expected the name of a user of this machine");
  if (geteuid() != 0) return refused("only root can run functions as another user");
  return RunAs{found->pw_uid, found->pw_gid};
}

std::map<std::string, std::string> common_environment(const FunctionConfig& config,
                                                      const PoolOptions& options) {
  std::map<std::string, std::string> result = {
      {"AWS_LAMBDA_FUNCTION_NAME", config.name},
      {"AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"},
      {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(config.memory_mb)},
      {"AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + config.name},
      {"AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"},
      {"AWS_LAMBDA_LOG_FORMAT", config.log_format},
      {"AWS_REGION", options.region},
      {"AWS_DEFAULT_REGION", options.region},
      // Weft does not check signatures of local calls, but SDKs refuse to send unsigned ones.
      {"AWS_ACCESS_KEY_ID", "weft"},
      {"AWS_SECRET_ACCESS_KEY", "weft"},
      {"AWS_SESSION_TOKEN", "weft"},
      {"AWS_ACCOUNT_ID", options.account},
      {"AWS_EC2_METADATA_DISABLED", "true"},
      {"AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"},
      {"PATH", program_search_path()},
      {"HOME", "/tmp"},
      {"LANG", "en_US.UTF-8"},
      {"TZ", ":UTC"},
  };
  if (config.log_format == "JSON") result["AWS_LAMBDA_LOG_LEVEL"] = config.log_level;
  const char* temporary = std::getenv("TMPDIR");
  result["TMPDIR"] = temporary != nullptr && *temporary != '\0' ? temporary : "/tmp";
  if (!options.endpoint_url.empty()) {
    result["AWS_ENDPOINT_URL"] = options.endpoint_url;
    result["AWS_ENDPOINT_URL_S3"] = options.endpoint_url;
    result["AWS_ENDPOINT_URL_SFN"] = options.endpoint_url;
    // StartSyncExecution: no "sync-" before a host that has no such name.
    result["AWS_DISABLE_HOST_PREFIX_INJECTION"] = "true";
    // Read by no SDK for JavaScript or Python: both address buckets by path on IP hosts. Handlers
    // that build their own client on a named host may look at it.
    result["AWS_S3_FORCE_PATH_STYLE"] = "true";
  }
  return result;
}

}  // namespace

std::string function_arn(const PoolOptions& options, const std::string& name) {
  return fmt::format("arn:aws:lambda:{}:{}:function:{}", options.region, options.account, name);
}

Result<FoundSource> find_source(const FunctionConfig& config) {
  std::error_code error;
  fs::path path = fs::canonical(config.path, error);
  if (error) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("Function '{}': path '{}': {}.", config.name, config.path, error.message()));
  }
  const auto itself = [&config](const fs::path& program) {
    return FoundSource{.directory = program.parent_path().string(),
                       .file = program.string(),
                       .entry = {},
                       .handler = config.handler};
  };
  if (fs::is_directory(path, error)) {
    if (is_executable_file(path / "bootstrap")) return itself(path / "bootstrap");
    auto source = find_in_directory(config, path);
    if (!source) return std::unexpected(source.error());
    // As it was given, where it names the file.
    const bool named = config.handler.find('.') != std::string::npos;
    const fs::path stem = fs::path(source->file).replace_extension().lexically_relative(path);
    return FoundSource{
        .directory = path.string(),
        .file = source->file.string(),
        .entry = source->entry,
        .handler = named ? config.handler : fmt::format("{}.{}", stem.string(), source->entry)};
  }
  const std::string suffix = path.extension().string();
  if (suffix == ".mjs" || suffix == ".js" || suffix == ".cjs" || suffix == ".py") {
    return FoundSource{.directory = path.parent_path().string(),
                       .file = path.string(),
                       .entry = config.handler,
                       .handler = path.stem().string() + "." + config.handler};
  }
  if (is_executable_file(path)) return itself(path);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("Function '{}': path '{}' must be an executable, a directory, or a file "
                          "ending in .mjs, .js, .cjs or .py.",
                          config.name, config.path));
}

Result<LaunchPlan> make_launch_plan(const FunctionConfig& config, const PoolOptions& options,
                                    Runtimes& runtimes) {
  auto source = find_source(config);
  if (!source) return std::unexpected(source.error());
  LaunchPlan plan;
  plan.directory = source->directory;
  plan.source = source->file;
  if (source->entry.empty()) {
    plan.arguments = {source->file};
  } else {
    auto arguments = interpret(Source{source->file, source->entry}, config, options, runtimes);
    if (!arguments) return std::unexpected(arguments.error());
    plan.arguments = std::move(*arguments);
  }
  auto user = find_user(config);
  if (!user) return std::unexpected(user.error());
  plan.user = *user;
  plan.environment = common_environment(config, options);
  plan.environment["_HANDLER"] = source->handler;
  plan.environment["LAMBDA_TASK_ROOT"] = plan.directory;
  plan.environment["LAMBDA_RUNTIME_DIR"] = runtimes.directory;
  for (const auto& [key, value] : options.environment) plan.environment[key] = value;
  for (const auto& [key, value] : config.environment) plan.environment[key] = value;
  return plan;
}

}  // namespace weft::lambda
