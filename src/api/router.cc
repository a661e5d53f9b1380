#include "api/router.h"

#include <algorithm>
#include <array>
#include <memory>

#include <fmt/format.h>
#include <openssl/crypto.h>

#include "api/import_logs.h"
#include "api/live/channel.h"
#include "api/operations.h"
#include "api/page/page.h"
#include "api/query/handler.h"
#include "api/query/shared_answers.h"
#include "aws/json_protocol.h"
#include "columns/execution_metrics.h"
#include "json/parse.h"
#include "json/write.h"
#include "metrics/prometheus.h"
#include "net/url.h"

namespace weft::api {
namespace {

// AWS's largest request is a definition of 1 MiB, each byte of which may be escaped.
constexpr uint64_t kBodyBytesMax = 8u << 20;
constexpr std::string_view kTargetPrefix = "AWSStepFunctions.";
constexpr std::string_view kOwnPrefix = "/_weft/";
constexpr std::string_view kStorePagePath = "/_weft/v1/store/page";
constexpr std::string_view kMetricsPath = "/metrics";  // where Prometheus looks

bool is_own(std::string_view path) { return path.starts_with(kOwnPrefix) || path == kMetricsPath; }

// Heavy: what works on definitions and histories.
enum class Work : uint8_t { kReads, kChanges, kHeavy, kHeavyChange };

struct Operation {
  std::string_view name;
  aws::Reply (*run)(Call&);
  Work work = Work::kReads;
};

constexpr std::array kOperations = {
    Operation{"CreateActivity", create_activity, Work::kChanges},
    Operation{"CreateStateMachine", create_state_machine, Work::kHeavyChange},
    Operation{"DeleteActivity", delete_activity, Work::kChanges},
    Operation{"DeleteStateMachine", delete_state_machine, Work::kChanges},
    Operation{"DescribeActivity", describe_activity},
    Operation{"DescribeExecution", describe_execution},
    Operation{"DescribeMapRun", describe_map_run},
    Operation{"DescribeStateMachine", describe_state_machine},
    Operation{"DescribeStateMachineForExecution", describe_state_machine_for_execution},
    Operation{"GetExecutionHistory", get_execution_history, Work::kHeavy},
    Operation{"ListActivities", list_activities},
    Operation{"ListExecutions", list_executions},
    Operation{"ListMapRuns", list_map_runs},
    Operation{"ListStateMachines", list_state_machines},
    Operation{"ListTagsForResource", list_tags_for_resource},
    Operation{"RedriveExecution", redrive_execution, Work::kChanges},
    Operation{"SendTaskFailure", send_task_failure, Work::kChanges},
    Operation{"SendTaskHeartbeat", send_task_heartbeat, Work::kChanges},
    Operation{"SendTaskSuccess", send_task_success, Work::kChanges},
    Operation{"StartExecution", start_execution, Work::kChanges},
    Operation{"StopExecution", stop_execution, Work::kChanges},
    Operation{"TagResource", tag_resource, Work::kChanges},
    Operation{"UntagResource", untag_resource, Work::kChanges},
    Operation{"UpdateMapRun", update_map_run, Work::kChanges},
    Operation{"UpdateStateMachine", update_state_machine, Work::kHeavyChange},
    Operation{"ValidateStateMachineDefinition", validate_state_machine_definition, Work::kHeavy},
};

// Those that answer later.
struct LongOperation {
  std::string_view name;
  void (*run)(Call&, LaterReply);
  Work work = Work::kChanges;
};

constexpr std::array kLongOperations = {
    LongOperation{"GetActivityTask", get_activity_task},
    LongOperation{"StartSyncExecution", start_sync_execution},
    LongOperation{"TestState", test_state, Work::kHeavy},
};

// The operation of `all` that a request asks for, or null.
template <typename Operations>
auto operation_of(const Operations& all, const net::Request& request) -> decltype(all.data()) {
  const std::string_view target = request.headers.get("X-Amz-Target");
  if (!target.starts_with(kTargetPrefix)) return nullptr;
  const auto found = std::ranges::find(all, target.substr(kTargetPrefix.size()),
                                       [](const auto& operation) { return operation.name; });
  return found == all.end() ? nullptr : &*found;
}

// What a request asks; refers to it, to `host` and to `arena`.
std::expected<Call, aws::Fault> parse_call(running::Host& host, const net::Request& request,
                                           json::Arena& arena) {
  if (request.spooled) {
    return std::unexpected(
        aws::Fault(base::ErrorCode::kSerialization, "The request body is too large"));
  }
  auto body = request.body.empty() ? json::parse("{}", arena) : json::parse(request.body, arena);
  if (!body || !body->is_object()) {
    return std::unexpected(
        aws::Fault(base::ErrorCode::kSerialization,
                   body ? "The request body must be a JSON object"
                        : "The request body is not JSON: " + body.error().message));
  }
  return Call{.host = host,
              .query = host.query(),
              .headers = request.headers,
              .connection = request.connection,
              .in = Members(*body),
              .arena = arena};
}

bool is_private(std::string_view path) { return path == kImportLogsPath || path == kStorePagePath; }

bool has_token(const net::Request& request, std::string_view token) {
  constexpr std::string_view kBearer = "Bearer ";
  std::string_view sent = request.headers.get("Authorization");
  if (sent.starts_with(kBearer)) {
    sent.remove_prefix(kBearer.size());
  } else {
    sent = request.headers.get("X-Amz-Firehose-Access-Key");
  }
  return !token.empty() && sent.size() == token.size() &&
         CRYPTO_memcmp(sent.data(), token.data(), token.size()) == 0;
}

net::Response no_access(const net::Request& request, const PrivateAccess& access) {
  net::Response response{.status = 401};
  response.headers.set("Content-Type", "application/json");
  response.headers.set("WWW-Authenticate", "Bearer");
  response.headers.set("Weft-Data-Directory", net::percent_encode(access.data_directory, "/"));
  response.body = R"({"error":{"code":"Unauthorized","message":)";
  json::write_string(request.path +
                         " needs the token that lies in the data directory (file "
                         "token), as Authorization: Bearer TOKEN or as Firehose's "
                         "access key",
                     response.body);
  response.body += "}}";
  return response;
}

net::WorkerPool& threads_for(ApiThreads& threads, const net::Request& request) {
  if (QueryApi::knows(request.path)) return threads.queries;
  const Operation* operation = operation_of(kOperations, request);
  if (operation == nullptr || operation->work == Work::kReads) return threads.reads;
  return operation->work == Work::kChanges ? threads.changes : threads.heavy;
}

aws::Reply call_operation(running::Host& host, const net::Request& request) {
  const Operation* operation = operation_of(kOperations, request);
  if (operation == nullptr) {
    return std::unexpected(
        aws::Fault(base::ErrorCode::kUnknownOperation,
                   fmt::format("Weft has no operation '{}'", request.headers.get("X-Amz-Target"))));
  }
  if (operation->work == Work::kHeavy && has_left(request.connection)) return nobody_waits();
  json::Arena arena;
  auto call = parse_call(host, request, arena);
  if (!call) return std::unexpected(call.error());
  return operation->run(*call);
}

void call_long_operation(running::Host& host, const LongOperation& operation,
                         const net::Request& request, net::Responder responder) {
  if (operation.work == Work::kHeavy && has_left(request.connection))
    return responder(aws::json_response(nobody_waits()));
  json::Arena arena;
  auto call = parse_call(host, request, arena);
  if (!call) return responder(aws::json_response(std::unexpected(call.error())));
  operation.run(*call, [responder = std::move(responder)](aws::Reply reply) mutable {
    responder(aws::json_response(std::move(reply)));
  });
}

// 503 when the store was found damaged: it is read on, and nothing is written.
std::string health(running::Host& host, const TelemetryPages& telemetry,
                   const LogImport& log_import, const LiveChannel& live, int& status) {
  std::string body = R"({"status":"ok",)";
  if (const auto damage = host.query().store().damage()) {
    status = 503;
    body = R"({"status":"damaged","damage":)";
    json::write_string(*damage, body);
    body += ',';
  }
  if (telemetry.counts_json) body += fmt::format(R"("telemetry":{},)", telemetry.counts_json());
  body += fmt::format(R"("import":{},"live":{}}})", log_import.counts_json(), live.counts_json());
  return body;
}

// Weft's own pages.
net::Response own_page(running::Host& host, const net::Request& request,
                       const TelemetryPages& telemetry, const LogImport& log_import,
                       const LiveChannel& live) {
  net::Response response;
  if (request.path == kMetricsPath) {
    response.headers.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    metrics::Registry registry = host.metrics();
    if (telemetry.add_metrics) telemetry.add_metrics(registry);
    response.body = metrics::prometheus_text(registry, columns::metric_descriptions());
    return response;
  }
  response.headers.set("Content-Type", "application/json");
  if (request.path == "/_weft/health") {
    response.body = health(host, telemetry, log_import, live, response.status);
    return response;
  }
  response.status = 404;
  response.body = R"({"error":{"code":"NotFound","message":)";
  json::write_string("There is no page " + request.path, response.body);
  response.body += "}}";
  return response;
}

}  // namespace

std::unexpected<aws::Fault> nobody_waits() {
  return std::unexpected(aws::Fault(base::ErrorCode::kUnavailable, "The client has left"));
}

base::Result<running::TaskCallbacks*> task_callbacks(Call& call) {
  if (auto* callbacks = call.host.task_callbacks()) return callbacks;
  return base::fail(base::ErrorCode::kUnavailable, "Nothing runs here");
}

bool is_api_request(const net::Request& request) {
  return request.headers.find("X-Amz-Target").has_value() || is_own(request.path);
}

uint64_t api_body_limit(const net::Request& request) {
  return request.path == kImportLogsPath ? LogImport::kBodyBytesMax : kBodyBytesMax;
}

net::Handler make_api_handler(running::Host& host, ApiThreads& threads, TelemetryPages telemetry,
                              trace::Redactor payloads, PrivateAccess access) {
  auto log_import = std::make_shared<LogImport>(host);
  auto live = std::make_shared<LiveChannel>(host);
  const auto answer =
      [&host, log_import, live,
       queries = std::make_shared<SharedAnswers>(
           host.query(), [api = std::make_shared<QueryApi>(host, payloads)](
                             const net::Request& request) { return api->answer(request); }),
       telemetry = std::move(telemetry)](const net::Request& request) {
        if (is_page(request.path)) return page_response(request);
        if (LiveChannel::knows(request.path)) return live->answer(request);
        if (QueryApi::knows(request.path)) return queries->answer(request);
        if (is_own(request.path)) return own_page(host, request, telemetry, *log_import, *live);
        return aws::json_response(call_operation(host, request));
      };
  return [&host, &threads, log_import, access = std::move(access),
          answer = std::make_shared<decltype(answer)>(answer)](net::Request request,
                                                               net::Responder responder) {
    if (is_private(request.path) && !has_token(request, access.token))
      return responder(no_access(request, access));
    if (const LongOperation* operation = operation_of(kLongOperations, request)) {
      net::WorkerPool& pool = operation->work == Work::kHeavy ? threads.heavy : threads.changes;
      return pool.post([&host, operation, request = std::move(request),
                        responder = std::move(responder)]() mutable {
        call_long_operation(host, *operation, request, std::move(responder));
      });
    }
    if (request.path == kImportLogsPath) {
      return log_import->handle(std::move(request), std::move(responder));
    }
    net::WorkerPool& pool = threads_for(threads, request);
    pool.post([answer, request = std::move(request), responder = std::move(responder)]() mutable {
      responder((*answer)(request));
    });
  };
}

}  // namespace weft::api
