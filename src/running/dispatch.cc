#include "running/dispatch.h"

#include "integrations/s3/item_pages.h"
#include "running/results.h"

namespace weft::running {
namespace {

constexpr int kReaderThreads = 2;

}  // namespace

Dispatch::Dispatch(const HostOptions& options, uint64_t child_name_key, store::Store& store,
                   integrations::TaskRunner& tasks, s3::BucketRegistry* buckets)
    : options_(options),
      child_name_key_(child_name_key),
      store_(store),
      tasks_(tasks),
      buckets_(buckets),
      readers_(std::make_unique<net::WorkerPool>(kReaderThreads)) {}

Dispatch::~Dispatch() = default;

void Dispatch::stop() { readers_.reset(); }

void Dispatch::perform(Effect effect) {
  std::visit([this](auto& one) { on(one); }, effect);
}

void Dispatch::on(integrations::TaskRequest& request) {
  tasks_.run(request, [this, key = request.key](engine::Input outcome) {
    post(Shard::owner(key, shards()), Deliver{key, std::move(outcome)});
  });
}

void Dispatch::on(ReadItems& read) {
  const uint64_t run = read.run->record.number;
  // Items that are part of the state's input need no thread.
  if (read.configuration->source == maprun::Configuration::Source::kState) {
    return post(Shard::owner_of_run(run, shards()),
                MapRunPage{run, s3::read_page(*read.configuration, read.cursor, buckets_)});
  }
  readers_->post([this, run, configuration = read.configuration, cursor = std::move(read.cursor)] {
    post(Shard::owner_of_run(run, shards()),
         MapRunPage{run, s3::read_page(*configuration, cursor, buckets_)});
  });
}

void Dispatch::on(CollectResults& collect) {
  readers_->post([this, collect] {
    const records::MapRunRecord& record = collect.run->record;
    auto result = collect_results(store_, child_name_key_, *collect.run, collect.output_bytes,
                                  options_.state_data_bytes_max);
    engine::MapRunClosed closed{.map_run = record.number};
    if (result) {
      closed.result = std::move(*result);
    } else {
      closed.status = history::ExecutionStatus::kFailed;
      closed.error = "States.Runtime";
      closed.cause = "The results of the Map Run could not be read: " + result.error().message;
    }
    post(Shard::owner(record.parent, shards()), Deliver{record.parent, std::move(closed)});
  });
}

}  // namespace weft::running
