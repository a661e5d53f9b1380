#include "cli/definition_file.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace weft::cli {
namespace {

Needs needs_of_text(const char* text) {
  const auto compiled = asl::compile(base::Text(text));
  return compiled.program ? needs_of(*compiled.program) : Needs{{"does not compile"}, {}, {}};
}

TEST(NeedsOf, LiteralNames_AreFoundInArgumentsAndArns) {
  const Needs needs = needs_of_text(R"({"QueryLanguage":"JSONata","StartAt":"A","States":{
    "A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"one","Payload":"{% 1 %}"},"Next":"B"},
    "B":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"arn:aws:lambda:us-east-1:123456789012:function:two:live"},"Next":"C"},
    "C":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:three","Next":"D"},
    "D":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Arguments":{"FunctionName":"{% $states.input.f %}"},"Next":"F"},
    "F":{"Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2","Arguments":{"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:inner"},"Next":"M"},
    "M":{"Type":"Map","End":true,"ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2","Arguments":{"Bucket":"photos"}},
      "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"E","States":{"E":{"Type":"Pass","End":true}}}}}})");
  EXPECT_EQ(needs.functions, (std::set<std::string>{"one", "two", "three"}));
  EXPECT_EQ(needs.buckets, (std::set<std::string>{"photos"}));
  EXPECT_EQ(needs.machines, (std::set<std::string>{"inner"}));
}

TEST(CheckNeeds, MissingOne_IsNamedWithItsFlag) {
  const Needs needs{{"f"}, {"b"}, {}};
  EXPECT_TRUE(check_needs(needs, {"f", "g"}, {"b"}));
  EXPECT_EQ(check_needs({{"enrich", "x y"}, {}, {}}, {"enrihc"}, {}).error().message,
            "The definition calls the function 'enrich', which was not given: did you mean "
            "'enrihc'? Else add --function enrich=FILE. The definition calls the function 'x y', "
            "which was not given: add --function 'x y'=FILE");
  EXPECT_EQ(check_needs(needs, {}, {"b"}).error().message,
            "The definition calls the function 'f', which was not given: add --function f=FILE");
  EXPECT_EQ(
      check_needs(needs, {"f"}, {}).error().message,
      "The definition lists the bucket 'b', which was not given: add --bucket b=DIRECTORY (or "
      "the URL of an S3 server), or --buckets with a directory that has it");
}

TEST(UncalledFunction, IsNamedUnlessAnExpressionMayCallIt) {
  Needs needs{{"price", "enrich"}, {}, {}};
  EXPECT_EQ(uncalled_function(needs, {"price"}).sentence, "");
  EXPECT_EQ(uncalled_function(needs, {"other"}).sentence,
            "The definition calls no function 'other'");
  const Uncalled typo = uncalled_function(needs, {"other", "prise"});
  EXPECT_EQ(typo.sentence, "The definition calls no function 'prise'; did you mean 'price'?");
  EXPECT_TRUE(typo.mistyped);
  needs.computes_functions = true;
  EXPECT_EQ(uncalled_function(needs, {"prise"}).sentence, "");
}

TEST(ReadFile, Pipe_TellsTheSameAgain) {
  const std::string pipe = testing::TempDir() + "weft-read-file-pipe";
  std::filesystem::remove(pipe);
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(pipe) << "{}"; });
  EXPECT_EQ(read_file(pipe).value(), "{}");
  writer.join();
  EXPECT_EQ(read_file(pipe).value(), "{}");
  EXPECT_FALSE(read_file(pipe, 1));
}

TEST(ReadDefinitionFile, MachineName_ComesFromTheFileName) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / "weft cli test.asl.json";
  std::ofstream(file) << "{}";
  const auto read = read_definition_file(file.string());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->machine_name, "weft-cli-test");
  EXPECT_EQ(read->text.view(), "{}");
  std::filesystem::remove(file);
  EXPECT_EQ(read_definition_file("/nowhere/m.json").error().message,
            "Cannot read /nowhere/m.json: No such file or directory");
}

}  // namespace
}  // namespace weft::cli
