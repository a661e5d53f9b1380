#include "definitions/definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::definitions {
namespace {

using testing::HasSubstr;

Definition read(const std::string& text, Format format, const Substitutions& values = {}) {
  return read_definition(file_source("m.asl.yaml", text), format, values);
}

// "line:column CODE" of the findings of compiling.
std::vector<std::string> findings_of(const Definition& definition) {
  std::vector<std::string> out;
  const auto compiled = asl::compile(base::Text(definition.json->text));
  for (const Located& one : locate(definition, compiled.diagnostics)) {
    out.push_back(std::to_string(one.diagnostic.line) + ":" +
                  std::to_string(one.diagnostic.column) + " " + one.diagnostic.code);
  }
  return out;
}

TEST(ReadDefinition, FindingsOfYaml_StandInTheYaml) {
  const Definition definition = read(
      "# a machine\n"
      "QueryLanguage: JSONata\n"
      "StartAt: A\n"
      "States:\n"
      "  A:\n"
      "    Type: Pass\n"
      "    Output: \"{% $sum( %}\"\n"
      "    Next: Nowhere\n",
      Format::kYaml);
  const auto findings = findings_of(definition);
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_THAT(findings[0], HasSubstr("7:"));
  EXPECT_EQ(findings[1], "8:11 MISSING_TRANSITION_TARGET");
}

TEST(ReadDefinition, ValuesWithoutAName_AreToldWithTheNameThatIsMeant) {
  const Substitutions values = {{"One", "${Deep}"}, {"Deep", "d"}, {"Quu", "q"}, {"Colour", "red"}};
  const Definition definition =
      read(R"({"A": "${One}", "B": "${Color}", "C": "${Zzz}"})", Format::kJson, values);
  EXPECT_THAT(unused_values(values, definition.names),
              testing::ElementsAre(
                  "The definition has no ${Colour} for --substitute Colour; did you mean Color?",
                  "The definition has no ${Quu} for --substitute Quu"));
}

TEST(ReadDefinition, Substitutions_AreTextInText) {
  const Definition definition =
      read("{\"A\": \"x-${One}\", \"B\": ${Two}, \"C\": \"${Three}\"}", Format::kJson,
           {{"One", "${Deep}!"}, {"Two", "5"}, {"Deep", "d"}});
  EXPECT_EQ(definition.json->text, "{\"A\": \"x-d!\", \"B\": 5, \"C\": \"${Three}\"}");
  ASSERT_EQ(definition.findings.size(), 1U);
  EXPECT_THAT(definition.findings[0].message, HasSubstr("${Three} has no value"));
  EXPECT_EQ(definition.findings[0].place.column, 38U);
  EXPECT_TRUE(definition.is_readable());
}

TEST(ReadDefinition, PlacesBehindAValue_StandWhereTheyWereWritten) {
  const Definition definition =
      read("StartAt: A\nStates:\n  A: {Type: Pass, Comment: '${Long}', Next: B}\n", Format::kYaml,
           {{"Long", std::string(50, 'x')}});
  EXPECT_EQ(findings_of(definition),
            (std::vector<std::string>{"3:45 MISSING_TRANSITION_TARGET", "3:3 MISSING_END_STATE"}));
}

TEST(ReadDefinition, ValuesThatHoldEachOther_AreAnError) {
  EXPECT_FALSE(
      read("{\"A\": \"${X}\"}", Format::kJson, {{"X", "${Y}"}, {"Y", "${X}"}}).is_readable());
}

TEST(ReadDefinition, AJsonFileWithACommaTooMany_IsYamlToCloudFormation) {
  const Definition definition = read("{\"StartAt\": \"A\", \"States\": {},}", Format::kEither);
  EXPECT_EQ(definition.json->text, R"({"StartAt":"A","States":{}})");
  EXPECT_EQ(definition.findings.size(), 1U);
  EXPECT_EQ(read("{\"StartAt\": ]", Format::kEither).json->text, "{\"StartAt\": ]");
}

TEST(FormatOf, TheNameDecides) {
  EXPECT_EQ(format_of("a.asl.yaml"), Format::kYaml);
  EXPECT_EQ(format_of("a.yml"), Format::kYaml);
  EXPECT_EQ(format_of("a.asl.json"), Format::kJson);
}

}  // namespace
}  // namespace weft::definitions
