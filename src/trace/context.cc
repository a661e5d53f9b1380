#include "trace/context.h"

#include <charconv>
#include <cstdlib>

#include <fmt/format.h>

#include "base/digits.h"

namespace weft::trace {
namespace {

std::optional<uint64_t> parse_number(std::string_view text, int base) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view text_of(json::Value value) {
  return value.is_string() ? value.as_string() : std::string_view();
}

// Priorities arrive as text or number.
std::string number_text(json::Value value) {
  if (value.is_string()) return std::string(value.as_string());
  if (value.is_integral()) return std::to_string(value.as_int());
  return "";
}

// `_dd.p.tid=HEX` in a comma list. Libraries print it without leading zeros, so it is read as a
// number.
uint64_t high_of_tags(std::string_view tags) {
  while (!tags.empty()) {
    const size_t comma = tags.find(',');
    const std::string_view tag = tags.substr(0, comma);
    if (tag.starts_with("_dd.p.tid=")) return parse_number(tag.substr(10), 16).value_or(0);
    if (comma == std::string_view::npos) break;
    tags.remove_prefix(comma + 1);
  }
  return 0;
}

uint32_t count_of(json::Value object, std::string_view name) {
  const json::Value value = object.find(name);
  return value.is_integral() && value.as_int() >= 0 ? static_cast<uint32_t>(value.as_int()) : 0;
}

// The span of the state that Execution and State of a Step Functions context name; 0 when they are
// not there.
uint64_t state_span(json::Value datadog) {
  const std::string_view execution = text_of(datadog.find("Execution").find("Id"));
  const json::Value state = datadog.find("State");
  const std::string_view name = text_of(state.find("Name"));
  const std::string_view entered = text_of(state.find("EnteredTime"));
  if (execution.empty() || name.empty() || entered.empty()) return 0;
  return span_of_attempt(execution, name, entered, count_of(state, "RetryCount"),
                         count_of(datadog.find("Execution"), "RedriveCount"));
}

std::optional<Context> context_of_object(json::Value datadog) {
  if (!datadog.is_object()) return std::nullopt;
  const uint64_t span = state_span(datadog);
  const std::string trace_id = number_text(datadog.find("x-datadog-trace-id"));
  if (!trace_id.empty()) {
    auto context = context_of_datadog(trace_id, number_text(datadog.find("x-datadog-parent-id")),
                                      number_text(datadog.find("x-datadog-sampling-priority")),
                                      text_of(datadog.find("x-datadog-tags")));
    if (context && span != 0) context->span = span;
    return context;
  }
  if (const std::string_view root = text_of(datadog.find("RootExecutionId")); !root.empty()) {
    return Context{.trace = trace_of_root(root), .span = span};
  }
  if (span == 0) return context_of_traceparent(text_of(datadog.find("traceparent")));
  const std::string_view execution = text_of(datadog.find("Execution").find("Id"));
  return Context{.trace = trace_of_root(execution), .span = span};
}

std::optional<Context> search(json::Value value, int depth);

// {"CONTEXT": {"Execution", "State", "StateMachine"}}: the state that started the execution; its
// own execution may have been started in the same way.
std::optional<Context> context_of_caller(json::Value input) {
  const json::Value caller = input.find("CONTEXT");
  const uint64_t span = state_span(caller);
  if (span == 0) return std::nullopt;
  json::Value outermost = caller;
  for (json::Value next = caller; state_span(next) != 0;) {
    outermost = next;
    next = next.find("Execution").find("Input").find("CONTEXT");
  }
  const json::Value execution = outermost.find("Execution");
  if (auto upstream = search(execution.find("Input"), 0)) {
    upstream->span = span;
    return upstream;
  }
  return Context{.trace = trace_of_root(text_of(execution.find("Id"))), .span = span};
}

std::optional<Context> search(json::Value value, int depth) {
  constexpr int kDepthMax = 16;
  if (depth > kDepthMax || (!value.is_object() && !value.is_array())) return std::nullopt;
  if (auto context = context_of_object(value.find("_datadog"))) return context;
  for (uint32_t i = 0; i < value.size(); ++i) {
    if (auto context = search(value.is_object() ? value.member(i) : value.item(i), depth + 1))
      return context;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Context> context_of_input(json::Value input) {
  if (auto context = context_of_caller(input)) return context;
  return search(input, 0);
}

std::optional<Context> context_of_headers(
    const std::function<std::string_view(std::string_view name)>& header) {
  auto datadog =
      context_of_datadog(header("x-datadog-trace-id"), header("x-datadog-parent-id"),
                         header("x-datadog-sampling-priority"), header("x-datadog-tags"));
  const auto w3c = context_of_traceparent(header("traceparent"));
  if (datadog && w3c && datadog->trace.low == w3c->trace.low) {
    datadog->trace = w3c->trace;
    datadog->span = w3c->span;
  }
  if (datadog) return datadog;
  return w3c ? w3c : context_of_xray(header("X-Amzn-Trace-Id"));
}

std::optional<Context> context_of_datadog(std::string_view trace_id, std::string_view parent_id,
                                          std::string_view priority, std::string_view tags) {
  const auto low = parse_number(trace_id, 10);
  if (!low || *low == 0) return std::nullopt;
  Context context{.trace = {.high = high_of_tags(tags), .low = *low}};
  context.span = parse_number(parent_id, 10).value_or(0);
  const bool dropped = priority == "0" || priority.starts_with('-');
  context.priority = dropped ? 0 : priority == "2" ? 2 : 1;
  return context;
}

std::optional<Context> context_of_xray(std::string_view header) {
  Context context;
  while (!header.empty()) {
    const size_t end = header.find(';');
    std::string_view part = header.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with("Root=1-") && part.size() == 7 + 8 + 1 + 24) {
      const std::string hex = std::string(part.substr(7, 8)) + std::string(part.substr(16));
      context.trace.high = parse_number(std::string_view(hex).substr(0, 16), 16).value_or(0);
      context.trace.low = parse_number(std::string_view(hex).substr(16), 16).value_or(0);
    } else if (part.starts_with("Parent=")) {
      context.span = parse_number(part.substr(7), 16).value_or(0);
    } else if (part == "Sampled=0") {
      context.priority = 0;
    }
    if (end == std::string_view::npos) break;
    header.remove_prefix(end + 1);
  }
  if (context.trace.low == 0) return std::nullopt;
  return context;
}

std::optional<Context> context_of_traceparent(std::string_view header) {
  if (header.size() < 55 || header[2] != '-' || header[35] != '-' || header[52] != '-')
    return std::nullopt;
  if (header.starts_with("ff") || (header.starts_with("00") && header.size() != 55))
    return std::nullopt;
  const auto high = parse_number(header.substr(3, 16), 16);
  const auto low = parse_number(header.substr(19, 16), 16);
  const auto span = parse_number(header.substr(36, 16), 16);
  const auto flags = parse_number(header.substr(53, 2), 16);
  if (!high || !low || !span || !flags || (*high == 0 && *low == 0) || *span == 0)
    return std::nullopt;
  return Context{
      .trace = {.high = *high, .low = *low}, .span = *span, .priority = (*flags & 1) != 0 ? 1 : 0};
}

std::string xray_header(const Context& context) {
  std::string out = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0";
  base::put_hex(&out[7], context.trace.high >> 32, 8);
  base::put_hex(&out[16], context.trace.high, 8);
  base::put_hex(&out[24], context.trace.low);
  base::put_hex(&out[48], context.span);
  if (context.priority > 0) out.back() = '1';
  return out;
}

std::string traceparent(const Context& context) {
  std::string out = "00-00000000000000000000000000000000-0000000000000000-00";
  base::put_hex(&out[3], context.trace.high);
  base::put_hex(&out[19], context.trace.low);
  base::put_hex(&out[36], context.span);
  if (context.priority > 0) out.back() = '1';
  return out;
}

std::string lambda_client_context(const Context& context) {
  constexpr size_t kUsual = 320;  // bytes
  std::string out;
  out.reserve(kUsual);
  const auto number = [&out](auto value) {
    const fmt::format_int digits(value);
    out.append(digits.data(), digits.size());
  };
  out += R"({"custom":{"_datadog":{"x-datadog-trace-id":")";
  number(context.trace.low);
  out += R"(","x-datadog-parent-id":")";
  number(context.span);
  out += R"(","x-datadog-sampling-priority":")";
  number(context.priority);
  out += R"(","x-datadog-tags":"_dd.p.tid=)";
  out += hex_of(context.trace.high);
  out += R"(","traceparent":")";
  out += traceparent(context);
  out += R"("}}})";
  return out;
}

std::vector<std::pair<std::string, std::string>> http_headers(const Context& context) {
  return {{"traceparent", traceparent(context)},
          {"x-datadog-trace-id", std::to_string(context.trace.low)},
          {"x-datadog-parent-id", std::to_string(context.span)},
          {"x-datadog-sampling-priority", std::to_string(context.priority)},
          {"x-datadog-tags", "_dd.p.tid=" + hex_of(context.trace.high)},
          {"X-Amzn-Trace-Id", xray_header(context)}};
}

}  // namespace weft::trace
