#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "history/event.h"

// ARNs and the names of child workflow executions (docs/reference/api.md).

namespace weft::arn {

// Where Weft pretends to be; part of every ARN.
struct Home {
  std::string partition = "aws";
  std::string region = "us-east-1";
  std::string account = "000000000000";
};

// Names of children and Map Runs: UUID-shaped (version 3, like AWS's), a keyed permutation of (run,
// index), so that an ARN leads back to its record without an index.
class ChildNames {
 public:
  explicit ChildNames(uint64_t key) : key_(key) {}
  std::string name(history::ExecutionKey key) const;  // of a child workflow execution
  std::optional<history::ExecutionKey> parse(std::string_view name) const;
  // The UUID behind the name in the ARN of an Express execution: a top-level one, or a child.
  // Another permutation of the same, so that no key is stored for it.
  std::string express_uuid(history::ExecutionKey key) const;
  std::optional<history::ExecutionKey> parse_express(std::string_view uuid) const;
  // What stands behind the machine in a child's ARN: its name; of an Express one with its UUID.
  std::string name_in_arn(history::ExecutionKey key, bool express) const;
  std::string map_run_uuid(uint64_t run) const;
  std::optional<uint64_t> parse_map_run(std::string_view uuid) const;

 private:
  uint64_t key_;
};

std::string machine_arn(const Home& identity,
                        std::string_view machine_name);  // name may be "machine/label"
std::string execution_arn(const Home& identity, std::string_view machine_name,
                          std::string_view execution_name);
// `name_and_uuid`: "name:uuid".
std::string express_arn(const Home& identity, std::string_view machine_name,
                        std::string_view name_and_uuid);
std::string map_run_arn(const Home& identity, std::string_view machine_name, std::string_view label,
                        std::string_view uuid);

// An ARN cut at its colons, as views of it: arn:PARTITION:SERVICE:REGION:ACCOUNT:KIND:MACHINE:NAME.
// Nothing is checked; what the text lacks is empty.
struct ArnParts {
  std::string_view prefix;  // "arn"
  std::string_view partition;
  std::string_view service;
  std::string_view region;
  std::string_view account;
  std::string_view kind;
  std::string_view machine;  // "machine" or "machine/label"
  std::string_view name;     // all that follows: of an Express execution with the UUID behind it
};
ArnParts arn_parts(std::string_view arn);

// "n" of "n:uuid", the name in the ARN of an Express execution; names have no colon.
std::string_view before_uuid(std::string_view name);
// "m" of "m/label", and of "m".
std::string_view machine_name_of(std::string_view machine);
// The name of an execution, or the uuid of a Map Run, in its ARN; of an Express execution with the
// UUID behind it. What is no such ARN is its own name.
std::string_view execution_name_of(std::string_view arn);
// An ARN without its last part: that of an execution without the execution's name.
std::string_view without_name(std::string_view arn);
// `arn:...:KIND:` of an ARN of `states`, with another kind and rest. Records keep full ARNs: names
// derived from them stay right when the store is opened with another region or account.
std::string sibling_arn(std::string_view arn, std::string_view kind, std::string_view rest);

// An ARN of `states` taken apart and checked: `kind` is stateMachine, execution, express, mapRun
// ...; `machine` is before the '/'.
struct StatesArn {
  std::string region;
  std::string kind;
  std::string machine;
  std::string label;  // "" when not labelled
  std::string name;   // execution name or Map Run uuid
};
base::Result<StatesArn> parse_states_arn(
    std::string_view arn);  // kInvalidArn: "Invalid Arn: 'Invalid ARN prefix: ...'"

// AWS's rule for names of machines and executions (kInvalidName: "Invalid Name: '...'").
base::Result<void> check_name(std::string_view name);

}  // namespace weft::arn
