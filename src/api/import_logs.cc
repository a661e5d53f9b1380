#include "api/import_logs.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "arn/arn.h"
#include "clock/system_clock.h"
#include "cloudwatch/log_reader.h"
#include "json/arena.h"
#include "net/url.h"

namespace weft::api {
namespace {

using cloudwatch::LogReader;

constexpr size_t kRejectsShown = 10;
// Firehose takes 8,192 characters.
constexpr size_t kMessageBytesMax = 2'000;
constexpr std::string_view kFirehoseId = "X-Amz-Firehose-Request-Id";

// Whom to answer: Firehose wants its own format, with the id of its request.
struct Asker {
  std::string firehose_request_id;  // "": somebody else
};

net::Response json_response(int status, std::string body) {
  net::Response response{.status = status};
  response.headers.set("Content-Type", "application/json");
  response.headers.set("Cache-Control", "no-store");
  if (status == 405) response.headers.set("Allow", "POST");
  if (status == 503) response.headers.set("Retry-After", "1");
  response.body = std::move(body);
  return response;
}

net::Response firehose_response(const Asker& asker, int status, std::string_view error) {
  json::Arena arena;
  return json_response(status, aws::Answer(arena)
                                   .text("requestId", asker.firehose_request_id)
                                   .number("timestamp", clock::unix_ms())
                                   .text_if("errorMessage", error.substr(0, kMessageBytesMax))
                                   .to_text());
}

net::Response refusal(const Asker& asker, int status, std::string_view code,
                      const std::string& message) {
  if (!asker.firehose_request_id.empty()) return firehose_response(asker, status, message);
  json::Arena arena;
  return json_response(
      status,
      aws::Answer(arena)
          .value("error", aws::Answer(arena).text("code", code).text("message", message).finish())
          .to_text());
}

std::string text_of(const cloudwatch::Reject& reject) {
  return reject.place.empty() ? reject.reason : fmt::format("{}: {}", reject.place, reject.reason);
}

// A parameter that names an execution or Map Run; "" when it is not there.
base::Result<std::string> arn_parameter(const net::Query& parameters, std::string_view name,
                                        std::string_view kind, std::string_view other_kind) {
  const auto text = parameters.find(name);
  if (!text || text->empty()) return std::string();
  const auto parts = arn::parse_states_arn(*text);
  if (parts && (parts->kind == kind || parts->kind == other_kind)) return std::string(*text);
  return base::fail(base::ErrorCode::kInvalidArgument,
                    fmt::format("{}={}: expected the ARN of {}", name, *text,
                                kind == "mapRun" ? "a Map Run" : "an execution"));
}

net::Response report_response(const LogReader& reader, const importing::ImportReport& report) {
  json::Arena arena;
  aws::Answer answer(arena);
  answer.number("events", static_cast<int64_t>(reader.events()))
      .number("rejected", static_cast<int64_t>(reader.rejected()));
  add_report(report, answer);
  json::ArrayBuilder rejects(arena);
  for (size_t i = 0; i < std::min(reader.rejects().size(), kRejectsShown); ++i) {
    const cloudwatch::Reject& reject = reader.rejects()[i];
    rejects.push(
        aws::Answer(arena).text("place", reject.place).text("reason", reject.reason).finish());
  }
  return json_response(200, answer.value("rejects", rejects.finish()).to_text());
}

}  // namespace

void add_report(const importing::ImportReport& report, aws::Answer& answer) {
  const auto number = [&answer](std::string_view name, uint64_t value) {
    answer.number(name, static_cast<int64_t>(value));
  };
  number("newEvents", report.new_events);
  number("duplicates", report.duplicates);
  number("executions", report.executions);
  number("children", report.children);
  number("mapRuns", report.map_runs);
  number("changed", report.changed);
  number("incomplete", report.incomplete);
  number("running", report.running);
  number("own", report.own);
  number("badArns", report.bad_arns);
}

void LogImport::handle(net::Request request, net::Responder responder) {
  const uint64_t bytes = request.body_size();
  if (waiting_bytes_ + bytes > kWaitingBytesMax) {
    ++refused_;
    return responder(refusal(
        {std::string(request.headers.get(kFirehoseId))}, 503, "ServiceUnavailable",
        fmt::format("More than {} bytes of requests wait to be imported", kWaitingBytesMax)));
  }
  waiting_bytes_ += bytes;
  thread_.post(
      [this, bytes, request = std::move(request), responder = std::move(responder)]() mutable {
        net::Response response = answer(std::move(request));
        waiting_bytes_ -= bytes;
        responder(std::move(response));
      });
}

net::Response LogImport::answer(net::Request request) {
  ++requests_;
  const Asker asker{std::string(request.headers.get(kFirehoseId))};
  const auto refuse = [&](int status, std::string_view code, const std::string& message) {
    ++refused_;
    return refusal(asker, status, code, message);
  };
  if (request.method != "POST") {
    return refuse(405, "MethodNotAllowed", request.path + " answers POST only");
  }
  const std::string_view encoding = request.headers.get("Content-Encoding");
  if (!encoding.empty() && encoding != "gzip" && encoding != "identity") {
    return refuse(415, "UnsupportedMediaType",
                  fmt::format("Content-Encoding must be gzip or none, not '{}'", encoding));
  }
  if (request.body_size() > kBodyBytesMax) {
    return refuse(
        413, "RequestTooLarge",
        fmt::format("The body has {} bytes, the limit is {}", request.body_size(), kBodyBytesMax));
  }
  if (request.body_size() == 0) {
    return refuse(400, "ValidationException", "The body is empty: expected log events");
  }
  if (request.spooled) {
    auto body = request.spooled->read();
    if (!body) return refuse(500, "InternalServerError", "The body cannot be read back");
    request.body = std::move(*body);
  }
  net::Response response = import_body(request, request.body);
  if (response.status != 200) ++refused_;
  return response;
}

net::Response LogImport::import_body(const net::Request& request, std::string_view body) {
  Asker asker{std::string(request.headers.get(kFirehoseId))};
  const net::Query parameters = net::Query::parse(request.query);
  const auto execution = arn_parameter(parameters, "execution", "execution", "express");
  const auto map_run = arn_parameter(parameters, "mapRun", "mapRun", "mapRun");
  if (!execution || !map_run) {
    return refusal(asker, 400, "ValidationException",
                   (execution ? map_run : execution).error().message);
  }
  std::vector<cloudwatch::LogEvent> lines;
  LogReader reader([&lines](cloudwatch::LogEvent line) {
    if (lines.size() < kEventsMax) lines.push_back(std::move(line));
  });
  reader.set_execution(*execution, *map_run);
  reader.set_unpacked_bytes_max(kUnpackedBytesMax);
  reader.read(body);
  if (asker.firehose_request_id.empty()) asker.firehose_request_id = reader.firehose_request_id();
  if (reader.over_limit()) {
    return refusal(
        asker, 413, "RequestTooLarge",
        fmt::format("The body unpacks to more than {} bytes: send it in parts", kUnpackedBytesMax));
  }
  if (reader.events() > kEventsMax) {
    return refusal(asker, 413, "RequestTooLarge",
                   fmt::format("The body has {} events, the limit is {}: send it in parts",
                               reader.events(), kEventsMax));
  }
  events_ += reader.events();
  rejected_ += reader.rejected();
  if (reader.events() == 0 && reader.rejected() > 0) {
    return refusal(asker, 400, "ValidationException",
                   "No log event of Step Functions: " + text_of(reader.rejects().front()));
  }
  auto report = host_.import_lines(std::move(lines));
  if (!report) return refusal(asker, 500, "InternalServerError", report.error().message);
  if (!asker.firehose_request_id.empty()) return firehose_response(asker, 200, "");
  return report_response(reader, *report);
}

std::string LogImport::counts_json() const {
  return fmt::format(R"({{"requests":{},"refused":{},"events":{},"rejected":{}}})",
                     requests_.load(), refused_.load(), events_.load(), rejected_.load());
}

}  // namespace weft::api
