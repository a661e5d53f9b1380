#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/query/handler.h"
#include "history/codec.h"
#include "running/reading_host.h"

namespace weft::api {

// Reads; runs nothing.
class MapRunHost : public running::ReadingHost {
 public:
  using running::ReadingHost::ReadingHost;
  std::optional<running::MapRunProgress> map_run_progress(std::string_view) const override {
    return live;
  }
  std::vector<reading::ExecutionItem> running_children(std::string_view) const override {
    return running;
  }

  std::optional<running::MapRunProgress> live;
  std::vector<reading::ExecutionItem> running;
};

// The query API over a store in memory that holds one Map Run.
class QueryApiTest : public testing::Test {
 protected:
  static constexpr uint64_t kNameKey = 0x5EED;
  static constexpr base::UnixMs kStart = 1'700'000'000'000;

  QueryApiTest() {
    std::string key;
    store::append_u64(key, kNameKey);
    put(store::Family::kMeta, "child-name-key", key);
    query_ = std::make_unique<reading::Query>(*store_, arn::Home{});
    host_ = std::make_unique<MapRunHost>(*query_);
    api_ = std::make_unique<QueryApi>(*host_);
    run_.number = 1;
    run_.arn =
        "arn:aws:states:us-east-1:000000000000:mapRun:m/L:" + query_->child_names().map_run_uuid(1);
    run_.execution_arn = "arn:aws:states:us-east-1:000000000000:execution:m:e";
    run_.state_name = "Watermark all";
    run_.label = "L";
    run_.machine_name = "m";
    run_.start_ms = kStart;
    run_.max_concurrency = 1'000;
    put_run(records::MapRunStatus::kRunning);
  }
  void put(store::Family family, std::string key, std::string value) {
    store::Batch batch;
    batch.put(family, std::move(key), std::move(value));
    ASSERT_TRUE(store_->commit(std::move(batch)));
  }
  void put_run(records::MapRunStatus status) {
    run_.status = status;
    run_.stop_ms = status == records::MapRunStatus::kRunning ? 0 : kStart + 60'000;
    put(store::Family::kMapRun, records::map_run_key(1), encode(run_));
  }
  void put_rows(uint64_t chunk, const std::vector<history::ChildRow>& rows) {
    std::string bytes;
    for (const history::ChildRow& row : rows) history::encode_row(row, bytes);
    put(store::Family::kRow, records::row_key(1, chunk), bytes);
  }
  // Rows 0 to 9: each 100 ms longer than the one before, the last failed.
  void put_ten() {
    std::vector<history::ChildRow> rows;
    for (uint64_t i = 0; i < 10; ++i) {
      rows.push_back({.index = i,
                      .start_ms = kStart,
                      .duration_us = static_cast<int64_t>(i + 1) * 100'000,
                      .lane = static_cast<uint32_t>(i),
                      .cold_start_us = i > 7 ? 50'000u : 0u,
                      .run_us = 40'000});
    }
    rows[9].status = history::ExecutionStatus::kFailed;
    rows[9].error_group = 77;
    put_rows(5, {rows.begin(), rows.begin() + 6});
    put_rows(9, {rows.begin() + 6, rows.end()});
    history::Event entered{.type = history::EventType::kTaskStateEntered, .id = 2};
    entered.name = "Add the mark";
    history::Event failed{.type = history::EventType::kExecutionFailed, .id = 3};
    failed.error = "TypeError";
    failed.cause = "no \"size\"";
    std::string bytes;
    history::encode_turn({{entered, failed}}, bytes);
    put(store::Family::kTurn, records::turn_key({1, 9}, 0), bytes);
  }
  net::Response get(const std::string& path, const std::string& parameters,
                    const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    net::Request request{
        .method = "GET", .path = "/_weft/v1/" + path, .query = "arn=" + run_.arn + parameters};
    request.headers.fields = headers;
    return api_->answer(request);
  }

  std::unique_ptr<store::Store> store_ = store::open_memory();
  std::unique_ptr<reading::Query> query_;
  std::unique_ptr<MapRunHost> host_;
  std::unique_ptr<QueryApi> api_;
  records::MapRunRecord run_;
};

}  // namespace weft::api
