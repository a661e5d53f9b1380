#include <chrono>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "aws/answer.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/own_directory.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/client.h"
#include "server/interrupts.h"
#include "server/server.h"
#include "terminal/text.h"
#include "trace/redact.h"

namespace weft::cli {
namespace {

using base::ErrorCode;
using base::fail;

// TestState ends within five minutes.
constexpr std::chrono::minutes kAnswerTime{6};
// Weft asks nobody for permission: any role does.
constexpr std::string_view kRole = "arn:aws:iam::000000000000:role/weft";

base::Result<DefinitionFile> read_definition(const TestStateFlags& flags,
                                             server::ServeOptions& options) {
  RunFlags run;
  run.runtime = flags.runtime;
  run.definition = flags.definition;
  run.resource = flags.resource;
  run.substitutes = flags.substitutes;
  return find_main(run, options);
}

// Adds a member that a flag gives as JSON; the text stays as it is.
base::Result<void> add_json_member(aws::Answer& request, std::string_view member,
                                   std::string_view flag, const std::string& value) {
  if (value.empty()) return {};
  auto text = read_json_flag(flag, value);
  if (!text) return std::unexpected(text.error());
  request.text(member, text->view());
  return {};
}

base::Result<json::Value> mock_of(const TestStateFlags& flags, json::Arena& arena) {
  aws::Answer mock(arena);
  if (auto ok = add_json_member(mock, "result", "--mock-result", flags.mock_result); !ok)
    return std::unexpected(ok.error());
  if (!flags.mock_error.empty()) {
    const size_t colon = flags.mock_error.find(':');
    aws::Answer error(arena);
    error.text("error", flags.mock_error.substr(0, colon));
    if (colon != std::string::npos) error.text("cause", flags.mock_error.substr(colon + 1));
    mock.value("errorOutput", error.finish());
  }
  return mock.text_if("fieldValidationMode", flags.validation).finish();
}

base::Result<json::Value> configuration_of(const TestStateFlags& flags, json::Arena& arena) {
  aws::Answer configuration(arena);
  if (flags.retries >= 0) configuration.number("retrierRetryCount", flags.retries);
  if (flags.failed_items >= 0) configuration.number("mapIterationFailureCount", flags.failed_items);
  configuration.text_if("errorCausedByState", flags.caused_by);
  if (auto ok =
          add_json_member(configuration, "mapItemReaderData", "--reader-data", flags.reader_data);
      !ok) {
    return std::unexpected(ok.error());
  }
  return configuration.finish();
}

base::Result<std::string> request_of(const TestStateFlags& flags, const DefinitionFile& file) {
  json::Arena arena;
  aws::Answer request(arena);
  request.text("definition", file.text.view()).text("roleArn", kRole);
  request.text_if("stateName", flags.state).text("inspectionLevel", flags.level);
  if (flags.reveal_secrets) request.flag("revealSecrets", true);
  for (const auto& [member, flag, value] :
       {std::tuple("input", "--input", &flags.input),
        std::tuple("variables", "--variables", &flags.variables),
        std::tuple("context", "--context", &flags.context)}) {
    if (auto ok = add_json_member(request, member, flag, *value); !ok)
      return std::unexpected(ok.error());
  }
  auto mock = mock_of(flags, arena);
  if (!mock) return std::unexpected(mock.error());
  if (!flags.mock_result.empty() || !flags.mock_error.empty()) request.value("mock", *mock);
  auto configuration = configuration_of(flags, arena);
  if (!configuration) return std::unexpected(configuration.error());
  if (configuration->size() > 0) request.value("stateConfiguration", *configuration);
  return request.to_text();
}

base::Result<std::string> ask(const std::string& url, std::string body) {
  net::HttpClient client;
  net::ClientRequest request{.method = "POST", .url = url + "/", .body = std::move(body)};
  request.headers.set("X-Amz-Target", "AWSStepFunctions.TestState");
  request.headers.set("Content-Type", "application/x-amz-json-1.0");
  auto response = client.request(std::move(request), kAnswerTime);
  if (!response) return std::unexpected(response.error());
  if (response->status == 200) return std::move(response->body);
  json::Arena arena;
  const auto refusal = json::parse(response->body, arena);
  if (!refusal) return fail(ErrorCode::kInternal, "The answer of TestState is no JSON");
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} ({})", refusal->find("message").as_string(),
                          refusal->find("__type").as_string()));
}

// With several states to choose from one must be named.
base::Result<void> check_state(const TestStateFlags& flags, const DefinitionFile& file) {
  json::Arena arena;
  const auto parsed = json::parse(file.text.view(), arena);
  const json::Value states = parsed ? parsed->find("States") : json::Value();
  if (!flags.state.empty() || !states.is_object()) return {};
  std::vector<std::string_view> names;
  for (size_t i = 0; i < states.size(); ++i) names.push_back(states.key(i));
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} holds a whole state machine: add --state with one of {}",
                          flags.definition, fmt::join(names, ", ")));
}

// What the command line calls what a refusal is about.
std::string with_hint(std::string message) {
  if (message.find("does not support Map or Parallel states") == std::string::npos) return message;
  return message +
         ". With --mock-result JSON, the results of its children, or --mock-error NAME it does";
}

// What the answer may show. Payloads are JSON in texts.
json::Value hidden(json::Value value, const trace::Redactor& payloads, json::Arena& arena) {
  if (value.is_string()) return json::Value::string(payloads.uncut(value.as_string()), arena);
  if (!value.is_object()) return value;
  aws::Answer answer(arena);
  for (size_t i = 0; i < value.size(); ++i)
    answer.value(value.key(i), hidden(value.member(i), payloads, arena));
  return answer.finish();
}

void print_member(std::string_view name, json::Value value) {
  const std::string text =
      value.is_string() ? std::string(value.as_string()) : json::to_text(value);
  constexpr size_t kIndent = 31;
  const size_t room = terminal::Terminal::of(stdout).room();
  fmt::print("  {:<28} {}\n", name,
             terminal::wrapped(terminal::printable(text), room, kIndent, kIndent));
}

void print_answer(json::Value answer) {
  const std::string_view next = answer.find("nextState").as_string();
  terminal::say(stdout, fmt::format("{}{}{}", answer.find("status").as_string(),
                                    next.empty() ? "" : ", next: ", next));
  for (std::string_view name : {"error", "cause"}) {
    if (const json::Value value = answer.find(name); value.is_string()) print_member(name, value);
  }
  const json::Value data = answer.find("inspectionData");
  for (size_t i = 0; i < data.size(); ++i) {
    const json::Value value = data.member(i);
    if (!value.is_object()) {
      print_member(data.key(i), value);
      continue;
    }
    for (size_t k = 0; k < value.size(); ++k)
      print_member(fmt::format("{}.{}", data.key(i), value.key(k)), value.member(k));
  }
  if (const json::Value output = answer.find("output"); output.is_string())
    print_member("output", output);
}

}  // namespace

base::Result<int> test_state_command(const TestStateFlags& flags) {
  auto options = serve_options(flags.runtime);
  if (!options) return std::unexpected(options.error());
  auto file = read_definition(flags, *options);
  if (!file) return std::unexpected(file.error());
  if (auto ok = check_state(flags, *file); !ok) return std::unexpected(ok.error());
  const auto payloads = trace::Redactor::create(options->redaction);
  if (!payloads) return std::unexpected(payloads.error());
  auto request = request_of(flags, *file);
  if (!request) return std::unexpected(request.error());
  auto own = OwnDirectory::make(flags.runtime.data_directory, "test-state");
  if (!own) return std::unexpected(own.error());
  options->data_directory = own->path();
  server::Interrupts::install();
  auto server = server::Server::open(*options);
  if (!server) return std::unexpected(server.error());
  if (auto started = (*server)->start(); !started) return std::unexpected(started.error());
  auto answer = ask((*server)->url(), std::move(*request));
  (*server)->end_functions();
  if (!answer) return fail(answer.error().code, with_hint(answer.error().message));
  json::Arena arena;
  const auto parsed = json::parse(*answer, arena);
  if (!parsed) return fail(ErrorCode::kInternal, parsed.error().message);
  const json::Value shown = flags.reveal_secrets ? *parsed : hidden(*parsed, *payloads, arena);
  if (flags.json) {
    terminal::print_json(json::to_text(shown));
  } else {
    print_answer(shown);
  }
  return parsed->find("status").as_string() == "SUCCEEDED" ? 0 : 1;
}

}  // namespace weft::cli
