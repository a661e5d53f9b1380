// Any text is read as a definition, in JSON or YAML, and as a template, or refused; what is said of
// it stands in it. A machine that is accepted is one when it is converted, too. The input: a text,
// a NUL, and what stands in every file that it names, which is also the value of a substitution.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "asl/compile.h"
#include "base/check.h"
#include "definitions/convert.h"
#include "definitions/definition.h"
#include "definitions/template.h"
#include "definitions/yaml.h"

namespace {

using namespace weft;
using definitions::Definition;
using definitions::Finding;
using definitions::Format;
using definitions::Node;

void check_findings(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    WEFT_CHECK(!finding.message.empty());
    if (finding.place.source == nullptr) continue;
    WEFT_CHECK(finding.place.line > 0 && finding.place.column > 0);
    // A file, which is made of nothing else.
    WEFT_CHECK(finding.place.source->pieces.empty());
    const std::string_view text = finding.place.source->text;
    WEFT_CHECK(finding.place.line <= 1 + static_cast<size_t>(std::ranges::count(text, '\n')));
  }
}

// What is written is JSON, and read as the same; only numbers may be spelt in another way the first
// time.
void check_written(const Node& document) {
  std::string text = to_json(document, "written").text;
  for (int i = 0; i < 2; ++i) {
    const auto read = definitions::parse_json(definitions::file_source("written", text));
    WEFT_CHECK(read.has_value());
    const std::string again = to_json(*read, "written").text;
    WEFT_CHECK(i == 0 || again == text);
    text = again;
  }
}

void check_converted(const Definition& definition) {
  const auto document = definitions::parse_json(definition.json);
  WEFT_CHECK(document.has_value());
  check_written(*document);
  const definitions::Conversion conversion = definitions::convert_to_jsonata(*document);
  for (const definitions::LeftState& left : conversion.left) WEFT_CHECK(!left.reason.empty());
  const definitions::Source text = to_json(conversion.machine, "converted");
  WEFT_CHECK(asl::compile(base::Text(text.text)).program != nullptr);
}

void check_definition(const Definition& definition) {
  check_findings(definition.findings);
  if (!definition.is_readable()) return;
  const auto compiled = asl::compile(base::Text(definition.json->text));
  for (const definitions::Located& located : locate(definition, compiled.diagnostics)) {
    WEFT_CHECK(located.source == nullptr || located.diagnostic.line > 0);
  }
  if (compiled.program != nullptr) check_converted(definition);
}

void check_template(const std::shared_ptr<const definitions::Source>& source,
                    const std::string& file) {
  std::vector<Finding> findings;
  const auto document = definitions::parse_template(source, findings);
  if (!document) return check_findings({document.error()});
  check_written(*document);
  if (!definitions::is_template(*document)) return;
  const definitions::Surroundings surroundings{
      .values = {{"Given", file}},
      .read_file = [&](const std::string&) -> base::Result<std::string> { return file; }};
  const definitions::Template content =
      definitions::read_template(*document, surroundings, std::move(findings));
  check_findings(content.findings);
  for (const definitions::TemplateMachine& machine : content.machines) {
    if (machine.definition) check_definition(*machine.definition);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string text(all.substr(0, all.find('\0')));
  const std::string rest(all.substr(std::min(text.size() + 1, size)));
  const auto source = definitions::file_source("text", text);
  for (const Format format : {Format::kJson, Format::kEither}) {
    check_definition(definitions::read_definition(source, format, {}));
    check_definition(definitions::read_definition(source, format, {{"Given", rest}}));
  }
  check_template(source, rest);
  return 0;
}
