#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <unistd.h>

#include "asl/nearest.h"
#include "aws/answer.h"
#include "aws/json_protocol.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "integrations/lambda/function_log.h"
#include "integrations/lambda/function_name.h"
#include "integrations/lambda/function_pool.h"
#include "json/parse.h"
#include "server/interrupts.h"
#include "server/server.h"

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using base::ErrorCode;
using base::fail;
using lambda::InvocationResult;

constexpr std::chrono::milliseconds kInterruptPoll{50};
constexpr int kInterrupted = 130;

// A data directory for one call, below that of the command: `invoke/PID`, gone at the end. Those of
// processes that were killed go, too.
class OwnDirectory {
 public:
  static base::Result<OwnDirectory> make(const std::string& data_directory) {
    const fs::path home = fs::path(data_directory) / "invoke";
    std::error_code error;
    for (fs::directory_iterator entry(home, error), end; !error && entry != end;
         entry.increment(error)) {
      const pid_t pid = static_cast<pid_t>(std::atoi(entry->path().filename().c_str()));
      std::error_code ignored;
      if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) fs::remove_all(entry->path(), ignored);
    }
    OwnDirectory own(home / std::to_string(getpid()));
    error.clear();
    // One that is there already keeps its mode.
    if (fs::create_directories(data_directory, error))
      fs::permissions(data_directory, fs::perms::owner_all, error);
    if (!error) fs::create_directories(own.path_, error);
    if (error) {
      return fail(ErrorCode::kIo, fmt::format("Cannot create the directory {}: {}",
                                              own.path_.string(), error.message()));
    }
    return own;
  }
  OwnDirectory(OwnDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~OwnDirectory() {
    if (path_.empty()) return;
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    fs::remove(path_.parent_path(), ignored);  // when it is empty
  }
  OwnDirectory(const OwnDirectory&) = delete;
  OwnDirectory& operator=(const OwnDirectory&) = delete;

  std::string path() const { return path_.string(); }

 private:
  explicit OwnDirectory(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

base::Result<void> check_known(const lambda::FunctionPool& functions, const std::string& text) {
  const std::string name = lambda::parse_function_name(text).name;
  if (functions.describe(name)) return {};
  std::vector<std::string> known;
  for (const lambda::FunctionStatus& function : functions.status()) known.push_back(function.name);
  if (known.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("There is no function '{0}': none was given; add --function {0}=FILE, "
                            "or a weft.toml",
                            name));
  }
  const std::string meant =
      asl::nearest(name, std::vector<std::string_view>(known.begin(), known.end()));
  return fail(ErrorCode::kInvalidArgument,
              meant.empty()
                  ? fmt::format("There is no function '{}', but {}", name, fmt::join(known, ", "))
                  : fmt::format("There is no function '{}'; did you mean '{}'?", name, meant));
}

// The answer of the call; nothing when it was interrupted.
std::optional<InvocationResult> call(lambda::FunctionPool& functions,
                                     const lambda::Invocation& invocation) {
  auto promise = std::make_shared<std::promise<InvocationResult>>();
  std::future<InvocationResult> answer = promise->get_future();
  functions.invoke(invocation,
                   [promise](InvocationResult result) { promise->set_value(std::move(result)); });
  while (answer.wait_for(kInterruptPoll) != std::future_status::ready) {
    if (server::Interrupts::count() == 0) continue;
    functions.cancel(invocation.request_id);
    return std::nullopt;
  }
  return answer.get();
}

std::string report_json(const InvocationResult& result, const std::string& id,
                        const std::string& log) {
  json::Arena arena;
  aws::Answer answer(arena);
  const auto payload = json::parse(result.payload.view(), arena);
  answer.text("requestId", id).number("statusCode", 200).text("executedVersion", "$LATEST");
  if (result.outcome != InvocationResult::Outcome::kSucceeded)
    answer.text("functionError", "Unhandled");
  answer.value("payload", payload ? *payload : json::Value::null())
      .real("durationMs", static_cast<double>(result.run_us) / 1'000)
      .flag("coldStart", result.cold_start)
      .real("initDurationMs", static_cast<double>(result.init_us) / 1'000);
  return answer.text("log", log).to_text();
}

}  // namespace

base::Result<int> invoke_command(const InvokeFlags& flags) {
  auto payload = read_json_flag("--payload", flags.payload);
  if (!payload) return std::unexpected(payload.error());
  auto options = serve_options(flags.runtime);
  if (!options) return std::unexpected(options.error());
  auto own = OwnDirectory::make(flags.runtime.data_directory);
  if (!own) return std::unexpected(own.error());
  options->data_directory = own->path();
  server::Interrupts::install();
  auto server = server::Server::open(*options);
  if (!server) return std::unexpected(server.error());
  lambda::FunctionPool& functions = (*server)->functions();
  if (auto known = check_known(functions, flags.function); !known)
    return std::unexpected(known.error());
  // For functions that call Step Functions.
  if (auto started = (*server)->start(); !started) return std::unexpected(started.error());
  const std::string id = aws::random_uuid();
  const auto result =
      call(functions, {.function = flags.function, .payload = *payload, .request_id = id});
  if (!result) return kInterrupted;
  (*server)->end_functions();
  const std::string name = lambda::parse_function_name(flags.function).name;
  const std::string log =
      lambda::invocation_log(id, *result, functions.describe(name)->config.memory_mb);
  if (flags.json) {
    terminal::print_json(report_json(*result, id, log));
  } else {
    fmt::print(stderr, "{}", terminal::printable_lines(log));
    std::fflush(stderr);
    // Programs get the bytes.
    const std::string text = result->payload.str();
    fmt::print("{}", isatty(STDOUT_FILENO) != 0 ? terminal::printable_lines(text) : text + "\n");
  }
  return result->outcome == InvocationResult::Outcome::kSucceeded ? 0 : 1;
}

}  // namespace weft::cli
