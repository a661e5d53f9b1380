#include "running/dispatch.h"

#include <fmt/format.h>

#include "running/committer.h"
#include "running/replayed.h"
#include "running/results.h"
#include "running/run_restore.h"

namespace weft::running {
namespace {

// Some of them may wait for other machines.
constexpr int kReaderThreads = 4;
constexpr int kWriterThreads = 2;

}  // namespace

Dispatch::Dispatch(const HostOptions& options, uint64_t child_name_key, store::Store& store,
                   integrations::TaskRunner& tasks, s3::BucketRegistry* buckets)
    : options_(options),
      child_name_key_(child_name_key),
      store_(store),
      tasks_(tasks),
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
  std::string unsettled = tasks_.keeps_unsettled() ? request.request_id : "";
  tasks_.run(request, [this, key = request.key, id = std::move(unsettled)](engine::Input outcome) {
    Deliver message{key, std::move(outcome)};
    if (!id.empty()) message.settled = [this, id] { tasks_.settled(id); };
    post(Shard::owner(key, shards()), std::move(message));
  });
}

void Dispatch::on(integrations::WithdrawRequest& request) {
  if (!tasks_.withdraw(request.request_id)) return;
  post(Shard::owner(request.key, shards()), Deliver{request.key, engine::Stop{}});
}

void Dispatch::on(integrations::DeadlineRequest& request) {
  TaskOverdue answer{.asked = request, .timing = tasks_.progress(request.request_id)};
  post(Shard::owner(request.key, shards()), std::move(answer));
}

std::optional<maprun::ReadFailed> Dispatch::try_writer(const records::MapRunRecord& run,
                                                       const maprun::Results& results) {
  if (!results.exported) return std::nullopt;
  if (!results.fault.empty()) return maprun::ReadFailed{kResultWriterFailed, results.fault};
  const auto bucket = objects_.results(results.bucket);
  if (!bucket) return maprun::ReadFailed{kResultWriterFailed, bucket.error().message};
  auto tried = try_results(**bucket, results, run);
  if (tried) return std::nullopt;
  return maprun::ReadFailed{kResultWriterFailed,
                            fmt::format("The ResultWriter cannot write to 's3://{}/{}': {}",
                                        results.bucket, results.prefix, tried.error().message)};
}

s3::ItemPage Dispatch::read_page(const ReadItems& read) {
  if (read.cursor.empty()) {
    if (auto failed = try_writer(read.run->record, read.configuration->results))
      return std::move(*failed);
  }
  if (read.configuration->source == maprun::Configuration::Source::kState)
    return s3::state_page(*read.configuration, read.cursor);
  return item_pages_.read(read.run->record.number, read.configuration, read.cursor, read.unwanted);
}

void Dispatch::on(ReadItems& read) {
  const uint32_t shard = Shard::owner_of_run(read.run->record.number, shards());
  // Items that are part of the state's input need no thread.
  const bool writes = read.cursor.empty() && read.configuration->results.exported;
  if (read.configuration->source == maprun::Configuration::Source::kState && !writes)
    return post(shard, MapRunPage{read.run->record.number, read_page(read)});
  readers_->post([this, shard, read = std::move(read)] {
    post(shard, MapRunPage{read.run->record.number, read_page(read)});
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

base::Result<WrittenResults> Dispatch::write(const WriteResults& what) {
  const maprun::Results& results = what.configuration->results;
  const bool missing = what.run->record.error == kResultWriterFailed;
  if (!results.exported || missing) return WrittenResults{};
  const auto bucket = objects_.results(results.bucket);
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
                                                   .row = std::move(child->row)});
  });
}

void Dispatch::on(ReopenMapRun& reopen) {
  writers_->post([this, reopen = std::move(reopen)] {
    auto reopened = reopen_run(store_, reopen.run, reopen.program, options_.identity,
                               reopen.redrives, options_.clock->now_ms());
    if (!reopened) stop_process(reopened.error());
    reopened->fault =
        try_writer(reopened->info->record, reopened->machine->configuration().results);
    post(Shard::owner_of_run(reopen.run, shards()), std::move(*reopened));
  });
}

}  // namespace weft::running
