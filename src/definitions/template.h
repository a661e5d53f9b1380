#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "arn/arn.h"
#include "base/error.h"
#include "definitions/definition.h"
#include "definitions/node.h"

// What Weft takes out of a template of CloudFormation or SAM, also one that the CDK made: the state
// machines with their definitions filled in, and the functions, buckets and activities beside them.
// Nothing here reads a file or makes anything.

namespace weft::definitions {

// What stands behind a template while it is read.
struct Surroundings {
  arn::Home home;
  std::string stack_name = "weft";
  // Values of parameters, pseudo parameters and substitutions; they win over the template's own.
  Substitutions values;
  // The text of a file that the template names, relative to the template. Never null.
  std::function<base::Result<std::string>(const std::string& path)> read_file;
};

using TemplateTags = std::vector<std::pair<std::string, std::string>>;

// As CreateStateMachine's loggingConfiguration.
struct TemplateLogging {
  std::string level = "OFF";  // ALL, ERROR, FATAL, OFF
  bool include_execution_data = false;
  std::vector<std::string> destinations;  // ARNs of log groups
};

// A state machine of a template.
struct TemplateMachine {
  std::string resource;  // logical ID
  std::string name;
  bool express = false;
  std::string role_arn;  // "" when it names none that can be had
  std::optional<TemplateLogging> logging;
  bool tracing = false;
  TemplateTags tags;
  Origin origin;
  std::string definition_file;  // as the template has it; "" when the definition stands inside
  Substitutions substitutions;  // with their values, as far as they have any
  std::optional<Definition> definition;  // nothing when it cannot be had; a finding says why
};

// A function of a template, as it would run here.
struct TemplateFunction {
  std::string resource;
  std::string name;
  std::string runtime;
  std::string handler;      // AWS's form
  std::string code;         // path of its directory or file, relative to the template; "" = none
  std::string inline_code;  // instead of `code`
  std::optional<int64_t> timeout_ms;
  std::optional<int64_t> memory_mb;
  std::optional<int64_t> concurrency;  // reserved
  std::string log_format;              // "" = AWS's default
  std::string log_level;
  std::map<std::string, std::string> environment;
  Origin origin;
  std::optional<Finding> problem;  // why it cannot run here
};

struct TemplateBucket {
  std::string resource;
  std::string name;
  Origin origin;
};

struct TemplateActivity {
  std::string resource;
  std::string name;
  TemplateTags tags;
  Origin origin;
};

// A resource that Weft makes nothing of.
struct OtherResource {
  std::string resource;
  std::string type;
  Origin origin;
};

struct Template {
  std::vector<TemplateMachine> machines;
  std::vector<TemplateFunction> functions;
  std::vector<TemplateBucket> buckets;
  std::vector<TemplateActivity> activities;
  std::vector<OtherResource> others;
  std::vector<Finding> findings;  // what cannot be read, resolved or done, by line
};

// Whether a document is a template: an object with `Resources` and no `States`.
bool is_template(const Node& document);

// Reads a whole template. `findings` are those of its text.
Template read_template(const Node& document, const Surroundings& surroundings,
                       std::vector<Finding> findings = {});

}  // namespace weft::definitions
