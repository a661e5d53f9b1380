#include <filesystem>
#include <fstream>
#include <map>

#include "integrations/s3/bucket_registry.h"
#include "json/parse.h"
#include "running/host_fixture.h"

// Results of Map Runs: in files, and in the output of the Map state.

namespace weft::running {
namespace {

constexpr const char* kExport =
    R"("ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Arguments":{"Bucket":"out","Prefix":"p"})";

// Fails children whose input is odd.
engine::Input fail_when_odd(const integrations::TaskRequest& request) {
  if (std::stoi(request.parameters.str()) % 2 == 0) return echo(request);
  return engine::TaskFailed{.scope = request.scope,
                            .task = request.task,
                            .error = "Odd",
                            .cause = "by one",
                            .timing = std::nullopt};
}

class ResultsTest : public HostTest {
 protected:
  ResultsTest() {
    std::string name = ::testing::TempDir() + "weft-results-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    EXPECT_TRUE(buckets_.add("out", directory_.string()));
  }
  ~ResultsTest() override { std::filesystem::remove_all(directory_); }

  std::map<std::string, std::string> objects() {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      all[std::filesystem::relative(entry.path(), directory_).string()] =
          std::string(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  }
  std::string folder(uint64_t run) {
    const std::string arn = map_run(run).arn;
    return "p/" + arn.substr(arn.rfind(':') + 1) + "/";
  }

  std::filesystem::path directory_;
};

TEST_F(ResultsTest, Export_OutputSaysWhere) {
  open();
  const auto view =
      run(machine("M", "\"M\":" + distributed(std::string(kExport) + R"(},"Items":[1,2,3])")));
  EXPECT_EQ(view.status, history::ExecutionStatus::kSucceeded) << view.cause.value_or("");
  const std::string key = folder(1) + "manifest.json";
  EXPECT_EQ(
      view.output.view(),
      fmt::format(R"({{"MapRunArn":"{}","ResultWriterDetails":{{"Bucket":"out","Key":"{}"}}}})",
                  map_run(1).arn, key));
  const auto files = objects();
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(
      files.at(key),
      fmt::format(R"({{"DestinationBucket":"out","MapRunArn":"{}","ResultFiles":{{"FAILED":[],)"
                  R"("PENDING":[],"SUCCEEDED":[{{"Key":"{}","Size":{}}}]}}}})",
                  map_run(1).arn, folder(1) + "SUCCEEDED_0.json",
                  files.at(folder(1) + "SUCCEEDED_0.json").size()));
  EXPECT_EQ(map_run(1).executions.results_written, 3u);
}

TEST_F(ResultsTest, Export_Records) {
  FakeTasks tasks(fail_when_odd);
  open(tasks);
  const auto view =
      run(machine("M", "\"M\":" + distributed(std::string(kExport) +
                                              R"(},"Items":[0,1],"ToleratedFailureCount":1)")));
  EXPECT_EQ(view.status, history::ExecutionStatus::kSucceeded) << view.cause.value_or("");
  const auto files = objects();
  json::Arena arena;
  const auto first = json::parse(files.at(folder(1) + "SUCCEEDED_0.json"), arena)->item(0);
  const auto second = json::parse(files.at(folder(1) + "FAILED_0.json"), arena)->item(0);
  const auto names = [](json::Value object) {
    std::string all;
    for (uint32_t i = 0; i < object.size(); ++i) all += std::string(object.key(i)) + " ";
    return all;
  };
  EXPECT_EQ(names(first),
            "ExecutionArn Input InputDetails Name Output OutputDetails RedriveCount RedriveStatus "
            "RedriveStatusReason StartDate StateMachineArn Status StopDate ");
  EXPECT_EQ(names(second),
            "Cause Error ExecutionArn Input InputDetails Name RedriveCount RedriveStatus StartDate "
            "StateMachineArn Status StopDate ");
  EXPECT_EQ(first.find("Input").as_string(), "0");
  EXPECT_EQ(first.find("Output").as_string(), "0");
  EXPECT_EQ(second.find("Error").as_string(), "Odd");
  EXPECT_EQ(second.find("Cause").as_string(), "by one");
  EXPECT_EQ(second.find("Status").as_string(), "FAILED");
}

TEST_F(ResultsTest, FailedRun_HasWhatNeverStarted) {
  FakeTasks tasks(fail_when_odd);
  open(tasks);
  const auto view = run(machine(
      "M", "\"M\":" + distributed(std::string(kExport) +
                                  R"(,"WriterConfig":{"OutputType":"JSONL"}},"MaxConcurrency":1,)"
                                  R"("Items":[0,1,2,3])")));
  EXPECT_EQ(view.status, history::ExecutionStatus::kFailed);
  EXPECT_EQ(view.error, "States.ExceedToleratedFailureThreshold");
  const auto files = objects();
  EXPECT_EQ(files.size(), 4u);
  EXPECT_EQ(files.at(folder(1) + "PENDING_0.jsonl"),
            "{\"Input\":\"2\",\"InputDetails\":{\"Included\":true},\"Status\":\"PENDING\"}\n"
            "{\"Input\":\"3\",\"InputDetails\":{\"Included\":true},\"Status\":\"PENDING\"}\n");
}

TEST_F(ResultsTest, Transformations) {
  struct Case {
    const char* config;
    const char* name;
    const char* content;
  };
  constexpr Case kCases[] = {
      {R"({"Transformation":"COMPACT"})", "SUCCEEDED_0.json", "[[1,[2]],[],5]"},
      {R"({"Transformation":"FLATTEN"})", "SUCCEEDED_0.json", "[1,[2],5]"},
      {R"({"Transformation":"COMPACT","OutputType":"JSONL"})", "SUCCEEDED_0.jsonl",
       "[1,[2]]\n[]\n5\n"},
      {R"({"Transformation":"FLATTEN","OutputType":"JSONL"})", "SUCCEEDED_0.jsonl", "1\n[2]\n5\n"},
  };
  open();
  uint64_t number = 0;
  for (const Case& one : kCases) {
    const std::string shape =
        fmt::format(R"("WriterConfig":{}}},"Items":[[1,[2]],[],5])", one.config);
    const std::string exported = "\"M\":" + distributed(std::string(kExport) + "," + shape);
    (void)finish(start(create(machine("M", exported), fmt::format("a{}", number))));
    ++number;
    EXPECT_EQ(objects()[folder(number) + one.name], one.content);
    const std::string output = "\"M\":" + distributed("\"ResultWriter\":{" + shape);
    const auto view = finish(start(create(machine("M", output), fmt::format("a{}", number))));
    ++number;
    // Lines are of files: the state's output is an array.
    const bool flat = std::string_view(one.config).find("FLATTEN") != std::string_view::npos;
    EXPECT_EQ(view.output.view(), flat ? "[1,[2],5]" : "[[1,[2]],[],5]");
  }
}

TEST_F(ResultsTest, NoneWithoutExport_IsTheRecords) {
  open();
  const auto view = run(machine(
      "M",
      "\"M\":" +
          distributed(R"("ResultWriter":{"WriterConfig":{"Transformation":"NONE"}},"Items":[7])")));
  json::Arena arena;
  const json::Value record = json::parse(view.output.view(), arena)->item(0);
  EXPECT_EQ(record.find("Output").as_string(), "7");
  EXPECT_EQ(record.find("Status").as_string(), "SUCCEEDED");
}

TEST_F(ResultsTest, Parts) {
  result_file_bytes_max_ = 10;
  open();
  (void)run(machine(
      "M",
      "\"M\":" + distributed(
                     std::string(kExport) +
                     R"(,"WriterConfig":{"Transformation":"COMPACT"}},"Items":"{% [10..19] %}")")));
  const auto files = objects();
  ASSERT_EQ(files.size(), 5u);
  EXPECT_EQ(files.at(folder(1) + "SUCCEEDED_3.json"), "[19]");
  EXPECT_EQ(map_run(1).result_files.size(), 4u);
}

TEST_F(ResultsTest, MissingBucket_FailsBeforeAnyChild) {
  open();
  const auto view = run(machine(
      "M",
      "\"M\":" +
          distributed(
              R"("ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Arguments":{"Bucket":"none"}},"Items":[1])")));
  EXPECT_EQ(view.error, "States.ResultWriterFailed");
  EXPECT_EQ(view.cause, "The bucket 'none' of the ResultWriter does not exist");
  EXPECT_EQ(tasks_.runs(), 0u);
}

TEST_F(ResultsTest, PlaceThatCannotBeWritten_FailsBeforeAnyChild) {
  ASSERT_TRUE(buckets_.find("out")->put("a", "an object where a folder would have to be"));
  open();
  const auto fault = [&](const std::string& prefix, const std::string& name) {
    const std::string writer =
        R"("ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Arguments":{"Bucket":"out","Prefix":")" +
        prefix + R"("}},"Items":[1])";
    const auto view = finish(start(create(machine("M", "\"M\":" + distributed(writer)), name)));
    EXPECT_EQ(view.error, "States.ResultWriterFailed") << prefix;
    return view.cause.value_or("");
  };
  const std::string no_file = "The key cannot be a file of the bucket's directory: ";
  EXPECT_EQ(fault("/p", "m1"),
            "The ResultWriter cannot write to 's3://out//p': " + no_file + "it begins with \"/\"");
  EXPECT_EQ(fault("x//y", "m2"), "The ResultWriter cannot write to 's3://out/x//y': " + no_file +
                                     "it contains an empty segment (\"//\")");
  EXPECT_NE(fault("a/b", "m3"), "");
  EXPECT_NE(fault(std::string(1'000, 'k'), "m4"), "");
  EXPECT_EQ(tasks_.runs(), 0u);
  EXPECT_EQ(objects().size(), 1u);
}

TEST_F(ResultsTest, BucketThatIsNoText_Fails) {
  open();
  const auto view = run(machine(
      "M",
      "\"M\":" +
          distributed(
              R"("ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Arguments":{"Bucket":"{% 5 %}"}},"Items":[1])")));
  EXPECT_EQ(view.error, "States.ResultWriterFailed");
  EXPECT_EQ(view.cause, "The ResultWriter's argument 'Bucket' must be a string, but it is 5.");
}

// A key that is a folder with an object in it cannot be written: nothing of the results stays.
TEST_F(ResultsTest, WriteThatFails_FailsTheRunAndLeavesNothing) {
  tasks_.hold();
  open();
  const std::string arn = start(
      create(machine("M", "\"M\":" + distributed(std::string(kExport) + R"(},"Items":[1])"))));
  ASSERT_TRUE(tasks_.wait_held(1));
  const std::string obstacle = folder(1) + "manifest.json/x";
  ASSERT_TRUE(buckets_.find("out")->put(obstacle, "x"));
  tasks_.release_all();
  const auto view = finish(arn);
  EXPECT_EQ(view.error, "States.ResultWriterFailed");
  EXPECT_EQ(map_run(1).status, records::MapRunStatus::kFailed);
  EXPECT_EQ(map_run(1).executions.results_written, 0u);
  EXPECT_EQ(objects().size(), 1u);
}

// The bucket holds what an earlier process had written of the same results.
TEST_F(ResultsTest, RunThatWasWritingAtTheEnd_IsWrittenAgain) {
  FakeTasks tasks(fail_when_odd);
  open(tasks);
  const std::string definition =
      machine("M", "\"M\":" + distributed(std::string(kExport) +
                                          R"(},"Items":[0,1,2,4],"ToleratedFailureCount":2)"));
  (void)run(definition);
  const auto before = objects();
  const std::string failed = folder(1) + "FAILED_0.json";
  records::MapRunRecord record = map_run(1);
  records::MapRunRecord writing = record;
  host_.reset();
  writing.closing = writing.status;
  writing.status = records::MapRunStatus::kRunning;
  writing.result_key.clear();
  writing.result_bucket.clear();
  writing.result_files.clear();
  store::Batch batch;
  batch.put(store::Family::kMapRun, records::map_run_key(1), records::encode(writing));
  ASSERT_TRUE(store_->commit(std::move(batch)));
  ASSERT_TRUE(buckets_.find("out")->remove(failed));
  FakeTasks none(echo);
  open(none);
  await_map_run(1);
  EXPECT_EQ(objects(), before);
  EXPECT_EQ(none.runs(), 0u);
  EXPECT_EQ(map_run(1).status, records::MapRunStatus::kSucceeded);
  EXPECT_EQ(map_run(1).result_files, record.result_files);
}

}  // namespace
}  // namespace weft::running
