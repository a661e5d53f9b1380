#pragma once

#include <expected>
#include <memory>
#include <string_view>
#include <vector>

#include "definitions/node.h"

namespace weft::definitions {

// What a YAML text is read for.
enum class YamlUse : uint8_t {
  kTemplate,    // of CloudFormation: the short forms of its functions become their long forms
  kDefinition,  // of a state machine, as CloudFormation reads one: tags mean nothing
};

// Reads one YAML document as AWS's tools do (docs/reference/definitions.md#yaml): version 1.1,
// where `on`, `yes` and 010 are a truth value and a number, but dates are texts. Aliases and merge
// keys are written out. Adds what is worth a word to `findings`. Error: what is no YAML, with its
// place.
std::expected<Node, Finding> parse_yaml(const std::shared_ptr<const Source>& source, YamlUse use,
                                        std::vector<Finding>& findings);

// The same of JSON.
std::expected<Node, Finding> parse_json(const std::shared_ptr<const Source>& source);

// A template's text, whichever of the two it is. What of YAML cannot be read (a resource, or a
// section other than `Resources`) becomes an error among the findings and is left out, so that the
// rest of a template can still be seen; an error when that does not help. Every byte is parsed a
// few times at most.
std::expected<Node, Finding> parse_template(const std::shared_ptr<const Source>& source,
                                            std::vector<Finding>& findings);

// What a plain scalar stands for: null, a truth value, a number, or a string.
Node plain_scalar(std::string_view text, const Origin& origin);

}  // namespace weft::definitions
