#include "exports/datadog_names.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weft::exports {
namespace {

constexpr std::pair<std::string_view, std::string_view> kCounters[] = {
    {"aws.states.enhanced.task.execution.tasks_started",
     "aws.states.enhanced.task.execution.task_started"},
    {"aws.states.enhanced.task.execution.tasks_succeeded",
     "aws.states.enhanced.task.execution.task_succeeded"},
    {"aws.states.enhanced.task.execution.tasks_failed",
     "aws.states.enhanced.task.execution.task_failed"},
};
constexpr std::string_view kDistributions[] = {
    "aws.states.enhanced.execution.execution_time",
    "aws.states.enhanced.task.execution.task_duration",
};
// The average goes by the distribution's own name, which a gauge may not have as well.
constexpr PageGauge kGauges[] = {{".minimum", 0}, {".p95", 0.95}, {".p99", 0.99}, {".maximum", 1}};

}  // namespace

std::string_view page_name_of(std::string_view counter) {
  const auto found =
      std::ranges::find(kCounters, counter, [](const auto& one) { return one.first; });
  return found == std::end(kCounters) ? std::string_view() : found->second;
}

std::span<const PageGauge> page_gauges_of(std::string_view distribution) {
  if (std::ranges::find(kDistributions, distribution) == std::end(kDistributions)) return {};
  return kGauges;
}

}  // namespace weft::exports
