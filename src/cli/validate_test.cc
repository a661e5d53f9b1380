#include "cli/validate.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace weft::cli {
namespace {

std::vector<asl::Diagnostic> findings_of(const std::string& text) {
  return asl::compile(base::Text(text)).diagnostics;
}

TEST(FormatFindings, MissingTarget_ShowsPlaceLineAndCaret) {
  const std::string text =
      "{\n"
      "  \"StartAt\": \"A\",\n"
      "  \"States\": {\n"
      "    \"A\": {\"Type\": \"Choice\", \"QueryLanguage\": \"JSONata\", \"Choices\": [\n"
      "\t{\"Condition\": true, \"Next\": \"é\"}], \"Default\": \"B\"},\n"
      "    \"B\": {\"Type\": \"Succeed\"}\n"
      "  }\n"
      "}\n";
  EXPECT_EQ(format_findings("m.asl.json", text, findings_of(text)),
            "m.asl.json:5:30: error: MISSING_TRANSITION_TARGET: Missing 'Next' target: é at "
            "/States/A/Choices[0]/Next\n"
            "    5 | \t{\"Condition\": true, \"Next\": \"é\"}], \"Default\": \"B\"},\n"
            "      | \t                            ^\n"
            "1 error, 0 warnings\n");
}

TEST(FormatFindings, ValidDefinition_SaysSo) {
  EXPECT_EQ(format_findings("m", "", {}), "0 errors, 0 warnings\n");
}

TEST(FormatFindings, LongLine_ShowsTheSurroundings) {
  const std::string text = "{\"Comment\": \"" + std::string(300, 'c') +
                           "\", \"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Nap\"}}, "
                           "\"Version\": \"1.0\", \"QueryLanguage\": \"JSONata\"}";
  const std::string shown = format_findings("m", text, findings_of(text));
  const size_t source = shown.find('\n') + 1;
  const size_t caret_line = shown.find('\n', source) + 1;
  const size_t caret = shown.find('^') - caret_line;
  EXPECT_EQ(shown.substr(source + caret, 5), "\"Nap\"");
  EXPECT_LT(caret_line - source, 130U);
}

TEST(FormatFindings, NoPlace_HasNoLine) {
  EXPECT_EQ(format_findings("m", "", findings_of("")),
            "m: error: SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object\n"
            "1 error, 0 warnings\n");
}

TEST(FindingsJson, HasTheShapeOfTheApi) {
  EXPECT_EQ(findings_json({}), R"({"result":"OK","diagnostics":[],"truncated":false})");
  EXPECT_EQ(
      findings_json(findings_of("{}")),
      R"({"result":"FAIL","diagnostics":[{"severity":"ERROR","code":"SCHEMA_VALIDATION_FAILED",)"
      R"("message":"These fields are required: [States, StartAt]","location":"/","line":1,"column":1}],"truncated":false})");
}

TEST(CheckDefinition, FunctionsThatAreNotGiven_AreNamedWithTheirLines) {
  const std::string text =
      "{\"QueryLanguage\": \"JSONata\", \"StartAt\": \"A\", \"States\": {\n"
      "\"A\": {\"Type\": \"Task\", \"Resource\": \"arn:aws:states:::lambda:invoke\",\n"
      "  \"Arguments\": {\"FunctionName\": \"enrihc\"}, \"Next\": \"B\"},\n"
      "\"B\": {\"Type\": \"Task\",\n"
      "  \"Resource\": \"arn:aws:lambda:us-east-1:000000000000:function:other\", \"End\": true}}}";
  const auto definition = definitions::read_definition(definitions::file_source("m.json", text),
                                                       definitions::Format::kJson, {});
  const std::set<std::string> given = {"enrich", "price"};
  const DefinitionFindings found = check_definition(definition, false, &given);
  EXPECT_FALSE(found.valid);
  ASSERT_EQ(found.errors, 2u);
  EXPECT_EQ(found.all[0].diagnostic.line, 3u);
  EXPECT_EQ(found.all[0].diagnostic.message,
            "The function 'enrihc' was not given. Did you mean 'enrich'?");
  EXPECT_EQ(found.all[1].diagnostic.line, 5u);
  EXPECT_EQ(found.all[1].diagnostic.message, "The function 'other' was not given");

  const DefinitionFindings unasked = check_definition(definition, false);
  EXPECT_TRUE(unasked.valid);
  EXPECT_EQ(unchecked_functions_note(unasked.needs, {}),
            "note: nobody said which functions there are (--function, or weft.toml); it calls "
            "enrihc, other");
  EXPECT_EQ(unchecked_functions_note(unasked.needs, {"enrihc", "other"}), "");
}

TEST(ValidateCommand, ExitStatusTellsWhetherTheDefinitionIsValid) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / "weft_validate_test.asl.json";
  std::ofstream(file) << R"({"StartAt":"A","States":{"A":{"Type":"Succeed"}}})";
  EXPECT_EQ(*validate_command({.file = file.string(), .json = false}), 0);
  std::ofstream(file) << "{}";
  EXPECT_EQ(*validate_command({.file = file.string(), .json = true}), 1);
  std::ofstream(file) << "";
  EXPECT_EQ(*validate_command({.file = file.string(), .json = true}), 1);
  std::filesystem::remove(file);
  EXPECT_FALSE(validate_command({.file = file.string(), .json = false})) << "nothing to read";
}

}  // namespace
}  // namespace weft::cli
