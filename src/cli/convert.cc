#include "definitions/convert.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/definition_file.h"
#include "cli/project.h"
#include "cli/validate.h"
#include "definitions/definition.h"
#include "terminal/terminal.h"
#include "terminal/text.h"

namespace weft::cli {

namespace {

// The definition that the file is, or that the template has of the chosen state machine.
base::Result<definitions::Definition> find_definition(const ConvertFlags& flags) {
  auto text = read_definition_text(flags.file);
  if (!text) return std::unexpected(text.error());
  const auto substitutions = read_substitutions(flags.substitutes);
  if (!substitutions) return std::unexpected(substitutions.error());
  const auto source = definitions::file_source(flags.file, std::move(*text));
  const auto file = read_template_file(source, *substitutions);
  if (!file) {
    if (flags.resource.empty()) {
      return definitions::read_definition(source, format_of_file(flags.file, source->text),
                                          *substitutions);
    }
    return base::fail(base::ErrorCode::kInvalidArgument,
                      fmt::format("--resource {}: {} is no template", flags.resource, flags.file));
  }
  const auto chosen = choose_machine(*file, flags.resource, false);
  if (!chosen) return std::unexpected(chosen.error());
  if ((*chosen)->definition) return *(*chosen)->definition;
  return base::fail(
      base::ErrorCode::kInvalidArgument,
      fmt::format(
          "The definition of '{0}' cannot be had; weft validate {1} --resource {0} says why",
          (*chosen)->resource, flags.file));
}

}  // namespace

base::Result<int> convert_command(const ConvertFlags& flags) {
  const std::string& file = flags.file;
  const auto found = find_definition(flags);
  if (!found) return std::unexpected(found.error());
  const definitions::Definition& definition = *found;
  const auto conversion = definitions::convert_definition(definition.json);
  if (!conversion && conversion.error().code == base::ErrorCode::kInvalidDefinition) {
    fmt::print(stderr, "{}", format_definition_findings(file, check_definition(definition, false)));
    return 1;
  }
  if (!conversion) return std::unexpected(conversion.error());
  terminal::print_json(conversion->text);
  for (const definitions::LeftState& left : conversion->left) {
    const definitions::Place place = place_of(left.origin);
    terminal::say(stderr, fmt::format("{}:{}:{}: '{}' keeps JSONPath: {}",
                                      place.source ? place.source->name : file, place.line,
                                      place.column, left.state, left.reason));
  }
  fmt::print(stderr, "{} state{} converted, {} left\n", conversion->converted,
             conversion->converted == 1 ? "" : "s", conversion->left.size());
  return 0;
}

}  // namespace weft::cli
