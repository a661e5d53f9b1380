#include "api/test_state/trial.h"

#include <algorithm>
#include <utility>

#include "api/test_state/context.h"
#include "asl/evaluate.h"
#include "asl/map_item.h"
#include "base/limits.h"
#include "clock/system_clock.h"
#include "json/build.h"
#include "maprun/map_run.h"
#include "running/execution_input.h"
#include "running/execution_start.h"

namespace weft::api {
namespace {

using history::EventType;

// AWS: a test can run for up to five minutes.
constexpr int64_t kTestMsMax = 300'000;

// AWS prints what it made of items as Java prints a list of them, with blanks after the commas.
base::Text array_of(const std::vector<base::Text>& texts) {
  std::string all = "[";
  for (const base::Text& text : texts) {
    if (all.size() > 1) all += ", ";
    all += text.view();
  }
  return base::Text(all += ']');
}

}  // namespace

Trial::Trial(TestRequest request, const arn::Home& home) : request_(std::move(request)) {
  if (request_.level == InspectionLevel::kTrace) {
    exchange_ = std::make_shared<integrations::HttpExchange>();
    exchange_->with_secrets = request_.reveal_secrets;
  }
  identity_.machine_name = aws::random_uuid();
  identity_.machine_arn = arn::machine_arn(home, identity_.machine_name);
  identity_.execution_name = aws::random_uuid();
  identity_.execution_arn =
      arn::express_arn(home, identity_.machine_name, identity_.execution_name);
  identity_.region = home.region;
  identity_.redrivable = false;
}

std::expected<void, aws::Fault> Trial::prepare() {
  auto subject = find_subject(request_, arena_);
  if (!subject) return std::unexpected(subject.error());
  subject_ = std::move(*subject);
  state_.program = subject_.program;
  if (auto ok = check_mock(request_, subject_); !ok) return ok;
  auto input = running::parse_execution_input(request_.input, base::kStateDataBytesMax, arena_);
  if (!input) return std::unexpected(aws::Fault(input.error()));
  if (auto ok = read_variables(); !ok) return ok;
  auto items = reader_items(request_, subject_);
  if (!items) return std::unexpected(items.error());
  reader_items_ = std::move(*items);
  auto context = test_context(request_, subject_, identity_, clock::unix_ms(), arena_);
  if (!context) return std::unexpected(context.error());
  inspection_.context = *context;
  return {};
}

std::expected<void, aws::Fault> Trial::read_variables() {
  if (!request_.variables) return {};
  const asl::QueryLanguage language = subject_.state().language;
  const auto all = asl::parse(request_.variables->view(), arena_, language);
  if (!all || !all->is_object()) return refused("variables must be a JSON object");
  for (size_t i = 0; i < all->size(); ++i) {
    variables_.emplace_back(all->key(i), base::Text(asl::to_text(all->member(i), language)));
  }
  return {};
}

engine::Surroundings Trial::surroundings() {
  return {.identity = identity_,
          .now_ms = clock::unix_ms(),
          .random_seed = running::random_u64(),
          .state_data_bytes_max = base::kStateDataBytesMax,
          .arena = arena_,
          .map_run_ids = *this,
          .task_tokens = *this,
          .history_events_max = 0,
          .clock = clock::steady_ms,
          .inspection = &inspection_};
}

void Trial::take(engine::Decision decision) {
  for (engine::Action& action : decision.actions) {
    if (auto* invoke = std::get_if<engine::InvokeTask>(&action)) invoke_ = std::move(*invoke);
    if (auto* run = std::get_if<engine::StartMapRun>(&action)) map_run_ = std::move(*run);
  }
  for (history::Event& event : decision.events) events_.push_back(std::move(event));
}

std::expected<void, aws::Fault> Trial::begin() {
  take(engine::begin_test(
      state_,
      {.state = subject_.id,
       .input = request_.input,
       .role_arn = request_.role_arn,
       .variables = variables_,
       .retries = static_cast<uint32_t>(request_.retrier_retry_count.value_or(0))},
      surroundings()));
  if (subject_.state().type != asl::StateType::kMap || !is_at_work()) return {};
  shape_items();
  const int64_t failures = request_.map_iteration_failure_count.value_or(0);
  if (items_ && std::cmp_greater(failures, *items_)) {
    return refused(
        "Map iteration failure count must be less than or equal to the number of Map iterations");
  }
  return {};
}

// What the items become on their way to the children, by the code that starts children.
void Trial::shape_items() {
  if (!map_run_) {  // inline: every iteration has begun
    std::vector<base::Text> inputs;
    for (const history::Event& event : events_) {
      if (event.type == EventType::kMapStateStarted) count_items(event);
      if (event.type == EventType::kMapIterationStarted) inputs.push_back(event.text);
    }
    selected_ = array_of(inputs);
    return;
  }
  const auto all = asl::parse(map_run_->configuration.view(), arena_, subject_.state().language);
  if (!all) return;
  inspection_.max_concurrency = all->find("maxConcurrency").as_int();
  if (const json::Value items = all->find("items"); !items.is_undefined()) add_items(items);
  auto configuration = maprun::parse_configuration(map_run_->configuration);
  if (!configuration) return;  // a reader without its arguments: the mock stands for it
  maprun::PageRead page{.items = configuration->items, .last = true, .keyed = configuration->keyed};
  if (reader_items_)
    page = {.items = reader_items_->texts, .last = true, .keyed = reader_items_->keyed};
  if (configuration->source != maprun::Configuration::Source::kState && !reader_items_) return;
  items_ = page.items.size();
  configuration->max_concurrency = 0;
  for (const bool batched : {false, true}) {
    if (batched && !configuration->batched) continue;
    maprun::Configuration one = *configuration;
    one.batched = batched;
    maprun::MapRun run(std::move(one), subject_.program, subject_.id, clock::unix_ms());
    run.begin();
    std::vector<base::Text> inputs;
    for (maprun::Action& action : run.on(page).actions) {
      if (auto* child = std::get_if<maprun::StartChild>(&action))
        inputs.push_back(std::move(child->input.input));
      const auto* end = std::get_if<maprun::Finish>(&action);
      if (end == nullptr || end->status != maprun::Finish::Status::kFailed) continue;
      take(engine::end_test(state_, {.error = end->error, .cause = end->cause}, surroundings()));
      return;
    }
    (batched ? batched_ : selected_) = array_of(inputs);
  }
}

void Trial::count_items(const history::Event& started) {
  const auto items = asl::parse(started.text.view(), arena_, subject_.state().language);
  if (items) add_items(*items);
}

void Trial::add_items(json::Value items) {
  items_ = items.size();
  std::vector<base::Text> texts;
  for (uint32_t i = 0; i < items.size(); ++i) {
    const json::Value item = items.is_array() ? items.item(i) : asl::entry_of(items, i, arena_);
    texts.emplace_back(asl::to_text(item, subject_.state().language));
  }
  items_text_ = array_of(texts);
}

// AWS: only what the definition tolerates is exceeded by failures that are made up.
bool Trial::exceeds_tolerance() const {
  const auto failures = static_cast<double>(request_.map_iteration_failure_count.value_or(0));
  if (inspection_.tolerated_failure_count &&
      failures > static_cast<double>(*inspection_.tolerated_failure_count)) {
    return true;
  }
  return inspection_.tolerated_failure_percentage && items_.value_or(0) > 0 &&
         failures * 100 / static_cast<double>(*items_) > *inspection_.tolerated_failure_percentage;
}

void Trial::end_as_mocked() {
  engine::TestOutcome outcome;
  if (request_.mock && request_.mock->result && exceeds_tolerance()) {
    outcome.error = "States.ExceedToleratedFailureThreshold";
    outcome.cause = "The specified tolerated failure threshold was exceeded";
  } else if (request_.mock && request_.mock->result) {
    outcome.result = *request_.mock->result;
  } else if (request_.mock) {
    outcome.error = request_.mock->error;
    outcome.cause = request_.mock->cause;
  }
  take(engine::end_test(state_, outcome, surroundings()));
}

integrations::TaskRequest Trial::task() const {
  integrations::TaskRequest request{.scope = invoke_->scope,
                                    .task = invoke_->task,
                                    .request_id = aws::random_uuid(),
                                    .program = subject_.program,
                                    .state = subject_.id,
                                    .parameters = invoke_->parameters,
                                    .execution_arn = identity_.execution_arn,
                                    .entered_ms = clock::unix_ms()};
  request.exchange = exchange_;
  return request;
}

int64_t Trial::task_limit_ms() const {
  if (!invoke_->deadline_ms) return kTestMsMax;
  return std::clamp<int64_t>(*invoke_->deadline_ms - clock::unix_ms(), 0, kTestMsMax);
}

void Trial::end(std::optional<engine::Input> outcome) {
  timed_out_ = !outcome;
  if (!outcome) return take(engine::time_out_test(state_, surroundings()));
  engine::TestOutcome ended;
  if (auto* done = std::get_if<engine::TaskSucceeded>(&*outcome)) {
    ended.result = std::move(done->output);
  } else if (auto* failed = std::get_if<engine::TaskFailed>(&*outcome)) {
    if (!failed->error.empty()) ended.error = std::move(failed->error);
    if (!failed->cause.empty()) ended.cause = std::move(failed->cause);
    ended.too_large = failed->too_large;
  }
  take(engine::end_test(state_, ended, surroundings()));
}

}  // namespace weft::api
