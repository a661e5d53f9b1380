#include <chrono>
#include <cstdio>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/lambda/invoke_limits.h"
#include "arn/function_name.h"
#include "asl/nearest.h"
#include "aws/answer.h"
#include "aws/json_protocol.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/own_directory.h"
#include "cli/project.h"
#include "integrations/lambda/function_log.h"
#include "integrations/lambda/function_pool.h"
#include "json/parse.h"
#include "server/interrupts.h"
#include "server/server.h"
#include "terminal/shell_word.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;
using lambda::InvocationResult;

constexpr std::chrono::milliseconds kInterruptPoll{50};
constexpr int kInterrupted = 130;

// `missing`: functions of the template that cannot run here, and why.
base::Result<void> check_known(const lambda::FunctionPool& functions, const std::string& text,
                               const std::map<std::string, std::string>& missing) {
  const std::string name = arn::parse_function_name(text).name;
  if (functions.describe(name)) return {};
  if (const auto why = missing.find(name); why != missing.end())
    return fail(ErrorCode::kInvalidArgument, why->second);
  std::vector<std::string> known;
  for (const lambda::FunctionStatus& function : functions.status()) known.push_back(function.name);
  if (known.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("There is no function '{}': none was given; add --function {}=FILE, "
                            "--template FILE, or a weft.toml",
                            name, terminal::shell_word(name)));
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
  if (payload->size() > api::kRequestBytesMax) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("--payload has {} bytes: {}", terminal::grouped(payload->size()),
                                  api::too_large(api::kRequestBytesMax).message));
  }
  auto options = serve_options(flags.runtime);
  if (!options) return std::unexpected(options.error());
  auto own = OwnDirectory::make(flags.runtime.data_directory, "invoke");
  if (!own) return std::unexpected(own.error());
  options->data_directory = own->path();
  const auto missing = add_template(flags.project, flags.runtime.data_directory, *options);
  if (!missing) return std::unexpected(missing.error());
  server::Interrupts::install();
  auto server = server::Server::open(*options);
  if (!server) return std::unexpected(server.error());
  lambda::FunctionPool& functions = (*server)->functions();
  if (auto known = check_known(functions, flags.function, *missing); !known)
    return std::unexpected(known.error());
  // For functions that call Step Functions.
  if (auto started = (*server)->start(); !started) return std::unexpected(started.error());
  const std::string id = aws::random_uuid();
  const auto result =
      call(functions, {.function = flags.function, .payload = *payload, .request_id = id});
  if (!result) return kInterrupted;
  (*server)->end_functions();
  const std::string name = arn::parse_function_name(flags.function).name;
  const std::string log =
      lambda::invocation_log(id, *result, functions.describe(name)->config.memory_mb);
  if (flags.json) {
    terminal::print_json(report_json(*result, id, log));
  } else {
    fmt::print(stderr, "{}", terminal::printable_lines(log));
    std::fflush(stderr);
    terminal::print_json(result->payload.view());
  }
  return result->outcome == InvocationResult::Outcome::kSucceeded ? 0 : 1;
}

}  // namespace weft::cli
