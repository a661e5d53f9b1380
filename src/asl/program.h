#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "asl/query.h"
#include "base/text.h"
#include "json/arena.h"

// A state machine definition after parsing and validation: immutable, shared read-only by every
// execution and every thread. States of the whole definition stand in one table and are named by
// StateId; a `States` object is a Block. A child workflow execution of a Distributed Map runs the
// same Program with the processor's block as its root.

namespace weft::asl {

using StateId = uint32_t;
using BlockId = uint32_t;
inline constexpr StateId kNoState = UINT32_MAX;
inline constexpr BlockId kRootBlock = 0;

enum class StateType : uint8_t { kPass, kTask, kChoice, kWait, kSucceed, kFail, kParallel, kMap };

// "Pass", "Task" ... as in the definition and in event names (`PassStateEntered`).
std::string_view to_string(StateType type);

// `Assign`: variable name (without $) and its value.
struct Assignment {
  std::string name;
  Template value;
};

struct Retrier {
  std::vector<std::string> error_equals;
  double interval_seconds = 1;
  int64_t max_attempts = 3;
  double backoff_rate = 2.0;
  std::optional<int64_t> max_delay_seconds;
  bool full_jitter = false;
};

struct Catcher {
  std::vector<std::string> error_equals;
  StateId next = kNoState;
  std::optional<Template> output;
  std::vector<Assignment> assign;
};

struct ChoiceRule {
  Template condition;  // expression or literal boolean
  StateId next = kNoState;
  std::optional<Template> output;
  std::vector<Assignment> assign;
};

enum class IntegrationPattern : uint8_t { kRequestResponse, kSync, kSync2, kWaitForTaskToken };

// What a Task calls, taken apart (AWS page "Integrating services").
struct TaskResource {
  enum class Kind : uint8_t { kLambdaFunction, kActivity, kService };
  Kind kind = Kind::kService;
  std::string arn;  // as written
  std::string
      resource_type;     // kService: "lambda", "states", "aws-sdk:s3" ... (history's resourceType)
  std::string resource;  // kService: "invoke", "startExecution.sync:2" ... (history's resource)
  IntegrationPattern pattern = IntegrationPattern::kRequestResponse;
};

struct PassState {
  std::optional<Template> result;  // what it works out; its input when absent
};
struct TaskState {
  TaskResource resource;
  std::optional<Template> arguments;
  std::optional<Template> timeout_seconds;
  std::optional<Template> heartbeat_seconds;
  std::optional<Template> credentials;
};
struct ChoiceState {
  std::vector<ChoiceRule> rules;
  StateId default_next = kNoState;
};
struct WaitState {
  std::optional<Template> seconds;
  std::optional<Template> timestamp;
};
struct SucceedState {};
struct FailState {
  std::optional<Template> error;
  std::optional<Template> cause;
};
struct ParallelState {
  std::vector<BlockId> branches;
  std::optional<Template> arguments;
};

enum class ChildType : uint8_t { kStandard, kExpress };

struct ItemReader {
  enum class Source : uint8_t { kListObjectsV2, kGetObject };
  Source source = Source::kListObjectsV2;
  std::optional<Template> arguments;
  // ReaderConfig as written; empty where absent. The input type of a listing counts only with
  // `transformation` LOAD_AND_FLATTEN.
  std::string input_type;
  std::string transformation;
  std::string manifest_type;
  std::string csv_header_location;
  std::string csv_delimiter;
  std::optional<Template> csv_headers;
  std::optional<Template> items_pointer;
  std::optional<Template> max_items;
};
struct ItemBatcher {
  std::optional<Template> max_items_per_batch;
  std::optional<Template> max_input_bytes_per_batch;
  std::optional<Template> batch_input;
};
// What becomes of the children's results.
struct ResultWriter {
  std::optional<Template> arguments;  // Bucket and Prefix of the files; absent: the state's output
  enum class Transformation : uint8_t { kNone, kCompact, kFlatten };
  Transformation transformation = Transformation::kCompact;
  bool lines = false;  // OutputType JSONL
};
struct MapState {
  bool distributed = false;
  BlockId processor = 0;
  ChildType child_type = ChildType::kStandard;
  std::string label;  // distributed only; generated deterministically when absent
  std::optional<Template> items;
  std::optional<Template> item_selector;
  std::optional<Template> max_concurrency;
  std::optional<Template> tolerated_failure_percentage;
  std::optional<Template> tolerated_failure_count;
  std::optional<ItemReader> item_reader;
  std::optional<ItemBatcher> item_batcher;
  std::optional<ResultWriter> result_writer;
};

using StateBody = std::variant<PassState, TaskState, ChoiceState, WaitState, SucceedState,
                               FailState, ParallelState, MapState>;

struct State {
  std::string name;
  StateType type = StateType::kPass;
  QueryLanguage language = QueryLanguage::kJsonata;
  BlockId block = 0;               // the States object it stands in
  StateId next = kNoState;         // kNoState for terminal states and Choice
  std::optional<Template> input;   // what it takes of its input; all when absent
  std::optional<Template> output;  // what it makes of its result; the result when absent
  std::vector<Assignment> assign;
  std::vector<Retrier> retry;
  std::vector<Catcher> catchers;
  StateBody body;
};

// One `States` object: the machine itself, a Parallel branch or a Map's processor.
struct Block {
  StateId start_at = kNoState;
  StateId enclosing_state = kNoState;  // the Parallel or Map state it belongs to
  std::vector<StateId> states;         // in definition order
};

struct Program {
  base::Text definition;  // byte for byte as given
  std::string comment;
  QueryLanguage language = QueryLanguage::kJsonPath;
  std::optional<int64_t> timeout_seconds;
  std::vector<State> states;
  std::vector<Block> blocks;           // [kRootBlock] is the machine
  std::unique_ptr<json::Arena> arena;  // owns the literals

  const State& state(StateId id) const { return states[id]; }
  const Block& block(BlockId id) const { return blocks[id]; }
};

}  // namespace weft::asl
