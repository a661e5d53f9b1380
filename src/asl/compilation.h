#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "asl/compile.h"
#include "asl/path.h"
#include "asl/program.h"
#include "json/position_index.h"
#include "json/value.h"

// Internal to src/asl: what the parts of the compiler share.

namespace weft::asl {

inline constexpr std::string_view kSchemaValidationFailed = "SCHEMA_VALIDATION_FAILED";
// Our own code: AWS would accept the definition, this program cannot run it yet.
inline constexpr std::string_view kUnsupportedFeature = "UNSUPPORTED_FEATURE";

// One definition being compiled: the program and the findings so far.
class Compilation {
 public:
  // `hints`: with what was probably meant, and with warnings that AWS does not give (hints.h).
  Compilation(base::Text definition, const CompileOptions& options, bool hints);

  Program& program() { return *program_; }
  const CompileOptions& options() const { return options_; }

  // An error at `at`, shown and placed there.
  void error(const Path& at, std::string message, std::string_view code = kSchemaValidationFailed);
  // An error that AWS locates at `at` but that is about its member `name`: line and column are the
  // member's.
  void error_about(const Path& at, std::string_view name, std::string message,
                   std::string_view code = kSchemaValidationFailed);
  // A warning in the same way.
  void warning_about(const Path& at, std::string_view name, std::string message,
                     std::string_view code);
  // An error without an AWS location; `at` gives line and column only.
  void error_unlocated(const Path& at, std::string message, std::string_view code);
  // An error inside the string value at `at`, `offset` bytes into the decoded string.
  void error_inside(const Path& at, size_t offset, std::string message, std::string_view code,
                    Diagnostic::Severity severity = Diagnostic::Severity::kError);

  // Whether the finding reported last takes a hint: finding what was meant takes time.
  bool hint_wanted() const { return hints_ && listed_; }
  // What was probably meant, for the finding reported last. "" adds nothing.
  void hint(std::string meant);

  // Whether warnings that AWS does not give are wanted.
  bool hints() const { return hints_; }
  // Whether one more finding would be listed: more than kFindingsMax are counted only, and finding
  // their places takes time.
  bool lists(Diagnostic::Severity severity) const {
    return (severity == Diagnostic::Severity::kError ? errors_ : warnings_) < kFindingsMax;
  }

  // Findings in order of appearance in the text.
  std::vector<Diagnostic> take_diagnostics();
  // All that were found, also those beyond kFindingsMax.
  size_t errors() const { return errors_; }
  size_t warnings() const { return warnings_; }
  std::shared_ptr<const Program> take_program() { return std::move(program_); }

  // Names seen in the whole definition; false when `name` was there already.
  bool add_state_name(std::string_view name) { return state_names_.emplace(name).second; }
  bool add_label(std::string_view label) { return labels_.emplace(label).second; }

 private:
  void warn_of_duplicates();
  void add(std::string location, const json::PositionIndex::Position* position, std::string message,
           std::string_view code, Diagnostic::Severity severity = Diagnostic::Severity::kError);
  size_t column_of(const json::PositionIndex::Position& position) const;

  CompileOptions options_;
  std::shared_ptr<Program> program_;
  json::PositionIndex positions_;
  std::vector<std::pair<size_t, Diagnostic>> findings_;  // with the offset in the text
  size_t furthest_ = 0;                                  // the greatest of them
  size_t errors_ = 0;
  size_t warnings_ = 0;
  const bool hints_;
  bool listed_ = false;  // whether the finding reported last is among `findings_`
  std::set<std::string, std::less<>> state_names_;
  std::set<std::string, std::less<>> labels_;
};

// One `States` object being compiled.
struct BlockContext {
  Compilation& compilation;
  BlockId id = 0;
  // The scope whose variables this one reads; null for the machine and for Distributed Map
  // processors.
  const BlockContext* outer = nullptr;
  // Runs as an Express workflow: the machine's type, or the ExecutionType of a Distributed Map.
  bool express = false;
  size_t depth = 0;
  std::map<std::string, StateId, std::less<>> names;
  // Variables of this scope, with the states whose Assign (a rule's or catcher's too) names them.
  std::map<std::string, std::vector<StateId>, std::less<>> assigned;
  // The ids of the block's states are this one and those that follow it.
  StateId first = 0;
  // Known before the states are compiled: for each state, counted from `first`, those that name it
  // as a target.
  std::vector<std::vector<StateId>> predecessors;
  // Filled in while they are compiled: the targets of each state that has some.
  std::map<StateId, std::vector<StateId>> successors;
  // The states on a way to the state `of`, counted from `first` (assigned_before).
  struct Before {
    StateId of = kNoState;
    std::vector<bool> states;
  };
  mutable Before before;
  bool terminal = false;  // some state ends the workflow
};

// One state being compiled. `json` is its object, `path` where it stands.
struct StateContext {
  BlockContext& block;
  StateId id;
  json::Value json;
  Path path;
  State& state;

  Compilation& compilation() { return block.compilation; }
  bool jsonata() const { return state.language == QueryLanguage::kJsonata; }
};

// Compiles the `StartAt` and `States` of the object at `path` (the machine, a branch, a processor);
// which other members it may have is the caller's business. Returns the new block.
BlockId compile_block(Compilation& compilation, const json::Value& object, const Path& path,
                      StateId enclosing_state, const BlockContext* outer, bool express,
                      size_t depth);

// The bodies, one file each.
PassState compile_pass(StateContext& context);
TaskState compile_task(StateContext& context);
ChoiceState compile_choice(StateContext& context);
WaitState compile_wait(StateContext& context);
FailState compile_fail(StateContext& context);
ParallelState compile_parallel(StateContext& context);
MapState compile_map(StateContext& context);
std::optional<ItemReader> compile_item_reader(StateContext& context);
std::optional<ItemBatcher> compile_item_batcher(StateContext& context);
std::optional<ResultWriter> compile_result_writer(StateContext& context);

// `Label` of a Distributed Map: checked, or made from the state's name when absent.
std::string compile_label(StateContext& context);

void compile_retry(StateContext& context);
void compile_catch(StateContext& context);

// `Next` and `End` of a state that has them.
void compile_next(StateContext& context);
// What was meant by a target that is no state of the block, as a hint; "" when no state is near.
std::string meant_state(const BlockContext& block, std::string_view name);
// Finds the target of the transition field `name` of `object`; kNoState (and a finding) when there
// is none.
StateId resolve_target(StateContext& context, const json::Value& object, const Path& path,
                       std::string_view name);
// Fills in `predecessors` from the text of the block's states; `names` must be complete.
void collect_predecessors(BlockContext& block, const json::Value& states);
// Whether the scope may hold the variable `name` when its state `at` runs: some state that assigns
// it lies on a way to `at`.
bool assigned_before(const BlockContext& block, std::string_view name, StateId at);
// Every state can be reached and the workflow can end.
void check_reachability(BlockContext& block, const Path& path);

}  // namespace weft::asl
