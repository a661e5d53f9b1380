#include "api/live/channel.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "records/records.h"
#include "running/reading_host.h"
#include "store/store.h"

namespace weft::api {
namespace {

using store::Family;
using testing::HasSubstr;
using testing::Not;

// A host that runs nothing, with one Map Run as the test says.
class LiveHost : public running::ReadingHost {
 public:
  using running::ReadingHost::ReadingHost;
  std::optional<running::MapRunProgress> map_run_progress(std::string_view /*arn*/) const override {
    ++asked;
    return live;
  }

  std::optional<running::MapRunProgress> live;
  mutable int asked = 0;
};

class LiveTest : public testing::Test {
 protected:
  LiveTest() {
    put(Family::kMeta, "child-name-key", std::string(8, '\x07'));
    query_ = std::make_unique<reading::Query>(*store_, arn::Home{});
    host_ = std::make_unique<LiveHost>(*query_);
    channel_ = std::make_unique<LiveChannel>(*host_, false);
    run_.number = 1;
    run_.arn =
        "arn:aws:states:us-east-1:000000000000:mapRun:m/L:" + query_->child_names().map_run_uuid(1);
    run_.label = "L";
    run_.machine_name = "m";
    put(Family::kMapRun, records::map_run_key(1), encode(run_));
    host_->live = running::MapRunProgress{.number = 1, .arn = run_.arn};
  }
  void put(Family family, std::string key, std::string value) {
    store::Batch batch;
    batch.put(family, std::move(key), std::move(value));
    ASSERT_TRUE(store_->commit(std::move(batch)));
  }
  void count(uint64_t succeeded, uint64_t running) {
    host_->live->executions = {
        .running = running, .succeeded = succeeded, .total = succeeded + running};
    host_->live->items = host_->live->executions;
  }
  std::shared_ptr<net::BodySource> listen(const std::string& query) {
    net::Response response =
        channel_->answer({.method = "GET", .path = "/_weft/v1/live", .query = query});
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.headers.get("Content-Type"), "text/event-stream");
    response.stream->start([this] { ++woken_; });
    return response.stream;
  }
  net::Response change(const std::string& id, const std::string& body,
                       const std::string& type = "application/json") {
    net::Request request{
        .method = "POST", .path = "/_weft/v1/live/" + id + "/topics", .body = body};
    request.headers.set("Content-Type", type);
    return channel_->answer(request);
  }
  static std::string id_in(const std::string& hello) {
    const size_t at = hello.find("{\"id\":\"") + 7;
    return hello.substr(at, hello.find('"', at) - at);
  }

  std::unique_ptr<store::Store> store_ = store::open_memory();
  std::unique_ptr<reading::Query> query_;
  std::unique_ptr<LiveHost> host_;
  std::unique_ptr<LiveChannel> channel_;
  records::MapRunRecord run_;
  int woken_ = 0;
};

TEST_F(LiveTest, APageHearsHowThingsStandAndThenWhatChanges) {
  count(3, 2);
  const auto page = listen("topic=maprun:" + run_.arn);
  EXPECT_THAT(*page->take(), HasSubstr("event: hello\ndata: {\"id\":\""));
  EXPECT_EQ(*page->take(), "");
  channel_->look(1);
  EXPECT_EQ(woken_, 1);
  const std::string first = *page->take();
  EXPECT_THAT(first, HasSubstr("id: 1\nevent: counts\ndata: {\"topic\":\"maprun:" + run_.arn));
  EXPECT_THAT(first, HasSubstr(R"("executionCounts":{"pending":0,"running":2,"succeeded":3,)"));
  EXPECT_THAT(first, HasSubstr("event: wm\ndata: {\"topic\":\"maprun:"));
  EXPECT_THAT(first, Not(HasSubstr("event: end")));
  channel_->look(2);  // the same as before
  EXPECT_EQ(*page->take(), "");
  run_.status = records::MapRunStatus::kSucceeded;
  put(Family::kMapRun, records::map_run_key(1), encode(run_));
  channel_->look(3);
  EXPECT_THAT(*page->take(), HasSubstr("event: end\ndata: {\"topic\":\"maprun:" + run_.arn +
                                       "\",\"status\":\"SUCCEEDED\"}"));
}

TEST_F(LiveTest, WhoReadsSlowlyGetsTheNewestOnly) {
  const auto page = listen("topic=maprun:" + run_.arn);
  page->take();
  for (uint64_t i = 1; i <= 50; ++i) {
    count(i, 1);
    channel_->look(i);
  }
  const std::string all = *page->take();
  EXPECT_THAT(all, HasSubstr(R"("succeeded":50)"));
  EXPECT_THAT(all, Not(HasSubstr(R"("succeeded":49)")));
  EXPECT_LT(all.size(), 2'000u);
}

TEST_F(LiveTest, ManyPagesCostOneLook) {
  std::vector<std::shared_ptr<net::BodySource>> pages;
  for (int i = 0; i < 100; ++i) pages.push_back(listen("topic=maprun:" + run_.arn));
  count(1, 1);
  channel_->look(1);
  EXPECT_EQ(host_->asked, 1);
  for (const auto& page : pages) EXPECT_THAT(*page->take(), HasSubstr("event: counts"));
  EXPECT_EQ(channel_->counts_json(), R"({"clients":100,"opened":100})");
  pages.clear();
  EXPECT_EQ(channel_->counts_json(), R"({"clients":0,"opened":100})");
}

TEST_F(LiveTest, OfManyPagesEachIsToldInItsTurn) {
  std::vector<std::shared_ptr<net::BodySource>> pages;
  for (size_t i = 0; i < 10 * LiveChannel::kToldAtOnce; ++i)
    pages.push_back(listen("topic=maprun:" + run_.arn));
  channel_->look(1);  // who knows nothing yet is told at once
  for (const auto& page : pages) EXPECT_THAT(*page->take(), HasSubstr("event: counts"));
  std::vector<int> told(pages.size());
  size_t most = 0;
  for (uint64_t round = 2; round < 12; ++round) {
    count(round, 1);
    channel_->look(round);
    size_t now = 0;
    for (size_t i = 0; i < pages.size(); ++i) {
      if (pages[i]->take()->empty()) continue;
      ++told[i];
      ++now;
    }
    most = std::max(most, now);
  }
  EXPECT_THAT(told, testing::Each(1));
  EXPECT_LT(most, pages.size() / 2);
  const auto late = listen("topic=maprun:" + run_.arn);
  channel_->look(12);
  EXPECT_THAT(*late->take(), HasSubstr("event: counts"));
}

TEST_F(LiveTest, TopicsChangeOnTheSameConnection) {
  const auto page = listen("topic=list");
  const std::string id = id_in(*page->take());
  channel_->look(4);
  EXPECT_THAT(*page->take(), HasSubstr("event: wm\ndata: {\"topic\":\"list\",\"v\":\""));
  EXPECT_EQ(change(id, R"({"topics":["maprun:)" + run_.arn + R"("]})").status, 200);
  channel_->look(8);
  const std::string next = *page->take();
  EXPECT_THAT(next, HasSubstr("event: counts"));
  EXPECT_THAT(next, Not(HasSubstr("\"topic\":\"list\"")));
}

TEST_F(LiveTest, WhatIsWrongIsSaid) {
  const auto page = listen("");
  const std::string id = id_in(*page->take());
  EXPECT_EQ(change("nobody", R"({"topics":[]})").status, 404);
  EXPECT_EQ(change(id, R"({"topics":[]})", "text/plain").status, 415);
  EXPECT_THAT(change(id, R"({"topics":"list"})").body, HasSubstr("The body: expected"));
  EXPECT_THAT(change(id, R"({"topics":["weather"]})").body,
              HasSubstr("topic 'weather': expected list, exec:ARN or maprun:ARN"));
  EXPECT_EQ(
      channel_->answer({.method = "GET", .path = "/_weft/v1/live", .query = "topic=x"}).status,
      400);
  EXPECT_EQ(channel_->answer({.method = "POST", .path = "/_weft/v1/live"}).status, 405);
  std::vector<std::shared_ptr<net::BodySource>> pages;
  for (size_t i = 1; i < LiveChannel::kClientsMax; ++i) pages.push_back(listen(""));
  EXPECT_EQ(channel_->answer({.method = "GET", .path = "/_weft/v1/live"}).status, 503);
  pages.pop_back();
  EXPECT_EQ(channel_->answer({.method = "GET", .path = "/_weft/v1/live"}).status, 200);
}

TEST_F(LiveTest, SilenceIsBrokenByComments) {
  const auto page = listen("topic=exec:arn:aws:states:us-east-1:000000000000:execution:m:nobody");
  page->take();
  channel_->look(59);
  EXPECT_EQ(*page->take(), "");
  channel_->look(60);
  EXPECT_EQ(*page->take(), ":\n\n");
}

}  // namespace
}  // namespace weft::api
