#include "definitions/convert.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/definition_file.h"
#include "cli/validate.h"
#include "definitions/yaml.h"
#include "json/parse.h"
#include "json/write.h"
#include "terminal/terminal.h"
#include "terminal/text.h"

namespace weft::cli {

using base::ErrorCode;
using base::fail;

base::Result<int> convert_command(const std::string& file) {
  auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  const auto source = definitions::file_source(file, std::move(*text));
  const definitions::Definition definition =
      definitions::read_definition(source, format_of_file(file, source->text), {});
  const DefinitionFindings findings = check_definition(definition, false);
  const auto compiled = asl::compile(base::Text(definition.json->text));
  if (!compiled.program) {
    fmt::print(stderr, "{}", format_definition_findings(file, findings));
    return 1;
  }
  const auto document = definitions::parse_json(definition.json);
  if (!document) return fail(ErrorCode::kInvalidArgument, document.error().message);
  const definitions::Conversion conversion = definitions::convert_to_jsonata(*document);
  json::Arena arena;
  const definitions::Source converted = to_json(conversion.machine, file);
  const auto value = json::parse(converted.text, arena);
  if (!value) return fail(ErrorCode::kInternal, value.error().message);
  std::string pretty;
  json::write_pretty(*value, pretty);
  terminal::print_json(pretty);
  for (const definitions::LeftState& left : conversion.left) {
    const definitions::Place place = place_of(left.origin);
    fmt::print(stderr, "{}:{}:{}: '{}' keeps JSONPath: {}\n", file, place.line, place.column,
               terminal::printable(left.state), terminal::printable(left.reason));
  }
  fmt::print(stderr, "{} state{} converted, {} left\n", conversion.converted,
             conversion.converted == 1 ? "" : "s", conversion.left.size());
  return 0;
}

}  // namespace weft::cli
