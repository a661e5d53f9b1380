#include "cli/validate.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "cli/project.h"
#include "cli/template_listing.h"

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

TEST(FindingsJson, AbsurdlyLongNames_AreShortened) {
  const asl::Diagnostic finding{.message = "'" + std::string(9'000, 'x') + "' is there twice"};
  EXPECT_EQ(finding_json(finding, ""),
            R"({"severity":"ERROR","message":"')" + std::string(58, 'x') +
                R"(… (9,002 bytes) is there twice","line":0,"column":0})");
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

TEST(ValidateTemplate, SaysWhatRunDoesNotStart) {
  const std::string directory = testing::TempDir() + "weft-validate-template";
  std::filesystem::create_directories(directory + "/code");
  std::ofstream(directory + "/code/app.py") << "def handler(event, context): return 1\n";
  const auto source = definitions::file_source(directory + "/template.yaml", R"(
Transform: AWS::Serverless-2016-10-31
Resources:
  There: {Type: AWS::Serverless::Function, Properties: {CodeUri: code/, Handler: app.handler, Runtime: python3.12}}
  Gone: {Type: AWS::Serverless::Function, Properties: {CodeUri: code/, Handler: nope.handler, Runtime: python3.12}}
  Bad: {Type: AWS::S3::Bucket, Properties: {BucketName: My_Bucket}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt There.Arn, Next: B}, B: {Type: Task, Resource: !GetAtt Gone.Arn, End: true}}}
)");
  const auto file = read_template_file(source, {});
  ASSERT_TRUE(file);
  EXPECT_FALSE(file->content.functions[0].problem);
  ASSERT_TRUE(file->content.functions[1].problem);
  EXPECT_TRUE(file->content.buckets.empty());
  testing::internal::CaptureStdout();
  EXPECT_EQ(*validate_template(*file, {}, {}), 1);  // run does not begin either
  const std::string said = testing::internal::GetCapturedStdout();
  EXPECT_NE(said.find("weft run does not start 'Machine': it calls the function 'Gone'"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("The bucket 'Bad' is not made"), std::string::npos) << said;
  EXPECT_EQ(said.find("calls the function 'There'"), std::string::npos) << said;
}

}  // namespace
}  // namespace weft::cli
