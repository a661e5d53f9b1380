#include "running/dispatch.h"

#include "integrations/s3/result_bucket.h"
#include "running/committer.h"
#include "running/replayed.h"
#include "running/results.h"
#include "running/run_restore.h"

namespace weft::running {
namespace {

// Some of them may wait for other machines.
constexpr int kReaderThreads = 4;
constexpr int kWriterThreads = 2;

// A run whose results can be written nowhere fails before its first child starts.
std::optional<maprun::ReadFailed> check_writer(const maprun::Results& results,
                                               const s3::BucketRegistry* buckets) {
  if (!results.exported) return std::nullopt;
  std::string cause = results.fault;
  if (cause.empty()) {
    if (auto bucket = s3::open_result_bucket(buckets, results.bucket); !bucket)
      cause = bucket.error().message;
  }
  if (cause.empty()) return std::nullopt;
  return maprun::ReadFailed{kResultWriterFailed, std::move(cause)};
}

}  // namespace

Dispatch::Dispatch(const HostOptions& options, uint64_t child_name_key, store::Store& store,
                   integrations::TaskRunner& tasks, s3::BucketRegistry* buckets)
    : options_(options),
      child_name_key_(child_name_key),
      store_(store),
      tasks_(tasks),
      buckets_(buckets),
      own_objects_(s3::own_buckets(buckets)),
      objects_(options.objects != nullptr ? *options.objects : *own_objects_),
      item_pages_(objects_, options.parquet_library),
      readers_(std::make_unique<net::WorkerPool>(kReaderThreads)),
      writers_(std::make_unique<net::WorkerPool>(kWriterThreads)) {}

Dispatch::~Dispatch() = default;

void Dispatch::stop() {
  stopping_ = true;
  objects_.stop();
  readers_.reset();
  writers_.reset();
}

void Dispatch::perform(Effect effect) {
  std::visit([this](auto& one) { on(one); }, effect);
}

void Dispatch::on(integrations::TaskRequest& request) {
  tasks_.run(request, [this, key = request.key](engine::Input outcome) {
    post(Shard::owner(key, shards()), Deliver{key, std::move(outcome)});
  });
}

s3::ItemPage Dispatch::read_page(uint64_t run,
                                 const std::shared_ptr<const maprun::Configuration>& configuration,
                                 const std::string& cursor) {
  if (cursor.empty()) {
    if (auto failed = check_writer(configuration->results, buckets_)) return std::move(*failed);
  }
  if (configuration->source == maprun::Configuration::Source::kState)
    return s3::state_page(*configuration, cursor);
  return item_pages_.read(run, configuration, cursor);
}

void Dispatch::on(ReadItems& read) {
  const uint64_t run = read.run->record.number;
  // Items that are part of the state's input need no thread.
  if (read.configuration->source == maprun::Configuration::Source::kState) {
    return post(Shard::owner_of_run(run, shards()),
                MapRunPage{run, read_page(run, read.configuration, read.cursor)});
  }
  readers_->post([this, run, configuration = read.configuration, cursor = std::move(read.cursor)] {
    post(Shard::owner_of_run(run, shards()),
         MapRunPage{run, read_page(run, configuration, cursor)});
  });
}

void Dispatch::on(CollectResults& collect) {
  writers_->post([this, collect] {
    const records::MapRunRecord& record = collect.run->record;
    auto result = collect_results(store_, child_name_key_, collect, options_.state_data_bytes_max);
    engine::MapRunClosed closed{.map_run = record.number, .redrives = record.redrive_count};
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

base::Result<WrittenResults> Dispatch::write(const WriteResults& what) const {
  const maprun::Results& results = what.configuration->results;
  const bool missing = what.run->record.error == kResultWriterFailed;
  if (!results.exported || missing) return WrittenResults{};
  const auto bucket = s3::open_result_bucket(buckets_, results.bucket);
  if (!bucket) return std::unexpected(bucket.error());
  return write_results(store_, child_name_key_, what,
                       {.bucket = **bucket,
                        .file_bytes_max = options_.result_file_bytes_max,
                        .stopping = [this] { return stopping_.load(); }});
}

void Dispatch::on(WriteResults& write) {
  writers_->post([this, write] {
    const uint64_t run = write.run->record.number;
    auto written = this->write(write);
    if (stopping_) return;  // the next process goes on
    auto rows = settle_rows(store_, write.run->record);
    if (!rows) stop_process(rows.error());
    post(Shard::owner_of_run(run, shards()),
         MapRunResultsWritten{run, std::move(written), std::move(*rows)});
  });
}

void Dispatch::on(ReadChild& read) {
  readers_->post([this, read = std::move(read)] {
    const history::ExecutionKey key{read.run->record.number, read.index};
    auto child = replay(store_, key, read.run->program, read.run->processor);
    if (!child) stop_process(child.error());
    post(Shard::owner(key, shards()), RedriveChild{.run = read.run,
                                                   .index = read.index,
                                                   .lane = read.lane,
                                                   .items = read.items,
                                                   .state = std::move(child->state),
                                                   .turns = child->turns,
                                                   .path = std::move(child->path)});
  });
}

void Dispatch::on(ReopenMapRun& reopen) {
  writers_->post([this, reopen = std::move(reopen)] {
    auto reopened = reopen_run(store_, reopen.run, reopen.program, options_.identity,
                               reopen.redrives, options_.clock->now_ms());
    if (!reopened) stop_process(reopened.error());
    post(Shard::owner_of_run(reopen.run, shards()), std::move(*reopened));
  });
}

}  // namespace weft::running
