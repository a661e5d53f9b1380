#include "importing/import.h"

#include <algorithm>
#include <memory>
#include <random>
#include <span>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "api/import_logs.h"
#include "api/query/gzip.h"
#include "base/encoding.h"
#include "cli/import_fixture.h"
#include "json/write.h"

// The proof that logs tell the whole trace: what Weft ran, written as log lines, shuffled and
// doubled, gives the same spans out of an empty store.

namespace weft::cli {
namespace {

// What ran: "everything" with one nested execution and three Map Runs; each of the 3 children of
// "Regions" has a Map Run of its own and a nested execution, which has one too.
constexpr uint64_t kExecutions = 1 + 1 + 3;
constexpr uint64_t kMapRuns = 3 + 1 + 3 * 2;
constexpr uint64_t kChildrenOfTheOutermost = 200 + 3 + 10;
constexpr uint64_t kChildren = kChildrenOfTheOutermost + 2 + 3 * (4 + 2);

TEST_F(ImportTest, ShuffledAndDoubledLines_GiveTheSameSpans) {
  const reading::Query query(*store_, {});
  ASSERT_EQ(query.execution(arn_)->status, history::ExecutionStatus::kSucceeded);
  std::vector<std::string> lines = log_lines({});
  const size_t once = lines.size();
  std::ranges::copy(log_lines({}), std::back_inserter(lines));
  std::ranges::shuffle(lines, std::mt19937(7));
  const auto imported = store::open_memory();
  const importing::ImportReport report = import_lines(*imported, lines);
  EXPECT_EQ(report.executions, kExecutions);
  EXPECT_GE(report.children, 203u);
  EXPECT_EQ(report.map_runs, kMapRuns);
  EXPECT_EQ(report.new_events, once);
  EXPECT_EQ(report.duplicates, once);
  EXPECT_EQ(report.incomplete, 0u);
  const std::string expected = spans_of(*store_, arn_);
  EXPECT_GT(expected.size(), 100'000u);
  EXPECT_EQ(spans_of(*imported, arn_), expected);
}

// The nested execution and a child of its own Map Run, each opened on its own.
TEST_F(ImportTest, NestedExecutionAlone_HasItsPlaceWhicheverComesFirst) {
  const reading::Query query(*store_, {});
  std::string inner;
  for (const Event& event : *query.events(*query.find_execution(arn_))) {
    if (event.type == history::EventType::kTaskSubmitted) inner = trace::nested_execution_of(event);
  }
  ASSERT_FALSE(inner.empty());
  const auto runs = *query.map_runs(*query.find_execution(inner));
  ASSERT_EQ(runs.size(), 1u);
  const std::string child = query.child_arn(runs[0], 0);
  const auto says = [](std::string_view key, const std::string& arn) {
    return testing::HasSubstr(
        fmt::format(R"({{"key":"{}","value":{{"stringValue":"{}"}}}})", key, arn));
  };
  EXPECT_THAT(spans_of(*store_, inner), says("parent_execution_arn", arn_));
  EXPECT_THAT(spans_of(*store_, child), says("parent_execution_arn", inner));
  EXPECT_THAT(spans_of(*store_, child), says("root_execution_arn", arn_));
  std::vector<std::string> of_inner;
  append_execution(query, inner, {}, of_inner);
  std::vector<std::string> of_outer = log_lines({});
  std::erase_if(of_outer, [&](const std::string& line) {
    return std::ranges::find(of_inner, line) != of_inner.end();
  });
  std::ranges::shuffle(of_inner, std::mt19937(3));
  std::ranges::shuffle(of_outer, std::mt19937(5));
  for (const bool inner_first : {false, true}) {
    SCOPED_TRACE(inner_first);
    const auto imported = store::open_memory();
    import_lines(*imported, inner_first ? of_inner : of_outer);
    if (inner_first) EXPECT_NE(spans_of(*imported, inner), spans_of(*store_, inner));
    import_lines(*imported, inner_first ? of_outer : of_inner);
    for (const std::string& arn : {inner, child, arn_})
      EXPECT_EQ(spans_of(*imported, arn), spans_of(*store_, arn)) << arn;
  }
}

TEST_F(ImportTest, TheSameLinesAgain_ChangeNothing) {
  const std::vector<std::string> lines = log_lines({});
  const auto imported = store::open_memory();
  import_lines(*imported, lines);
  const std::string before = dump(*imported);
  const importing::ImportReport report = import_lines(*imported, lines);
  EXPECT_EQ(report.new_events, 0u);
  EXPECT_EQ(report.changed, 0u);
  EXPECT_EQ(report.duplicates, lines.size());
  EXPECT_EQ(dump(*imported), before);
}

TEST_F(ImportTest, PiecesInAnyOrder_AreMergedWithWhatIsStored) {
  std::vector<std::string> lines = log_lines({});
  std::ranges::shuffle(lines, std::mt19937(11));
  const auto imported = store::open_memory();
  for (size_t from = 0; from < lines.size(); from += 400) {
    const size_t to = std::min(lines.size(), from + 400);
    import_lines(*imported, {lines.begin() + static_cast<ptrdiff_t>(from),
                             lines.begin() + static_cast<ptrdiff_t>(to)});
  }
  EXPECT_EQ(spans_of(*imported, arn_), spans_of(*store_, arn_));
}

// Lines need not name the Map Run: children that come before it find it later.
TEST_F(ImportTest, ChildrenBeforeTheirMapRun_FindIt) {
  std::vector<std::string> lines = log_lines({.weft_member = false});
  for (std::string& line : lines) {
    const size_t at = line.find(R"("map_run_arn":")");
    if (at != std::string::npos) line.erase(at, line.find("\",", at) + 2 - at);
  }
  const auto whole = store::open_memory();
  const importing::ImportReport at_once = import_lines(*whole, lines);
  std::ranges::shuffle(lines, std::mt19937(17));
  const auto pieces = store::open_memory();
  for (size_t from = 0; from < lines.size(); from += 150) {
    const size_t to = std::min(lines.size(), from + 150);
    import_lines(*pieces, {lines.begin() + static_cast<ptrdiff_t>(from),
                           lines.begin() + static_cast<ptrdiff_t>(to)});
  }
  const auto shape = [](const store::Store& store) {
    const reading::Query query(store, {});
    std::vector<std::string> children;
    for (const records::MapRunRecord& run : *query.map_runs(*query.find_execution(arn_))) {
      (void)query.rows(run.number, [&](const history::ChildRow& row) {
        children.push_back(fmt::format("{} {} {} {}", run.arn, query.child_arn(run, row.index),
                                       row.start_ms, row.duration_us));
        return true;
      });
    }
    std::ranges::sort(children);
    return children;
  };
  EXPECT_GE(shape(*whole).size() + 5, kChildrenOfTheOutermost);
  std::vector<std::string> differ;
  std::ranges::set_symmetric_difference(shape(*pieces), shape(*whole), std::back_inserter(differ));
  EXPECT_EQ(differ, std::vector<std::string>());
  EXPECT_EQ(dump(*pieces).find(":unknown"), dump(*whole).find(":unknown"));
  const importing::ImportReport again = import_lines(*pieces, lines);
  EXPECT_EQ(again.changed, 0u);
  EXPECT_EQ(again.map_runs, at_once.map_runs);
}

// What HTTP brings: plain lines, deliveries of a subscription and of Firehose, gzipped or not.
class ImportOverHttpTest : public ImportTest {
 protected:
  ImportOverHttpTest() { open(); }
  // An empty server.
  void open() {
    import_.reset();
    host_.reset();
    imported_ = store::open_memory();
    auto host = running::Host::open({.clock = &kClock, .shards = 2, .tasks = &functions_},
                                    *imported_, nullptr, nullptr);
    EXPECT_TRUE(host) << host.error().message;
    host_ = std::move(*host);
    import_ = std::make_unique<api::LogImport>(*host_);
  }
  // The envelope of CloudWatch Logs around log lines, gzipped.
  static std::string subscription(std::span<const std::string> lines) {
    std::string text = R"({"messageType":"DATA_MESSAGE","owner":"000000000000","logGroup":"g",)"
                       R"("logStream":"s","subscriptionFilters":["f"],"logEvents":[)";
    for (const std::string& line : lines) {
      text += text.ends_with('[') ? R"({"id":"1","timestamp":1,"message":)"
                                  : R"(,{"id":"1","timestamp":1,"message":)";
      json::write_string(line, text);
      text += '}';
    }
    return api::gzip(text + "]}");
  }
  static std::string firehose(std::span<const std::string> lines) {
    const size_t half = lines.size() / 2;
    return fmt::format(
        R"({{"requestId":"r-1","timestamp":1,"records":[{{"data":"{}"}},{{"data":"{}"}}]}})",
        base::to_base64(subscription(lines.first(half))),
        base::to_base64(subscription(lines.subspan(half))));
  }
  using Headers = std::vector<std::pair<std::string, std::string>>;
  struct Delivery {
    std::string body;
    Headers headers;
  };
  // Plain lines, gzipped ones, what a subscription's Lambda function gets, what Firehose sends.
  static Delivery delivery_of(std::span<const std::string> lines, size_t way) {
    std::string plain;
    for (const std::string& line : lines) plain += line;
    if (way == 0) return {plain, {}};
    if (way == 1) return {api::gzip(plain), {{"Content-Encoding", "gzip"}}};
    if (way == 2)
      return {R"({"awslogs":{"data":")" + base::to_base64(subscription(lines)) + "\"}}", {}};
    return {firehose(lines), {{"X-Amz-Firehose-Request-Id", "r-1"}}};
  }
  net::Response post(std::string body, const Headers& headers = {}) {
    net::Request request{.method = "POST", .path = std::string(api::kImportLogsPath)};
    for (const auto& [name, value] : headers) request.headers.add(name, value);
    request.body = std::move(body);
    return import_->answer(std::move(request));
  }

  std::unique_ptr<store::Store> imported_;
  FakeFunctions functions_;
  std::unique_ptr<running::Host> host_;
  std::unique_ptr<api::LogImport> import_;
};

TEST_F(ImportOverHttpTest, ShuffledDoubledPieces_GiveTheSameSpans) {
  std::vector<std::string> lines = log_lines({});
  std::ranges::copy(log_lines({}), std::back_inserter(lines));
  std::ranges::shuffle(lines, std::mt19937(13));
  for (size_t from = 0, piece = 0; from < lines.size(); from += 300, ++piece) {
    const std::span<const std::string> some(lines.begin() + static_cast<ptrdiff_t>(from),
                                            std::min<size_t>(300, lines.size() - from));
    const Delivery delivery = delivery_of(some, piece % 4);
    const net::Response response = post(delivery.body, delivery.headers);
    ASSERT_EQ(response.status, 200) << response.body;
  }
  EXPECT_EQ(spans_of(*imported_, arn_), spans_of(*store_, arn_));
  // The host goes on beside it: numbers do not clash.
  const auto machine =
      host_->create_state_machine({.name = "own",
                                   .definition = base::Text(R"({"StartAt":"A","States":{"A":)"
                                                            R"({"Type":"Pass","End":true}}})")});
  ASSERT_TRUE(machine);
  const auto started = host_->start_execution({.machine_arn = machine->arn, .name = "e"});
  ASSERT_TRUE(started && host_->wait(started->arn, kDeadlineMs));
  EXPECT_EQ(host_->query().execution(started->arn)->status, history::ExecutionStatus::kSucceeded);
  EXPECT_EQ(spans_of(*imported_, arn_), spans_of(*store_, arn_));
}

// Pieces of any size by any way, some of them twice, and some cut off first, as connections are:
// what was refused, or taken in part, is sent again.
TEST_F(ImportOverHttpTest, RandomDeliveries_GiveTheSameSpansWhateverIsHidden) {
  const auto hiding = trace::Redactor::create({.keys = {"item"}, .paths = {"$.Payload.ok"}});
  ASSERT_TRUE(hiding);
  const std::string expected = spans_of(*store_, arn_);
  const std::string expected_hidden = spans_of(*store_, arn_, *hiding);
  ASSERT_NE(expected, expected_hidden);
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    open();
    std::mt19937 random(seed);
    const auto below = [&random](size_t bound) { return random() % bound; };
    const std::vector<std::string> lines = delivered_lines(random);
    for (size_t from = 0, size; from < lines.size(); from += size) {
      size = std::min(1 + below(400), lines.size() - from);
      const Delivery delivery = delivery_of(std::span(lines).subspan(from, size), below(4));
      if (below(4) == 0) {
        const int status =
            post(delivery.body.substr(0, below(delivery.body.size())), delivery.headers).status;
        ASSERT_TRUE(status == 200 || status == 400) << status;
      }
      const net::Response response = post(delivery.body, delivery.headers);
      ASSERT_EQ(response.status, 200) << response.body;
    }
    EXPECT_EQ(spans_of(*imported_, arn_), expected);
    EXPECT_EQ(spans_of(*imported_, arn_, *hiding), expected_hidden);
  }
}

TEST_F(ImportOverHttpTest, EveryPiece_IsVisibleAtOnce) {
  std::vector<std::string> lines = log_lines({});
  const auto end = std::ranges::find_if(lines, [](const std::string& line) {
    return line.contains("ExecutionSucceeded") && !line.contains("map_run_arn");
  });
  const std::string last = *end;
  lines.erase(end);
  std::string text;
  for (const std::string& line : lines) text += line;
  ASSERT_EQ(post(text).status, 200);
  EXPECT_EQ(host_->query().execution(arn_)->status, history::ExecutionStatus::kRunning);
  EXPECT_NE(post(last).body.find(R"("events":1,"rejected":0,"newEvents":1,)"), std::string::npos);
  EXPECT_EQ(host_->query().execution(arn_)->status, history::ExecutionStatus::kSucceeded);
  EXPECT_EQ(spans_of(*imported_, arn_), spans_of(*store_, arn_));
}

TEST_F(ImportOverHttpTest, Answers_AreWhatTheSenderExpects) {
  const std::vector<std::string> lines = log_lines({});
  const std::span<const std::string> some(lines.begin(), 4);
  const auto starts_with = [](const net::Response& response, int status, std::string_view begin) {
    EXPECT_EQ(response.status, status);
    EXPECT_TRUE(response.body.starts_with(begin)) << response.body;
  };
  starts_with(post(firehose(some)), 200, R"({"requestId":"r-1","timestamp":)");
  starts_with(post("nothing", {{"X-Amz-Firehose-Request-Id", "r-2"}}), 400,
              R"({"requestId":"r-2","timestamp":)");
  starts_with(post(api::gzip(R"({"messageType":"CONTROL_MESSAGE","logEvents":[]})")), 200,
              R"({"events":0,"rejected":0)");
  starts_with(
      post("nothing\n"), 400,
      R"({"error":{"code":"ValidationException","message":"No log event of Step Functions: )"
      R"(line 1: there is no JSON object in 'nothing'"}})");
  starts_with(post(""), 400, R"({"error":{"code":"ValidationException","message":"The body is)");
  starts_with(post("x", {{"Content-Encoding", "br"}}), 415, R"({"error":)");
  starts_with(post(std::string(api::LogImport::kBodyBytesMax + 1, 'x')), 413,
              R"({"error":{"code":"RequestTooLarge","message":"The body has 67108865 bytes, the )"
              R"(limit is 67108864"}})");
  starts_with(post(api::gzip(std::string(api::LogImport::kUnpackedBytesMax + 1, ' '))), 413,
              R"({"error":{"code":"RequestTooLarge","message":"The body unpacks to more than )");
  EXPECT_EQ(import_->answer({.method = "GET"}).status, 405);
}

TEST_F(ImportTest, AwsLines_MakeTheSameStates) {
  const auto imported = store::open_memory();
  const auto report = import_lines(*imported, log_lines({.weft_member = false}));
  const reading::Query own(*store_, {});
  const reading::Query query(*imported, {});
  EXPECT_EQ(report.children, kChildren);
  EXPECT_EQ(query.execution(arn_)->output.view(), own.execution(arn_)->output.view());
  const auto runs = *query.map_runs(*query.find_execution(arn_));
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].state_name, "Fan Out");
  EXPECT_EQ(runs[0].executions.succeeded, 190u);
  EXPECT_EQ(runs[0].executions.failed, 10u);
  EXPECT_EQ(runs[1].executions.succeeded, 3u);
  EXPECT_EQ(runs[2].status, records::MapRunStatus::kFailed);
  const auto children = query.children(runs[0].arn, history::ExecutionStatus::kFailed, 100, "");
  ASSERT_TRUE(children);
  ASSERT_EQ(children->rows.size(), 10u);
  const auto child = query.execution(children->rows[0].arn);
  ASSERT_TRUE(child) << child.error().message;
  EXPECT_EQ(child->error, "Broken");
  EXPECT_EQ(child->map_run_arn, runs[0].arn);
  EXPECT_TRUE(reading::read_trace_source(query, child->arn, 0));
}

TEST_F(ImportTest, OwnExecutions_AreLeftAlone) {
  const std::string before = dump(*store_);
  const importing::ImportReport report = import_lines(*store_, log_lines({}));
  EXPECT_EQ(report.own, kExecutions + kChildren);
  EXPECT_EQ(report.changed, 0u);
  EXPECT_EQ(dump(*store_), before);
}

TEST_F(ImportTest, WhatStillRan_IsNotRunHere) {
  std::vector<std::string> lines = log_lines({});
  std::erase_if(lines, [](const std::string& line) {
    // Children that were still to start when a Map Run failed are aborted, now and then.
    return line.contains("ExecutionSucceeded") || line.contains("ExecutionFailed") ||
           line.contains("ExecutionAborted");
  });
  const auto imported = store::open_memory();
  EXPECT_EQ(import_lines(*imported, lines).running, kExecutions + kChildren);
  const std::string before = dump(*imported);
  FakeFunctions functions;
  auto host = running::Host::open({.clock = &kClock, .shards = 1, .tasks = &functions}, *imported,
                                  nullptr, nullptr);
  ASSERT_TRUE(host) << host.error().message;
  EXPECT_EQ((*host)->query().execution(arn_)->status, history::ExecutionStatus::kRunning);
  EXPECT_EQ((*host)->stop_execution(arn_, {}, {}).error().message,
            "'" + arn_ + "' was imported: it does not run here");
  host->reset();
  std::string after = dump(*imported);
  // All that a host adds: what names of children and task tokens hang on.
  for (const auto& [name, bytes] :
       {std::pair<std::string, size_t>{"child-name-key=", 8}, {"task-token-key=", 32}}) {
    const size_t at = after.find(name);
    ASSERT_NE(at, std::string::npos) << name;
    after.erase(at, name.size() + bytes + 1);
  }
  EXPECT_TRUE(after == before);
}

}  // namespace
}  // namespace weft::cli
