// Templates as data: tests/definitions/NAME.yaml (or .json) is the template, its definition files
// lie beside it, and NAME.expected.json holds what is read out of it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "base/data_cases.h"
#include "definitions/template.h"
#include "definitions/yaml.h"
#include "json/parse.h"
#include "json/write.h"

namespace weft::definitions {
namespace {

namespace fs = std::filesystem;

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::string in_quotes(std::string_view text) {
  std::string out;
  json::write_string(text, out);
  return out;
}

std::string place(const Place& at) {
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::string values(const std::map<std::string, std::string>& all) {
  std::string out = "{";
  for (const auto& [name, value] : all)
    out += (out.size() > 1 ? "," : "") + in_quotes(name) + ":" + in_quotes(value);
  return out + "}";
}

std::string finding(const Finding& one) {
  const bool error = one.severity == Finding::Severity::kError;
  return in_quotes((one.place.source ? one.place.source->name + ":" : "") + place(one.place) + " " +
                   (error ? "error: " : "") + one.message);
}

std::string tags(const TemplateTags& all) {
  std::string out = "[";
  for (const auto& [key, value] : all)
    out += (out.size() > 1 ? "," : "") + in_quotes(key + "=" + value);
  return out + "]";
}

std::string settings(const TemplateMachine& one) {
  std::string out = "{\"role\":" + in_quotes(one.role_arn) +
                    ",\"tracing\":" + (one.tracing ? "true" : "false") +
                    ",\"tags\":" + tags(one.tags);
  if (!one.logging) return out + "}";
  out += ",\"logging\":" +
         in_quotes(one.logging->level + (one.logging->include_execution_data ? " with data" : ""));
  out += ",\"destinations\":[";
  for (const std::string& arn : one.logging->destinations)
    out += (out.ends_with('[') ? "" : ",") + in_quotes(arn);
  return out + "]}";
}

std::string machine(const TemplateMachine& one) {
  std::string out =
      "{\"resource\":" + in_quotes(one.resource) + ",\"name\":" + in_quotes(one.name) +
      ",\"express\":" + (one.express ? "true" : "false") +
      ",\"at\":" + in_quotes(place(place_of(one.origin))) + ",\"settings\":" + settings(one) +
      ",\"substitutions\":" + values(one.substitutions) + ",\"findings\":[";
  if (!one.definition) return out + "]}";
  bool first = true;
  const auto add = [&](const std::string& text) {
    out += (std::exchange(first, false) ? "" : ",") + text;
  };
  for (const Finding& said : one.definition->findings) add(finding(said));
  const auto compiled = asl::compile(base::Text(one.definition->json->text));
  for (const Located& said : locate(*one.definition, compiled.diagnostics)) {
    add(in_quotes((said.source ? said.source->name : "") + ":" +
                  std::to_string(said.diagnostic.line) + ":" +
                  std::to_string(said.diagnostic.column) + " " + said.diagnostic.message));
  }
  return out + "],\"definition\":" + one.definition->json->text + "}";
}

std::string function(const TemplateFunction& one) {
  const std::string code = one.inline_code.empty() ? one.code : "inline " + one.inline_code;
  return "{\"resource\":" + in_quotes(one.resource) + ",\"name\":" + in_quotes(one.name) +
         ",\"runtime\":" + in_quotes(one.runtime) + ",\"handler\":" + in_quotes(one.handler) +
         ",\"code\":" + in_quotes(code) +
         ",\"timeoutMs\":" + std::to_string(one.timeout_ms.value_or(-1)) +
         ",\"memory\":" + std::to_string(one.memory_mb.value_or(-1)) +
         ",\"environment\":" + values(one.environment) +
         ",\"problem\":" + (one.problem ? finding(*one.problem) : "null") + "}";
}

template <typename T, typename Write>
std::string list(std::string_view name, const std::vector<T>& all, Write write) {
  std::string out = in_quotes(name) + ":[";
  for (size_t i = 0; i < all.size(); ++i) out += (i > 0 ? "," : "") + write(all[i]);
  return out + "]";
}

std::string read_case(const fs::path& file) {
  std::vector<Finding> findings;
  const auto document =
      parse_template(file_source(file.filename().string(), read_text(file)), findings);
  if (!document) return "{\"error\":" + finding(document.error()) + "}";
  const Surroundings surroundings{
      .home = {},
      .values = {{"Given", "given-value"}},
      .read_file = [&](const std::string& path) -> base::Result<std::string> {
        if (!fs::exists(file.parent_path() / path))
          return base::fail(base::ErrorCode::kInvalidArgument, "there is no file " + path);
        return read_text(file.parent_path() / path);
      }};
  const Template all = read_template(*document, surroundings, std::move(findings));
  return "{" + list("stateMachines", all.machines, machine) + "," +
         list("functions", all.functions, function) + "," +
         list("buckets", all.buckets,
              [](const TemplateBucket& one) { return in_quotes(one.resource + " " + one.name); }) +
         "," +
         list("activities", all.activities,
              [](const TemplateActivity& one) {
                return "{\"resource\":" + in_quotes(one.resource) +
                       ",\"name\":" + in_quotes(one.name) + ",\"tags\":" + tags(one.tags) + "}";
              }) +
         "," +
         list("others", all.others,
              [](const OtherResource& one) { return in_quotes(one.resource + " " + one.type); }) +
         "," + list("findings", all.findings, finding) + "}";
}

std::string pretty(const std::string& text) {
  json::Arena arena;
  const auto value = json::parse(text, arena);
  if (!value) return text;
  std::string out;
  json::write_pretty(*value, out);
  return out + "\n";
}

// Damaged templates are read or refused, and every finding has its place: bytes changed, taken out
// and put in by a generator with a fixed seed.
TEST(DamagedTemplates, AreReadOrRefused) {
  const fs::path folder = fs::path(WEFT_SOURCE_DIR) / "tests/definitions";
  const std::string_view pieces[] = {"|",  ">",  "'",  "\"",    "{",   "}",  "[",      "]",  ":",
                                     "- ", "\n", "\t", "!Sub ", "&a ", "*a", "<<: *a", "${", "\\u"};
  std::mt19937 random(7);
  for (const char* name : {"orders.yaml", "orders.asl.yaml", "assets.template.json"}) {
    const std::string whole = read_text(folder / name);
    for (int round = 0; round < 300; ++round) {
      std::string text = whole;
      for (int edit = 0; edit < 3; ++edit) {
        const size_t at = random() % text.size();
        if (random() % 3 == 0) {
          text.erase(at, random() % 40);
        } else {
          text.insert(at, pieces[random() % std::size(pieces)]);
        }
      }
      std::vector<Finding> findings;
      const auto source = file_source(name, text);
      const auto document = parse_template(source, findings);
      if (document && is_template(*document)) {
        const Surroundings surroundings{
            .read_file = [&](const std::string&) { return base::Result<std::string>(text); }};
        const Template all = read_template(*document, surroundings, std::move(findings));
        for (const Finding& one : all.findings) ASSERT_GT(one.place.line, 0U) << one.message;
      }
      const Definition definition = read_definition(source, Format::kEither, {{"Given", "${x}"}});
      const auto compiled = asl::compile(base::Text(definition.json->text));
      for (const Located& one : locate(definition, compiled.diagnostics))
        ASSERT_LE(one.diagnostic.line, text.size());
    }
  }
}

const bool kRegistered = [] {
  const fs::path folder = fs::path(WEFT_SOURCE_DIR) / "tests/definitions";
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool is_case = (name.ends_with(".yaml") || name.ends_with(".template.json")) &&
                         name.find(".asl.") == std::string::npos;
    if (!is_case) continue;
    base::register_case("TemplateCases", name, [path = entry.path()] {
      const fs::path expected = path.string() + ".expected.json";
      const std::string actual = pretty(read_case(path));
      EXPECT_EQ(actual, read_text(expected)) << "of " << path;
      // To take a reviewed change over: WEFT_WRITE_EXPECTED=1.
      if (std::getenv("WEFT_WRITE_EXPECTED") != nullptr) std::ofstream(expected) << actual;
    });
  }
  return true;
}();

}  // namespace
}  // namespace weft::definitions
