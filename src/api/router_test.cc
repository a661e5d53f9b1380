#include "api/router.h"

#include <future>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "history/codec.h"
#include "reading/query.h"
#include "records/records.h"
#include "running/reading_host.h"
#include "store/store.h"

namespace weft::api {
namespace {

// Who waits for the disk, and who works on definitions and histories, holds up no listing.
TEST(ApiThreads, ReadsDoNotWaitForOtherWork) {
  const std::unique_ptr<store::Store> store = store::open_memory();
  const reading::Query query(*store, arn::Home{});
  running::ReadingHost host(query);
  ApiThreads threads;
  const net::Handler handler = make_api_handler(host, threads);
  std::promise<void> go_on;
  const auto gate = go_on.get_future().share();
  for (net::WorkerPool* pool : {&threads.changes, &threads.heavy, &threads.queries}) {
    for (int i = 0; i < 16; ++i) pool->post([gate] { gate.wait(); });
  }
  std::promise<net::Response> answered;
  net::Request list{.method = "POST", .target = "/", .path = "/", .body = "{}"};
  list.headers.set("X-Amz-Target", "AWSStepFunctions.ListStateMachines");
  handler(std::move(list),
          [&](net::Response response) { answered.set_value(std::move(response)); });
  EXPECT_EQ(answered.get_future().get().status, 200);
  go_on.set_value();
}

// A client that leaves while its request waits for its turn. What would change something runs all
// the same.
TEST(ApiThreads, NothingIsComputedForAClientThatHasLeft) {
  struct Gone : net::Connection {
    bool is_gone() override { return true; }
  };
  const std::unique_ptr<store::Store> store = store::open_memory();
  const reading::Query query(*store, arn::Home{});
  running::ReadingHost host(query);
  ApiThreads threads;
  const net::Handler handler = make_api_handler(host, threads);
  const auto answer = [&](const std::string& operation) {
    std::promise<net::Response> answered;
    net::Request request{.method = "POST",
                         .target = "/",
                         .path = "/",
                         .body = "{}",
                         .connection = std::make_shared<Gone>()};
    request.headers.set("X-Amz-Target", "AWSStepFunctions." + operation);
    handler(std::move(request),
            [&](net::Response response) { answered.set_value(std::move(response)); });
    return answered.get_future().get().body;
  };
  const std::string left = R"({"__type":"ServiceUnavailable","message":"The client has left"})";
  for (const std::string operation :
       {"ValidateStateMachineDefinition", "GetExecutionHistory", "TestState"})
    EXPECT_EQ(answer(operation), left) << operation;
  for (const std::string operation : {"CreateStateMachine", "StartExecution"})
    EXPECT_NE(answer(operation), left) << operation;
}

TEST(PrivateAccess, StoreAndImportsWantTheToken) {
  const std::unique_ptr<store::Store> store = store::open_memory();
  const reading::Query query(*store, arn::Home{});
  running::ReadingHost host(query);
  ApiThreads threads;
  const std::string token(64, 'a');
  for (const std::string& set : {token, std::string()}) {
    const net::Handler handler = make_api_handler(host, threads, {}, {}, {set, "/data/a b"});
    const auto status = [&](const std::string& path, const std::string& header,
                            const std::string& value) {
      std::promise<net::Response> answered;
      net::Request request{.method = "POST", .target = path, .path = path, .query = "family=turn"};
      if (path.find("store") != std::string::npos) request.method = "GET";
      request.headers.set(header, value);
      handler(std::move(request),
              [&](net::Response response) { answered.set_value(std::move(response)); });
      const net::Response response = answered.get_future().get();
      if (response.status == 401) {
        EXPECT_EQ(response.headers.get("Weft-Data-Directory"), "/data/a%20b");
      }
      return response.status;
    };
    for (const std::string path : {"/_weft/v1/store/page", "/_weft/v1/import/logs"}) {
      EXPECT_EQ(status(path, "X", "y"), 401);
      EXPECT_EQ(status(path, "Authorization", "Bearer " + std::string(64, 'b')), 401);
      EXPECT_EQ(status(path, "Authorization", "Bearer "), 401);
      EXPECT_EQ(status(path, "Authorization", "Bearer " + token) == 401, set.empty());
      EXPECT_EQ(status(path, "X-Amz-Firehose-Access-Key", token) == 401, set.empty());
    }
  }
}

std::string ask_history(const net::Handler& handler, const std::string& body) {
  std::promise<std::string> answered;
  net::Request request{.method = "POST", .target = "/", .path = "/", .body = body};
  request.headers.set("X-Amz-Target", "AWSStepFunctions.GetExecutionHistory");
  handler(std::move(request),
          [&](net::Response response) { answered.set_value(std::move(response.body)); });
  return answered.get_future().get();
}

TEST(GetExecutionHistory, PagesByBytesToo) {
  const std::unique_ptr<store::Store> store = store::open_memory();
  records::ExecutionRecord record;
  record.key = {0, 1};
  record.arn = "arn:aws:states:us-east-1:000000000000:execution:m:e";
  record.name = "e";
  record.machine_name = "m";
  store::Batch batch;
  const std::string key = records::execution_key(record.key);
  batch.put(store::Family::kExecution, key, records::encode(record));
  batch.put(store::Family::kName, records::name_key("m", "e"), key);
  const base::Text text('"' + std::string(1'500'000, 'x') + '"');
  for (uint32_t turn = 0; turn < 3; ++turn) {
    const history::Event event{
        .type = history::EventType::kPassStateExited, .id = turn + 1, .text = text};
    std::string bytes;
    history::encode_turn({{event, event}}, bytes);
    batch.put(store::Family::kTurn, records::turn_key(record.key, turn), std::move(bytes));
  }
  ASSERT_TRUE(store->commit(std::move(batch)).has_value());
  const reading::Query query(*store, arn::Home{});
  running::ReadingHost host(query);
  ApiThreads threads;
  const net::Handler handler = make_api_handler(host, threads);
  for (const std::string reverse : {"false", "true"}) {
    std::string ids;
    std::string next;
    do {
      const std::string page =
          ask_history(handler, R"({"executionArn":")" + record.arn + R"(","reverseOrder":)" +
                                   reverse + next + "}");
      EXPECT_LE(page.size(), (4u << 20) + 1'000);
      for (size_t at = 0; (at = page.find(R"("id":)", at)) != std::string::npos;)
        ids += page[at += 5];
      const size_t token = page.find(R"(,"nextToken")");
      next = token == std::string::npos ? "" : page.substr(token, page.size() - token - 1);
    } while (!next.empty());
    EXPECT_EQ(ids, reverse == "true" ? "332211" : "112233");
  }
}

}  // namespace
}  // namespace weft::api
