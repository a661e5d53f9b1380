#include "definitions/convert.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/definition_file.h"
#include "cli/validate.h"
#include "definitions/definition.h"
#include "terminal/terminal.h"
#include "terminal/text.h"

namespace weft::cli {

base::Result<int> convert_command(const std::string& file) {
  auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  const auto source = definitions::file_source(file, std::move(*text));
  const definitions::Definition definition =
      definitions::read_definition(source, format_of_file(file, source->text), {});
  const auto conversion = definitions::convert_definition(definition.json);
  if (!conversion && conversion.error().code == base::ErrorCode::kInvalidDefinition) {
    fmt::print(stderr, "{}", format_definition_findings(file, check_definition(definition, false)));
    return 1;
  }
  if (!conversion) return std::unexpected(conversion.error());
  terminal::print_json(conversion->text);
  for (const definitions::LeftState& left : conversion->left) {
    const definitions::Place place = place_of(left.origin);
    fmt::print(stderr, "{}:{}:{}: '{}' keeps JSONPath: {}\n", file, place.line, place.column,
               terminal::printable(left.state), terminal::printable(left.reason));
  }
  fmt::print(stderr, "{} state{} converted, {} left\n", conversion->converted,
             conversion->converted == 1 ? "" : "s", conversion->left.size());
  return 0;
}

}  // namespace weft::cli
