#include <algorithm>
#include <map>

#include "api/test_state/trial.h"
#include "asl/evaluate.h"
#include "aws/answer.h"
#include "json/build.h"

namespace weft::api {

using asl::StateType;
using history::EventType;

// What a test came to, member by member of TestState's answer (API reference, TestState).
class TrialAnswer {
 public:
  TrialAnswer(const Trial& trial, json::Arena& arena)
      : trial_(trial),
        state_(trial.subject_.state()),
        arena_(arena),
        exited_(find({EventType::kPassStateExited, EventType::kTaskStateExited,
                      EventType::kChoiceStateExited, EventType::kWaitStateExited,
                      EventType::kSucceedStateExited, EventType::kParallelStateExited,
                      EventType::kMapStateExited})) {}

  std::string text() const;

 private:
  const history::Event* find(std::initializer_list<EventType> types) const {
    for (const history::Event& event : trial_.events_) {
      if (std::ranges::find(types, event.type) != types.end()) return &event;
    }
    return nullptr;
  }
  const history::Event* retry() const { return find({EventType::kWeftRetryScheduled}); }
  bool jsonpath() const { return state_.language == asl::QueryLanguage::kJsonPath; }
  bool is(StateType type) const { return state_.type == type; }
  std::string_view status() const;
  json::Value inspection_data() const;
  void add_input(aws::Answer& answer) const;
  void add_result(aws::Answer& answer) const;
  void add_map(aws::Answer& answer) const;
  void add_variables(aws::Answer& answer) const;
  void add_error_details(aws::Answer& answer) const;
  void add_exchange(aws::Answer& answer) const;
  static void add(aws::Answer& answer, std::string_view name,
                  const std::optional<base::Text>& text) {
    if (text && !text->is_null()) answer.text(name, text->view());
  }

  const Trial& trial_;
  const asl::State& state_;
  json::Arena& arena_;
  const history::Event* exited_;
};

std::string_view TrialAnswer::status() const {
  if (exited_ != nullptr) return trial_.inspection_.catcher ? "CAUGHT_ERROR" : "SUCCEEDED";
  return retry() != nullptr ? "RETRIABLE" : "FAILED";
}

std::string TrialAnswer::text() const {
  const std::string_view outcome = status();
  aws::Answer answer(arena_);
  if (exited_ != nullptr) answer.text("output", exited_->text.view());
  if (outcome != "SUCCEEDED") {
    answer.optional_text("error", trial_.inspection_.error)
        .optional_text("cause", trial_.inspection_.cause);
  }
  if (trial_.request_.level != InspectionLevel::kInfo)
    answer.value("inspectionData", inspection_data());
  if (exited_ != nullptr && exited_->number >= 0) {
    const auto next = static_cast<asl::StateId>(exited_->number);
    answer.text("nextState", trial_.subject_.program->state(next).name);
  }
  return answer.text("status", outcome).to_text();
}

json::Value TrialAnswer::inspection_data() const {
  aws::Answer answer(arena_);
  answer.text("input", trial_.request_.input.view());
  add_input(answer);
  if (is(StateType::kMap)) add_map(answer);
  add_result(answer);
  add_variables(answer);
  add_error_details(answer);
  if (trial_.request_.level == InspectionLevel::kTrace) add_exchange(answer);
  return answer.finish();
}

// What the state takes of its input. Which states show it is as recorded: not Parallel, and no Pass
// that has a Result.
void TrialAnswer::add_input(aws::Answer& answer) const {
  const history::Event* scheduled =
      find({EventType::kTaskScheduled, EventType::kLambdaFunctionScheduled,
            EventType::kActivityScheduled});
  if (!jsonpath()) {
    if (scheduled != nullptr) answer.text("afterArguments", scheduled->text.view());
    return;
  }
  const bool given = is(StateType::kPass) && !trial_.subject_.json.find("Result").is_undefined();
  if (given || is(StateType::kParallel)) return;
  add(answer, "afterInputPath",
      state_.input ? trial_.inspection_.stages.after_input_path : trial_.request_.input);
  if (scheduled != nullptr) answer.text("afterParameters", scheduled->text.view());
  if (is(StateType::kPass)) add(answer, "afterParameters", trial_.inspection_.result);
}

void TrialAnswer::add_result(aws::Answer& answer) const {
  const std::optional<base::Text>& result = trial_.inspection_.result;
  if (!result) return;
  const bool given = is(StateType::kPass) && !trial_.subject_.json.find("Result").is_undefined();
  if (is(StateType::kTask) || (given && jsonpath())) answer.text("result", result->view());
  const bool shapes = is(StateType::kTask) || is(StateType::kPass) || is(StateType::kMap) ||
                      is(StateType::kParallel);
  if (!jsonpath() || !shapes) return;
  const asl::Stages& stages = trial_.inspection_.stages;
  // Where ResultPath throws the result away, nothing selected from it.
  const bool selected =
      state_.output && (stages.after_result_selector || !stages.after_result_path);
  add(answer, "afterResultSelector", selected ? stages.after_result_selector : result);
  add(answer, "afterResultPath", state_.output ? stages.after_result_path : result);
}

void TrialAnswer::add_map(aws::Answer& answer) const {
  const auto& map = std::get<asl::MapState>(state_.body);
  const engine::Inspection& seen = trial_.inspection_;
  if (jsonpath() && !map.item_reader) add(answer, "afterItemsPath", trial_.items_text_);
  if (map.item_selector) add(answer, "afterItemSelector", trial_.selected_);
  if (map.item_batcher) add(answer, "afterItemBatcher", trial_.batched_);
  if (seen.tolerated_failure_count)
    answer.number("toleratedFailureCount", *seen.tolerated_failure_count);
  if (seen.tolerated_failure_percentage)
    answer.real("toleratedFailurePercentage", *seen.tolerated_failure_percentage);
  if (seen.max_concurrency) answer.number("maxConcurrency", *seen.max_concurrency);
}

// Those of the request and those that the state assigned.
void TrialAnswer::add_variables(aws::Answer& answer) const {
  std::map<std::string_view, base::Text> all;
  for (const auto& [name, value] : trial_.variables_) all.insert_or_assign(name, value);
  if (exited_ != nullptr) {
    for (const auto& [name, value] : exited_->variables) all.insert_or_assign(name, value);
  }
  if (all.empty()) return;
  json::ObjectBuilder variables(arena_);
  for (const auto& [name, value] : all) {
    const auto parsed = asl::parse(value.view(), arena_, state_.language);
    if (parsed) variables.add_ref(name, *parsed);
  }
  answer.text("variables", asl::to_text(variables.finish(), state_.language));
}

void TrialAnswer::add_error_details(aws::Answer& answer) const {
  const engine::Inspection& seen = trial_.inspection_;
  if (!seen.catcher && !seen.retrier) return;
  aws::Answer details(arena_);
  if (seen.catcher) details.number("catchIndex", *seen.catcher);
  if (seen.retrier) details.number("retryIndex", *seen.retrier);
  if (const history::Event* again = retry())
    details.number("retryBackoffIntervalSeconds", (again->number - again->time_ms) / 1'000);
  answer.value("errorDetails", details.finish());
}

void TrialAnswer::add_exchange(aws::Answer& answer) const {
  const integrations::HttpExchange* http = trial_.exchange_.get();
  if (http == nullptr || http->url.empty()) return;
  answer.value("request", aws::Answer(arena_)
                              .text("protocol", http->protocol)
                              .text("method", http->method)
                              .text("url", http->url)
                              .text("headers", http->request_headers)
                              .text_if("body", http->request_body)
                              .finish());
  // Of a call that was given up, an answer may be coming in.
  if (trial_.timed_out_ || !http->answered) return;
  answer.value("response", aws::Answer(arena_)
                               .text("protocol", http->protocol)
                               .text("statusCode", http->status_code)
                               .text("statusMessage", http->status_message)
                               .text("headers", http->response_headers)
                               .text_if("body", http->response_body)
                               .finish());
}

std::string Trial::answer() const {
  json::Arena arena;
  return TrialAnswer(*this, arena).text();
}

}  // namespace weft::api
