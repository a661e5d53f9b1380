#pragma once

#include <string>

#include "definitions/intrinsics.h"
#include "definitions/node.h"
#include "definitions/template.h"

namespace weft::definitions {

// Reads what a template says of the state machine `machine.resource` beside its type and its
// definition, in SAM's form or CloudFormation's; each property that does nothing here is a warning.
void read_settings(const Node& properties, bool sam, Intrinsics& intrinsics,
                   TemplateMachine& machine);

// An activity of a template: AWS::StepFunctions::Activity.
TemplateActivity read_activity(const std::string& resource, const Node& declared,
                               Intrinsics& intrinsics);

}  // namespace weft::definitions
