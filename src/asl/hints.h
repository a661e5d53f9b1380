#pragma once

#include <string_view>

#include "asl/compile.h"

namespace weft::asl {

// Where what was probably meant begins in the message of a finding.
inline constexpr std::string_view kHintBegins = ". Did you mean '";

// What compile() finds, for people: where something near was probably meant, the message goes on
// with it ("Field 'Argument' is not supported. Did you mean 'Arguments'?"), and there are warnings
// about what AWS accepts in silence: DUPLICATE_FIELD, NO_ARGUMENTS, UNASSIGNED_VARIABLE,
// UNKNOWN_ERROR_NAME, UNKNOWN_FUNCTION and UNUSED_FIELD.
CompileResult compile_with_hints(base::Text definition, const CompileOptions& options = {});

}  // namespace weft::asl
