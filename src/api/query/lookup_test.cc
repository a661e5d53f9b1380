#include <algorithm>
#include <array>
#include <deque>
#include <random>
#include <set>

#include <fmt/format.h>

#include "api/query/query_fixture.h"
#include "json/parse.h"
#include "maprun/slice.h"

// The questions about one place, one child, one machine, one word: against what a look at all of it
// finds.

namespace weft::api {
namespace {

using history::ExecutionStatus;
using store::Family;
using testing::HasSubstr;

class LookupTest : public QueryApiTest {
 protected:
  // Children of all kinds, somewhere in 20 s and 40 lanes.
  void put_random(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
      const bool failed = random_() % 5 == 0;
      rows_.push_back({.index = i,
                       .start_ms = kStart + static_cast<base::UnixMs>(random_() % 20'000),
                       .duration_us = static_cast<int64_t>(random_() % 3'000'000) + 1,
                       .lane = static_cast<uint32_t>(random_() % 40),
                       .status = failed ? ExecutionStatus::kFailed : ExecutionStatus::kSucceeded,
                       .error_group = failed ? 7u : 0u});
    }
    put_rows(1, rows_);
    put_run(records::MapRunStatus::kSucceeded);
  }
  static int64_t start_of(const history::ChildRow& row) { return (row.start_ms - kStart) * 1'000; }
  static bool touches(const history::ChildRow& row, int64_t from, int64_t to, uint32_t first,
                      uint32_t end) {
    return start_of(row) < to && start_of(row) + row.duration_us > from && row.lane >= first &&
           row.lane < end;
  }
  json::Value parsed(const net::Response& response) {
    auto value = json::parse(bodies_.emplace_back(response.body), arena_);
    EXPECT_TRUE(value) << response.body;
    return value ? *value : json::Value();
  }
  net::Response ask(const std::string& path, const std::string& query) {
    return api_->answer({.method = "GET", .path = "/_weft/v1/" + path, .query = query});
  }
  net::Response post(const std::string& path, const std::string& body,
                     const std::string& type = "application/json") {
    net::Request request{.method = "POST", .path = "/_weft/v1/" + path, .body = body};
    request.headers.set("Content-Type", type);
    return api_->answer(request);
  }
  // A machine with an execution of this name and input.
  void put_execution(uint64_t number, const std::string& name, const std::string& input) {
    const records::ExecutionRecord record{.key = {0, number},
                                          .name = name,
                                          .arn = arn::execution_arn({}, "Orders", name),
                                          .machine_name = "Orders",
                                          .machine_arn = arn::machine_arn({}, "Orders"),
                                          .trace = {.trace = trace::trace_of_root(name)},
                                          .start_ms = kStart};
    put(Family::kExecution, records::execution_key(record.key), encode(record));
    put(Family::kName, records::name_key("Orders", name), records::execution_key(record.key));
    history::Event started{
        .type = history::EventType::kExecutionStarted, .id = 1, .time_ms = kStart};
    started.text = base::Text(input);
    std::string bytes;
    history::encode_turn({{started}}, bytes);
    put(Family::kTurn, records::turn_key(record.key, 0), bytes);
  }
  void put_machine(const std::string& definition) {
    const records::MachineRecord record{.name = "Orders",
                                        .arn = arn::machine_arn({}, "Orders"),
                                        .created_ms = kStart,
                                        .definition_hash = "hash"};
    put(Family::kDefinition, "hash", definition);
    put(Family::kMachine, "Orders", encode(record));
  }

  std::mt19937_64 random_{11};
  std::vector<history::ChildRow> rows_;
  std::deque<std::string> bodies_;  // that parsed values point into
  json::Arena arena_;
};

TEST_F(LookupTest, TilesShowWhoTouchesEachCell) {
  put_random(120);
  for (const auto& [kt, kl, x, y] :
       {std::array<int64_t, 4>{9, 0, 0, 0}, std::array<int64_t, 4>{9, 0, 1, 0},
        std::array<int64_t, 4>{7, 0, 3, 0}, std::array<int64_t, 4>{10, 2, 0, 0}}) {
    const net::Response response =
        get("maprun/tile", fmt::format("&kt={}&kl={}&x={}&y={}&color=retry", kt, kl, x, y));
    const json::Value answer = parsed(response);
    const std::string_view cells = answer.find("d").as_string();
    ASSERT_EQ(cells.size(), 256u * 64u) << response.body.substr(0, 200);
    EXPECT_TRUE(answer.find("final").as_bool());
    const int64_t cell_us = int64_t{100} << kt;
    const auto lanes = static_cast<uint32_t>(1 << kl);
    for (uint32_t row = 0; row < 64; ++row) {
      for (int64_t column = 0; column < 256; ++column) {
        const int64_t from = (x * 256 + column) * cell_us;
        const uint32_t first = static_cast<uint32_t>(y * 64 + row) * lanes;
        int all = 0;
        int failed = 0;
        for (const history::ChildRow& child : rows_) {
          if (!touches(child, from, from + cell_us, first, first + lanes)) continue;
          ++all;
          failed += child.status == ExecutionStatus::kFailed ? 1 : 0;
        }
        const char expected = all == 0                   ? '0'
                              : failed == 0              ? '1'  // nobody was tried again
                              : failed * 100 <= all * 5  ? '6'
                              : failed * 100 <= all * 25 ? '7'
                              : failed * 100 <= all * 75 ? '8'
                                                         : '9';
        ASSERT_EQ(cells[row * 256 + static_cast<size_t>(column)], expected)
            << kt << " " << kl << " " << x << " at " << column << "," << row;
      }
    }
  }
  EXPECT_EQ(get("maprun/tile", "&kt=41").status, 400);
  EXPECT_EQ(get("maprun/tile", "&kl=24&y=999999999").status, 400);
}

TEST_F(LookupTest, OfAPlaceTheFailedAndThenTheLongestIsFound) {
  put_random(200);
  for (int round = 0; round < 300; ++round) {
    const auto t = static_cast<int64_t>(random_() % 22'000'000);
    const auto dt = static_cast<int64_t>(random_() % 500'000) + 1;
    const auto lane = static_cast<uint32_t>(random_() % 42);
    const auto dl = static_cast<uint32_t>(random_() % 3) + 1;
    const history::ChildRow* best = nullptr;
    for (const history::ChildRow& row : rows_) {
      if (!touches(row, t, t + dt, lane, lane + dl)) continue;
      const auto rank = [](const history::ChildRow& one) {
        return std::tuple(one.status == ExecutionStatus::kFailed, one.duration_us,
                          -static_cast<int64_t>(one.index));
      };
      if (best == nullptr || rank(row) > rank(*best)) best = &row;
    }
    const json::Value answer =
        parsed(get("maprun/at", fmt::format("&t={}&dt={}&l={}&dl={}", t, dt, lane, dl)));
    if (best == nullptr) {
      EXPECT_TRUE(answer.find("idx").is_null());
    } else {
      EXPECT_EQ(answer.find("idx").as_int(), static_cast<int64_t>(best->index));
    }
  }
  EXPECT_THAT(get("maprun/at", "&t=1").body, HasSubstr("l: expected a lane"));
}

TEST_F(LookupTest, AChildKnowsItsNeighboursInTheLane) {
  put_random(60);
  history::Event started{.type = history::EventType::kExecutionStarted, .id = 1, .time_ms = kStart};
  started.text = base::Text(std::string("{}"));
  for (const history::ChildRow& row : rows_) {
    std::string bytes;
    history::encode_turn({{started}}, bytes);
    put(Family::kTurn, records::turn_key({1, row.index}, 0), bytes);
  }
  for (const history::ChildRow& row : rows_) {
    const history::ChildRow* before = nullptr;
    const history::ChildRow* after = nullptr;
    for (const history::ChildRow& other : rows_) {
      if (other.index == row.index || other.lane != row.lane) continue;
      if (other.start_ms < row.start_ms) {
        if (before == nullptr || other.start_ms > before->start_ms) before = &other;
      } else if (after == nullptr || other.start_ms < after->start_ms) {
        after = &other;
      }
    }
    const net::Response response =
        ask("child/summary", fmt::format("maprun={}&idx={}", run_.arn, row.index));
    const json::Value answer = parsed(response);
    EXPECT_EQ(answer.find("lane").as_int(), row.lane) << response.body;
    const auto is = [&](std::string_view name, const history::ChildRow* expected) {
      const json::Value found = answer.find(name);
      if (expected == nullptr) return found.is_null();
      return found.find("idx").as_int() == static_cast<int64_t>(expected->index);
    };
    EXPECT_TRUE(is("before", before)) << row.index << response.body;
    EXPECT_TRUE(is("after", after)) << row.index << response.body;
  }
  EXPECT_EQ(ask("child/summary", "idx=1").status, 400);
  EXPECT_EQ(ask("child/summary", "maprun=" + run_.arn).status, 400);
}

TEST_F(LookupTest, PayloadsComeInPiecesOfWholeCharacters) {
  std::string text = R"({"name":")";
  for (int i = 0; i < 1'000; ++i) text += "\xC3\xA4\xE2\x82\xAC";  // two and three bytes
  text += R"("})";
  put_execution(1, "big", text);
  const std::string arn = arn::execution_arn({}, "Orders", "big");
  for (const int64_t length : {1, 2, 7, 100, 4'096, 1'000'000}) {
    std::string all;
    for (int64_t offset = 0; offset < static_cast<int64_t>(text.size());) {
      const net::Response piece =
          ask("payload", fmt::format("arn={}&of=input&off={}&len={}", arn, offset, length));
      ASSERT_EQ(piece.status, 200) << piece.body;
      ASSERT_FALSE(piece.body.empty());
      EXPECT_EQ(piece.headers.get("X-Weft-Range"),
                fmt::format("bytes {}-{}/{}", offset,
                            offset + static_cast<int64_t>(piece.body.size()), text.size()));
      EXPECT_EQ(piece.headers.get("Content-Type"), "text/plain; charset=utf-8");
      EXPECT_EQ(piece.headers.get("X-Content-Type-Options"), "nosniff");
      if (length > 3) EXPECT_LE(piece.body.size(), static_cast<size_t>(length));
      all += piece.body;
      offset += static_cast<int64_t>(piece.body.size());
      if (length < 4 && offset > 60) break;
    }
    EXPECT_TRUE(text.starts_with(all)) << length;
    if (length >= 4) EXPECT_EQ(all, text);
  }
  put_execution(2, "secret", R"({"password":"hush"})");
  EXPECT_EQ(ask("payload", "arn=" + arn::execution_arn({}, "Orders", "secret")).body,
            R"({"password":"[redacted]"})");
  EXPECT_EQ(ask("payload", "arn=" + arn + "&of=output").status, 404);
  EXPECT_EQ(ask("payload", "arn=" + arn + "&of=error").status, 400);
}

TEST_F(LookupTest, ChildrenShowTheMembersOfTheirInputsThatAreAskedFor) {
  rows_ = {{.index = 0, .start_ms = kStart, .duration_us = 5}};
  put_rows(1, rows_);
  history::Event started{.type = history::EventType::kExecutionStarted, .id = 1, .time_ms = kStart};
  started.text = base::Text(std::string(
      R"({"customer":{"region":"eu","password":"hush"},"size":12.50,"tags":["a","b"]})"));
  std::string bytes;
  history::encode_turn({{started}}, bytes);
  put(Family::kTurn, records::turn_key({1, 0}, 0), bytes);
  EXPECT_THAT(
      get("maprun/children",
          "&col=input.customer.region&col=input.size&col=input.none&col=input.customer.password")
          .body,
      HasSubstr(R"("cols":["eu","12.5",null,"[redacted]"])"));
  EXPECT_THAT(get("maprun/children", "&col=size").body, HasSubstr("col=size: expected input.PATH"));
}

TEST_F(LookupTest, MachinesSayWhatRanOfThem) {
  put_machine(R"({"StartAt":"A","States":{"A":{"Type":"Succeed"}}})");
  for (uint64_t i = 1; i <= 30; ++i) {
    put_execution(i, fmt::format("e{}", i), fmt::format(R"({{"n":{}}})", i / 3));
  }
  const json::Value list = parsed(ask("machines", ""));
  ASSERT_EQ(list.find("rows").size(), 1u) << ask("machines", "").body;
  const json::Value row = list.find("rows").item(0);
  EXPECT_EQ(row.find("executions").as_int(), 30);
  EXPECT_EQ(row.find("running").as_int(), 30);
  EXPECT_EQ(row.find("last").find("name").as_string(), "e30");
  EXPECT_FALSE(list.find("runs").as_bool());
  // The last inputs, each once, the newest first.
  const json::Value machine = parsed(ask("machine", "arn=" + arn::machine_arn({}, "Orders")));
  EXPECT_EQ(machine.find("result").as_string(), "OK");
  const json::Value inputs = machine.find("inputs");
  ASSERT_EQ(inputs.size(), 10u);
  std::set<std::string> different;
  for (uint32_t i = 0; i < inputs.size(); ++i)
    different.insert(std::string(inputs.item(i).find("preview").as_string()));
  EXPECT_EQ(different.size(), 10u);
  EXPECT_EQ(inputs.item(0).find("preview").as_string(), R"({"n":10})");
  EXPECT_EQ(ask("machine", "arn=" + arn::machine_arn({}, "None")).status, 400);
}

TEST_F(LookupTest, DefinitionsAreJudgedWithPlaces) {
  const json::Value answer = parsed(post(
      "validate",
      R"({"definition":"{\n \"StartAt\":\"B\",\n \"States\":{\"A\":{\"Type\":\"Succeed\"}}}"})"));
  EXPECT_EQ(answer.find("result").as_string(), "FAIL") << post("validate", "{}").body;
  const json::Value first = answer.find("diagnostics").item(0);
  EXPECT_EQ(first.find("severity").as_string(), "ERROR");
  EXPECT_EQ(first.find("location").as_string(), "/StartAt");
  EXPECT_EQ(first.find("line").as_int(), 2);
  EXPECT_EQ(post("validate", R"({"definition":7})").status, 400);
  EXPECT_EQ(post("validate", "{}", "text/plain").status, 415);
  EXPECT_EQ(ask("validate", "").status, 405);
}

TEST_F(LookupTest, Convert_AnswersTheDefinitionInJsonataAndWhatKeepsJsonPath) {
  const json::Value answer = parsed(post(
      "convert",
      R"({"definition":"{\"StartAt\":\"A\",\"States\":{\n\"A\":{\"Type\":\"Pass\",\"InputPath\":\"$.a\",\"Next\":\"B\"},\n)"
      R"(\"B\":{\"Type\":\"Pass\",\"InputPath\":\"$..b\",\"End\":true}}}"})"));
  EXPECT_THAT(answer.find("definition").as_string(), HasSubstr("{% $states.input.a %}"));
  EXPECT_EQ(answer.find("converted").as_int(), 1);
  const json::Value left = answer.find("left").item(0);
  EXPECT_EQ(left.find("state").as_string(), "B");
  EXPECT_THAT(left.find("reason").as_string(), HasSubstr("no reference path"));
  EXPECT_EQ(left.find("line").as_int(), 3);
  const net::Response wrong = post("convert", R"({"definition":"{\"StartAt\":\"A\"}"})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("InvalidDefinition"));
  EXPECT_EQ(post("convert", "[]").status, 400);
}

TEST_F(LookupTest, Replay_OfAChildIsTheProcessorOfTheEditedDefinition) {
  put_ten();
  const auto plan = [&](const std::string& map) {
    const std::string edited =
        R"({\"QueryLanguage\":\"JSONata\",\"StartAt\":\"M\",\"States\":{\"M\":{\"Type\":\"Map\",\"End\":true,)"
        R"(\"ItemProcessor\":{\"ProcessorConfig\":{\"Mode\":\"DISTRIBUTED\",\"ExecutionType\":\"STANDARD\"},)"
        R"(\"StartAt\":\"X\",\"States\":{\"X\":{\"Type\":\"Succeed\"}}}}}})";
    std::string text = edited;
    for (size_t at = 0; (at = text.find(R"(\"M\")", at)) != std::string::npos;)
      text.replace(at, 5, R"(\")" + map + R"(\")");
    return post("replay", R"({"execution":"arn:aws:states:us-east-1:000000000000:execution:m/L:)" +
                              query_->child_names().name({1, 9}) + R"(","definition":")" + text +
                              R"("})");
  };
  const json::Value answer = parsed(plan("Watermark all"));
  EXPECT_EQ(answer.find("definition").as_string(),
            R"({"StartAt":"X","States":{"X":{"Type":"Succeed"}},"QueryLanguage":"JSONata"})");
  EXPECT_EQ(answer.find("machine").as_string(), "m");
  EXPECT_EQ(answer.find("state").as_string(), "Watermark all");
  EXPECT_THAT(plan("Another").body, HasSubstr("has no Distributed Map 'Watermark all', whose child "
                                              "it was, but 'Another'"));
}

TEST_F(LookupTest, SearchLeadsToWhatIsNamed) {
  put_machine("{}");
  put_execution(1, "nightly-1", "{}");
  put_execution(2, "other", "{}");
  EXPECT_THAT(ask("search", "q=NIGHT").body,
              HasSubstr(R"("kind":"executions","more":false,"rows":[{"title":"nightly-1",)"
                        R"("sub":"Orders, RUNNING","url":"/_weft/ui/exec/arn:aws:states:)"));
  EXPECT_THAT(ask("search", "q=ord").body, HasSubstr(R"("kind":"machines")"));
  const trace::TraceId trace = trace::trace_of_root("other");
  for (const std::string& id : {trace.hex(), std::to_string(trace.low)}) {
    EXPECT_THAT(ask("search", "q=" + id).body, HasSubstr(R"("title":"other")")) << id;
  }
  const std::string arn = arn::execution_arn({}, "Orders", "other");
  EXPECT_THAT(ask("search", "q=" + arn).body,
              HasSubstr(R"({"jump":{"url":"/_weft/ui/exec/)" + arn + R"("})"));
  EXPECT_THAT(ask("search", "q=" + run_.arn).body, HasSubstr("/_weft/ui/maprun/"));
  EXPECT_THAT(ask("search", "q=nothing").body,
              HasSubstr(R"({"jump":null,"more":false,"groups":[]})"));
  EXPECT_EQ(ask("search", "q=").status, 400);
  EXPECT_EQ(ask("search", "q=a&limit=1000").status, 400);
}

}  // namespace
}  // namespace weft::api
