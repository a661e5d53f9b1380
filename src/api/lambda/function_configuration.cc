#include "api/lambda/function_configuration.h"

#include <fstream>
#include <map>
#include <sstream>
#include <tuple>

#include <fmt/format.h>
#include <sys/stat.h>

#include "api/s3/checksum.h"
#include "aws/answer.h"
#include "base/time.h"
#include "integrations/lambda/interpreter.h"
#include "sync/mutex.h"

namespace weft::api {
namespace {

constexpr std::string_view kRoleArn = "arn:aws:iam::000000000000:role/weft";

std::string bytes_of(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return std::move(text).str();
}

// AWS's identifier of what runs a function: nodejs20.x, python3.11, provided.al2023.
std::string runtime_of(const lambda::FunctionDescription& function) {
  if (function.interpreter.empty()) return "provided.al2023";
  static sync::Mutex mutex;
  static std::map<std::string, std::string> known;  // by path of the interpreter
  const sync::MutexLock lock(mutex);
  auto [at, first] = known.try_emplace(function.interpreter);
  if (first) at->second = lambda::interpreter_version(function.interpreter);
  const std::string_view version = at->second;
  if (!function.source.ends_with(".py"))
    return fmt::format("nodejs{}.x", version.substr(0, version.find('.')));
  return fmt::format("python{}", version.substr(0, version.rfind('.')));
}

// Of a file that has changed since, of its bytes again; else what it was.
std::string code_sha256(const std::string& file, const struct stat& now) {
  struct Known {
    std::tuple<dev_t, ino_t, off_t, time_t, long> version;
    std::string sha256;
  };
  const std::tuple version{now.st_dev, now.st_ino, now.st_size, now.st_mtim.tv_sec,
                           now.st_mtim.tv_nsec};
  static sync::Mutex mutex;
  static std::map<std::string, Known> known;  // by path
  const sync::MutexLock lock(mutex);
  auto [at, first] = known.try_emplace(file);
  if (first || at->second.version != version)
    at->second = {.version = version, .sha256 = sha256_base64(bytes_of(file))};
  return at->second.sha256;
}

json::Value environment_value(const lambda::FunctionConfig& config, json::Arena& arena) {
  aws::Answer variables(arena);
  for (const auto& [name, value] : config.environment) variables.text(name, value);
  return aws::Answer(arena).value("Variables", variables.finish()).finish();
}

json::Value logging_value(const lambda::FunctionConfig& config, json::Arena& arena) {
  aws::Answer logging(arena);
  logging.text("LogFormat", config.log_format);
  if (config.log_format == "JSON") logging.text("ApplicationLogLevel", config.log_level);
  return logging.text("LogGroup", "/aws/lambda/" + config.name).finish();
}

}  // namespace

json::Value configuration_value(const lambda::FunctionDescription& function, json::Arena& arena) {
  const lambda::FunctionConfig& config = function.config;
  struct stat file = {};
  stat(function.source.c_str(), &file);
  json::ArrayBuilder architectures(arena);
#if defined(__aarch64__)
  architectures.push(json::Value::string_ref("arm64"));
#else
  architectures.push(json::Value::string_ref("x86_64"));
#endif
  const int64_t modified_ms = file.st_mtim.tv_sec * 1'000 + file.st_mtim.tv_nsec / 1'000'000;
  std::string modified = base::format_iso_ms(modified_ms);
  if (modified.ends_with('Z')) modified.replace(modified.size() - 1, 1, "+0000");
  aws::Answer answer(arena);
  answer.text("FunctionName", config.name)
      .text("FunctionArn", function.arn)
      .text("Runtime", runtime_of(function))
      .text("Role", kRoleArn)
      .text("Handler", function.handler)
      .number("CodeSize", file.st_size)
      .text("Description", "")
      .number("Timeout", (config.timeout.count() + 999) / 1'000)
      .number("MemorySize", config.memory_mb)
      .text("LastModified", modified)
      .text("CodeSha256", code_sha256(function.source, file))
      .text("Version", "$LATEST");
  if (!config.environment.empty()) answer.value("Environment", environment_value(config, arena));
  return answer.value("TracingConfig", aws::Answer(arena).text("Mode", "PassThrough").finish())
      .text("State", "Active")
      .text("LastUpdateStatus", "Successful")
      .text("PackageType", "Zip")
      .value("Architectures", architectures.finish())
      .value("EphemeralStorage", aws::Answer(arena).number("Size", 512).finish())
      .value("LoggingConfig", logging_value(config, arena))
      .finish();
}

}  // namespace weft::api
