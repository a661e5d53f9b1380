#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "api/query/findings.h"
#include "api/query/question.h"

namespace weft::api {
namespace {

using history::ExecutionStatus;
using reading::ExecutionItem;

// Executions that the list of machines looks at, newest first; it says so where there are more.
constexpr size_t kCountedMax = 10'000;
constexpr int64_t kMachinesMax = 500;
// Different inputs that a machine is offered to be started with again.
constexpr size_t kInputs = 10;
constexpr size_t kInputsLookedAt = 50;

// What ran of one state machine.
struct Ran {
  uint64_t executions = 0;
  uint64_t running = 0;
  uint64_t failed = 0;
  std::optional<ExecutionItem> last;
};

base::Result<std::map<std::string, Ran>> count_executions(const Question& question, bool& more) {
  std::map<std::string, Ran> ran;
  const auto left = each_execution(question, "", kCountedMax, [&](ExecutionItem& row) {
    Ran& one = ran[row.machine_arn];
    ++one.executions;
    one.running += row.status == ExecutionStatus::kRunning ? 1 : 0;
    one.failed += history::is_failure(row.status) ? 1 : 0;
    if (!one.last) one.last = std::move(row);
    return true;
  });
  if (!left) return std::unexpected(left.error());
  more = *left;
  return ran;
}

json::Value row_of(const records::MachineRecord& record, const Ran& ran, json::Arena& arena) {
  aws::Answer answer(arena);
  answer.text("arn", record.arn)
      .text("name", record.name)
      .text("type", record.express ? "EXPRESS" : "STANDARD")
      .number("created", record.created_ms * 1'000)
      .number("executions", static_cast<int64_t>(ran.executions))
      .number("running", static_cast<int64_t>(ran.running))
      .number("failed", static_cast<int64_t>(ran.failed));
  if (ran.last) {
    answer.value("last", aws::Answer(arena)
                             .text("arn", ran.last->arn)
                             .text("name", ran.last->name)
                             .text("status", history::to_string(ran.last->status))
                             .number("start", ran.last->start_ms * 1'000)
                             .finish());
  }
  return answer.finish();
}

// The newest different inputs, as much of them as may be seen.
base::Result<json::Value> last_inputs(const Question& question, std::string_view machine) {
  const auto page = question.query.executions(machine, std::nullopt, kInputsLookedAt, "");
  if (!page) return std::unexpected(page.error());
  json::ArrayBuilder inputs(question.arena);
  std::set<std::string> known;
  for (const ExecutionItem& row : page->rows) {
    if (inputs.size() == kInputs) break;
    const auto view = question.query.execution(row.arn);
    if (!view || !known.insert(std::string(view->input.view())).second) continue;
    inputs.push(aws::Answer(question.arena)
                    .text("execution", row.arn)
                    .text("name", row.name)
                    .number("start", row.start_ms * 1'000)
                    .number("bytes", static_cast<int64_t>(view->input.size()))
                    .text("preview", question.payloads.apply(view->input.view()))
                    .finish());
  }
  return inputs.finish();
}

}  // namespace

FoundResult machines(const Question& question) {
  const auto limit = whole_parameter(question.parameters, "limit", 100, 1, kMachinesMax);
  if (!limit) return std::unexpected(limit.error());
  const auto page = question.query.machines(static_cast<size_t>(*limit),
                                            question.parameters.find("after").value_or(""));
  if (!page) return std::unexpected(page.error());
  bool more = false;
  const auto ran = count_executions(question, more);
  if (!ran) return std::unexpected(ran.error());
  json::ArrayBuilder rows(question.arena);
  for (const records::MachineRecord& record : page->rows) {
    const auto found = ran->find(record.arn);
    rows.push(row_of(record, found == ran->end() ? Ran() : found->second, question.arena));
  }
  aws::Answer answer(question.arena);
  answer.value("rows", rows.finish()).flag("more", more).flag("runs", question.host.runs());
  return Found{answer.text_if("next", page->next_token).to_text()};
}

FoundResult machine(const Question& question) {
  const auto arn = question.parameters.find("arn");
  if (!arn) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      "arn: expected the ARN of a state machine");
  }
  const auto record = question.query.machine(*arn);
  if (!record) return std::unexpected(record.error());
  const auto definition = question.query.definition(record->definition_hash);
  if (!definition) return std::unexpected(definition.error());
  auto inputs = last_inputs(question, record->arn);
  if (!inputs) return std::unexpected(inputs.error());
  aws::Answer answer(question.arena);
  answer.text("arn", record->arn)
      .text("name", record->name)
      .text("type", record->express ? "EXPRESS" : "STANDARD")
      .number("created", record->created_ms * 1'000)
      .flag("runs", question.host.runs())
      .text("definition", definition->view())
      .value("inputs", *inputs);
  add_findings(definition->view(), record->express, question.arena, answer);
  return Found{answer.to_text()};
}

}  // namespace weft::api
