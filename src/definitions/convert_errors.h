#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "definitions/node.h"

// Which errors a state in JSONata has in the place of those that it had in JSONPath, and who would
// see that.

namespace weft::definitions {

// Whether a state's field of this name holds states of its own.
bool is_block(std::string_view field);

// Adds the errors that a state's Retry and Catch name.
void add_named_errors(const Node& state, std::set<std::string>& named);

// The field of a state whose error would have another name, and a sentence why one of `named`, the
// errors that handlers of it and of the states around it name, tells the two apart.
struct ExchangedError {
  const Node* field;
  std::string reason;
};
std::optional<ExchangedError> exchanged_error(const Node& state,
                                              const std::set<std::string>& named);

}  // namespace weft::definitions
