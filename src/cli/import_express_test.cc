#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "arn/arn.h"
#include "cli/data_directory.h"
#include "cli/import_fixture.h"
#include "trace/identity.h"

// Express executions are known by their log events alone. tests/cloudwatch/express.jsonl, in the
// shape of CloudWatch Logs: `run-1` with an inline Map and a retry; `night`, a Standard
// execution that starts one Express execution without waiting (n1) and one with
// (StartSyncExecution, n2), then a Distributed Map of three Express children, the last of which
// fails.

namespace weft::cli {
namespace {

const std::string kArn = "arn:aws:states:eu-west-1:123456789012:";
const std::string kRun = kArn + "express:orders:run-1:3f7ef5c7-c8b8-4c88-90a1-d54aa7e7e2bf";
const std::string kNight = kArn + "execution:batch:night";

std::vector<std::string> express_lines() {
  std::vector<std::string> lines;
  std::istringstream text(read_file_of("tests/cloudwatch/express.jsonl"));
  for (std::string line; std::getline(text, line);) lines.push_back(line + "\n");
  return lines;
}

// Places in a Map Run, which AWS does not log, are those in which children came.
std::string without_places(std::string spans) {
  constexpr std::string_view kPlace = R"({"key":"item_index","value":{"stringValue":")";
  for (size_t at = 0; (at = spans.find(kPlace, at)) != std::string::npos;) {
    spans.erase(at + kPlace.size(), spans.find('"', at + kPlace.size()) - at - kPlace.size());
    at += kPlace.size();
  }
  return spans;
}

// "NAME < NAME OF PARENT" of all spans, sorted.
std::vector<std::string> tree_of(const store::Store& store, const std::string& arn) {
  const reading::Query query(store, {});
  const auto source = reading::read_trace_source(query, arn, 0);
  if (!source) return {source.error().message};
  std::map<uint64_t, std::string> names;
  std::vector<std::pair<std::string, uint64_t>> spans;
  const auto visited = trace::for_each_span(*source, {}, [&](trace::PlacedSpan& placed) {
    names[placed.span.span_id] = placed.span.name;
    spans.emplace_back(placed.span.name, placed.span.parent_id);
  });
  EXPECT_TRUE(visited);
  std::vector<std::string> tree;
  for (const auto& [name, parent] : spans) tree.push_back(name + " < " + names[parent]);
  std::ranges::sort(tree);
  return tree;
}

TEST(ImportExpress, LogEvents_MakeTheTrace) {
  const auto store = store::open_memory();
  const importing::ImportReport report = import_lines(*store, express_lines());
  EXPECT_EQ(report.executions, 4u);
  EXPECT_EQ(report.children, 3u);
  EXPECT_EQ(report.map_runs, 1u);
  EXPECT_EQ(report.incomplete + report.running + report.bad_arns, 0u);
  const std::string run(arn::execution_name_of(kRun));
  EXPECT_EQ(run, "run-1:3f7ef5c7-c8b8-4c88-90a1-d54aa7e7e2bf");
  EXPECT_EQ(tree_of(*store, kRun),
            (std::vector<std::string>{"Call < Each[0]", "Call < Each[1]", "Each < " + run,
                                      "Each[0] < Each", "Each[1] < Each", "Prep < " + run,
                                      "attempt 1 < Call", "attempt 2 < Call", "retry wait < Call",
                                      run + " < "}));
  const auto child = [](int i) {
    const std::string digit = std::to_string(i);
    return "c0ffee0" + digit + "-0000-3000-8000-000000000000:d00d000" + digit +
           "-0000-4000-8000-000000000000";
  };
  const std::string n1 = "n1:aaaaaaaa-0000-4000-8000-000000000001";
  const std::string n2 = "n2:aaaaaaaa-0000-4000-8000-000000000002";
  EXPECT_EQ(tree_of(*store, kNight),
            (std::vector<std::string>{
                "Do < " + child(0), "Do < " + child(1), "Do < " + child(2), "Fan Out < night",
                "Fire < night", "Map Run < Fan Out", "Prep < " + n1, "Prep < " + n2, "Sync < night",
                child(0) + " < Map Run", child(1) + " < Map Run", child(2) + " < Map Run",
                n1 + " < Fire", n2 + " < Sync", "night < "}));
}

TEST(ImportExpress, Children_AreFoundByNameAndHaveTheirInputs) {
  const auto store = store::open_memory();
  import_lines(*store, express_lines());
  const reading::Query query(*store, {});
  constexpr uint64_t number = 1;
  const auto run = query.map_run(number);
  ASSERT_TRUE(run);
  std::vector<uint64_t> indexes;
  ASSERT_TRUE(query.child_inputs(number, [&](uint64_t index, std::string_view input) {
    EXPECT_FALSE(input.empty());
    indexes.push_back(index);
    return true;
  }));
  EXPECT_EQ(indexes, (std::vector<uint64_t>{0, 1, 2}));
  for (const uint64_t index : indexes) {
    const std::string arn = query.child_arn(*run, index);
    const std::string name(arn::execution_name_of(arn));
    EXPECT_EQ(*query.child_called(name), arn) << "as it is printed";
    EXPECT_EQ(*query.child_called(arn::before_uuid(name)), arn) << "without the UUID";
  }
  EXPECT_EQ(*query.child_called("nobody"), std::nullopt);
}

TEST(ImportExpress, AnyOrderInPieces_GivesTheSameSpans) {
  std::vector<std::string> lines = express_lines();
  const auto whole = store::open_memory();
  import_lines(*whole, lines);
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(seed);
    std::ranges::shuffle(lines, std::mt19937(seed));
    const auto pieces = store::open_memory();
    for (size_t from = 0; from < lines.size(); from += 10) {
      import_lines(*pieces,
                   {lines.begin() + static_cast<ptrdiff_t>(from),
                    lines.begin() + static_cast<ptrdiff_t>(std::min(lines.size(), from + 10))});
    }
    for (const std::string& arn : {kRun, kNight}) {
      EXPECT_TRUE(without_places(spans_of(*pieces, arn)) == without_places(spans_of(*whole, arn)))
          << testing::PrintToString(tree_of(*pieces, arn));
    }
  }
}

TEST(ImportExpress, ChildrenThatDoNotNameTheirMapRun_FindIt) {
  std::vector<std::string> lines = express_lines();
  const auto whole = store::open_memory();
  import_lines(*whole, lines);
  for (std::string& line : lines) {
    const size_t at = line.find(R"("map_run_arn":")");
    if (at != std::string::npos) line.erase(at, line.find("\",", at) + 2 - at);
  }
  const auto guessed = store::open_memory();
  import_lines(*guessed, lines);
  EXPECT_TRUE(spans_of(*guessed, kNight) == spans_of(*whole, kNight))
      << testing::PrintToString(tree_of(*guessed, kNight));
}

// With the log level ERROR there is nothing but what failed.
TEST(ImportExpress, ErrorsAlone_TellWhatFailed) {
  std::vector<std::string> lines = express_lines();
  std::erase_if(lines, [](const std::string& line) {
    return !line.contains("\"ExecutionFailed\"") && !line.contains("\"TaskFailed\"");
  });
  const auto store = store::open_memory();
  const importing::ImportReport report = import_lines(*store, lines);
  EXPECT_EQ(report.children, 1u);
  const reading::Query query(*store, {});
  const auto child = query.execution(kArn +
                                     "express:batch/Fan:c0ffee02-0000-3000-8000-000000000000:"
                                     "d00d0002-0000-4000-8000-000000000000");
  ASSERT_TRUE(child) << child.error().message;
  EXPECT_EQ(child->status, history::ExecutionStatus::kFailed);
  EXPECT_EQ(child->error, "Boom");
}

TEST(ImportExpress, NamesWithoutTheUuid_Do) {
  const auto store = store::open_memory();
  import_lines(*store, express_lines());
  const reading::Query query(*store, {});
  EXPECT_EQ(*resolve_arn(query, "run-1"), kRun);
  EXPECT_EQ(*resolve_arn(query, "n1"),
            kArn + "express:orders:n1:aaaaaaaa-0000-4000-8000-000000000001");
  EXPECT_FALSE(resolve_arn(query, "run"));
  // Those that started last, n1 and n2, were started by another one.
  EXPECT_NE(resolve_arn(query, "latest")->find("run-1"), std::string::npos);
}

}  // namespace
}  // namespace weft::cli
