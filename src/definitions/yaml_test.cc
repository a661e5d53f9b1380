#include "definitions/yaml.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "definitions/definition.h"

namespace weft::definitions {
namespace {

using testing::HasSubstr;

struct Read {
  std::string json;
  std::vector<Finding> findings;
};

Read read(const std::string& text, YamlUse use = YamlUse::kDefinition) {
  Read result;
  const auto node = parse_yaml(file_source("f.yaml", text), use, result.findings);
  result.json = node ? to_json(*node, "").text
                     : "error " + std::to_string(node.error().place.line) + ":" +
                           std::to_string(node.error().place.column) + " " + node.error().message;
  return result;
}

// The line and column that byte `needle` of the JSON has in the YAML.
std::string place_in(const std::string& yaml, const std::string& needle) {
  std::vector<Finding> findings;
  const auto node = parse_yaml(file_source("f.yaml", yaml), YamlUse::kDefinition, findings);
  if (!node) return "error";
  const auto json = std::make_shared<Source>(to_json(*node, "f.yaml"));
  const Place place = place_at(json, json->text.find(needle));
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

TEST(YamlScalars, AreReadAsYaml11) {
  EXPECT_EQ(read("[on, Yes, TRUE, off, No, false, y, oN]").json,
            R"([true,true,true,false,false,false,"y","oN"])");
  EXPECT_EQ(read("[010, 0x1F, 0b101, 1_000, -7, +7, 08, 0, 123456789012345678901]").json,
            R"([8,31,5,1000,-7,7,"08",0,123456789012345678901])");
  EXPECT_EQ(read("[1.50, .5, 1., 1e3, -2.5E-3, 1:30, .inf, 1.2.3, 007.5]").json,
            R"([1.50,0.5,1,1e3,-2.5e-3,"1:30",".inf","1.2.3",7.5])");
  EXPECT_EQ(read("[2012-10-17, 2016-08-18T17:33:00Z, ~, null, '', 'on', \"010\"]").json,
            R"(["2012-10-17","2016-08-18T17:33:00Z",null,null,"","on","010"])");
  EXPECT_EQ(read("{on: 1, 010: 2, 1.0: 3}").json, R"({"on":1,"010":2,"1.0":3})");
}

TEST(YamlStructure, AliasesAndMerges_AreWrittenOut) {
  const Read result = read("a: &x {b: 1, c: 2}\nd: *x\ne:\n  <<: *x\n  c: 3\n");
  EXPECT_EQ(result.json, R"({"a":{"b":1,"c":2},"d":{"b":1,"c":2},"e":{"c":3,"b":1}})");
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].place.line, 2U);
}

TEST(YamlStructure, ALaughingBomb_IsRefused) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) text += ", " + before;
    text += "]\n";
  }
  EXPECT_THAT(read(text).json, HasSubstr("more than 200000 values"));
}

TEST(YamlStructure, DeepNesting_IsRefused) {
  EXPECT_THAT(read(std::string(5000, '[') + std::string(5000, ']')).json, HasSubstr("error"));
  // Deep, but not so deep that the library refuses it.
  EXPECT_THAT(read(std::string(300, '[') + std::string(300, ']')).json,
              HasSubstr("More than 200 values inside each other"));
}

TEST(YamlStructure, ABlockUnderItsTag_IsRead) {
  const std::string yaml = "a:  \n  !Sub |\n  one\n  two: here\nb: 1\n";
  EXPECT_EQ(read(yaml, YamlUse::kTemplate).json, R"({"a":{"Fn::Sub":"one\ntwo: here\n"},"b":1})");
  EXPECT_EQ(place_in(yaml, "here"), "4:8");
}

TEST(YamlErrors, HaveTheirPlace) {
  EXPECT_THAT(read("a:\n\tb: 1\n").json, HasSubstr("error 2:"));
  EXPECT_THAT(read("a: [1, 2\nb: 3\n").json, HasSubstr("error "));
  EXPECT_THAT(read("? [a]\n: 1\n").json, HasSubstr("must be a text"));
  EXPECT_THAT(read("a: 1\n---\nb: 2\n").json, HasSubstr("several documents"));
}

TEST(YamlErrors, ANameTwice_IsAWarning) {
  const Read result = read("a: 1\nb: 2\na: 3\n");
  EXPECT_EQ(result.json, R"({"a":3,"b":2})");
  ASSERT_EQ(result.findings.size(), 1U);
  EXPECT_EQ(result.findings[0].place.line, 3U);
}

TEST(ShortForms, BecomeLongForms) {
  EXPECT_EQ(read("a: !Ref X\nb: !GetAtt X.Y.Z\nc: !Sub ['${a}', {a: !Ref B}]\nd: !Condition C",
                 YamlUse::kTemplate)
                .json,
            R"({"a":{"Ref":"X"},"b":{"Fn::GetAtt":["X","Y.Z"]},)"
            R"("c":{"Fn::Sub":["${a}",{"a":{"Ref":"B"}}]},"d":{"Condition":"C"}})");
}

TEST(Places, LeadToTheYaml) {
  EXPECT_EQ(place_in("a: 1\nb:\n  - c\n  - plain text\n", "text"), "4:11");
  EXPECT_EQ(place_in("a: 1\nname: 5\n", "\"name\""), "2:1");
  EXPECT_EQ(place_in("a: 'it''s here'\n", "here"), "1:11");
  EXPECT_EQ(place_in("a: \"x\\u00e9y here\"\n", "here"), "1:14");
  EXPECT_EQ(place_in("é: \"äöü here\"\n", "here"), "1:9");
  EXPECT_EQ(place_in("a: |\n    one\n    two here\n", "here"), "3:9");
  EXPECT_EQ(place_in("a: !!str &n tagged here\n", "here"), "1:20");
  EXPECT_EQ(place_in("a: >\n  folded\n  here\n", "here"), "1:4");
}

TEST(ParseYaml, BytesThatAreNoUtf8_AreRefusedWithTheirPlace) {
  for (const auto& [text, place] :
       {std::pair{"a: 1\nb: \"x\xB3y\"\n", "2:6"}, std::pair{"\xFF\xFE\x61", "1:1"}}) {
    std::vector<Finding> findings;
    const auto node = parse_yaml(file_source("f", text), YamlUse::kDefinition, findings);
    ASSERT_FALSE(node);
    EXPECT_EQ(node.error().message, "This is no text in UTF-8");
    EXPECT_EQ(fmt::format("{}:{}", node.error().place.line, node.error().place.column), place);
  }
}

TEST(ParseTemplate, AResourceThatIsNoYaml_IsLeftOut) {
  std::vector<Finding> findings;
  const auto node = parse_template(
      file_source(
          "t.yaml",
          "Resources:\n  A:\n    Type: X\n    Zone: !GetAZs !Ref AWS::Region\n  B:\n    Type: Y\n"),
      findings);
  ASSERT_TRUE(node);
  EXPECT_EQ(to_json(*node, "").text, R"({"Resources":{"B":{"Type":"Y"}}})");
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].severity, Finding::Severity::kError);
  EXPECT_EQ(findings[0].place.line, 4U);
}

// Each of its parts has its own error, and the places are those of the whole file.
TEST(ParseTemplate, ManyPartsThatAreNoYaml_AreToldOnceEach) {
  std::string text = "---\n# a comment\nDescription: a: b\nResources:\n";
  for (int i = 0; i < 60; ++i) text += "  R" + std::to_string(i) + ":\n    Type: [1\n";
  text += "  Last:\n    Type: Y\nOutputs: {a: 1}\n";
  std::vector<Finding> findings;
  const auto node = parse_template(file_source("t.yaml", text), findings);
  ASSERT_TRUE(node);
  EXPECT_EQ(to_json(*node, "").text, R"({"Resources":{"Last":{"Type":"Y"}},"Outputs":{"a":1}})");
  ASSERT_EQ(findings.size(), 61U);
  EXPECT_EQ(findings[0].place.line, 3U);
  EXPECT_EQ(place_of(node->find("Resources")->names[0].origin).line, 125U);
}

}  // namespace
}  // namespace weft::definitions
