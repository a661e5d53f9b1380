#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "integrations/s3/item_pages.h"
#include "integrations/task_router.h"
#include "net/worker_pool.h"
#include "running/host.h"
#include "running/ports.h"
#include "running/shard_thread.h"

namespace weft::running {

// Performs effects in the running program: messages to shards, tasks to integrations, reading on a
// few threads of its own. Thread-safe once connect() was called.
class Dispatch : public EffectSink {
 public:
  Dispatch(const HostOptions& options, uint64_t child_name_key, store::Store& store,
           integrations::TaskRunner& tasks, s3::BucketRegistry* buckets);
  ~Dispatch() override;
  void connect(std::vector<std::unique_ptr<ShardThread>>* shards) { shards_ = shards; }
  // Finishes the reading at hand and takes no more; the writing of results stops, to be done again.
  void stop();

  void perform(Effect effect) override;
  void post(uint32_t shard, Message message) { (*shards_)[shard]->post(std::move(message)); }
  uint32_t shards() const { return static_cast<uint32_t>(shards_->size()); }

 private:
  void on(integrations::TaskRequest& request);
  void on(integrations::HandOutRequest& request) {
    tasks_.hand_out(request.request_id, std::move(request.task_token));
  }
  void on(integrations::CancelRequest& request) { tasks_.cancel(request.request_id); }
  void on(integrations::WithdrawRequest& request);
  void on(integrations::DeadlineRequest& request);
  void on(Send& send) { post(send.shard, std::move(send.message)); }
  void on(ReadItems& read);
  // One page of a run's items.
  s3::ItemPage read_page(const ReadItems& read);
  // A run whose results can be written nowhere fails before its first child starts. Blocks.
  std::optional<maprun::ReadFailed> try_writer(const records::MapRunRecord& run,
                                               const maprun::Results& results);
  void on(CollectResults& collect);
  void on(ReadChild& read);
  void on(ReopenMapRun& reopen);
  void on(WriteResults& write);
  base::Result<WrittenResults> write(const WriteResults& what);
  void on(Notify& notify) { notify.call(); }

  const HostOptions& options_;
  const uint64_t child_name_key_;
  store::Store& store_;
  integrations::TaskRunner& tasks_;
  std::unique_ptr<s3::ObjectSource> own_objects_;
  s3::ObjectSource& objects_;
  s3::ItemPages item_pages_;
  std::vector<std::unique_ptr<ShardThread>>* shards_ = nullptr;
  std::unique_ptr<net::WorkerPool> readers_;
  std::unique_ptr<net::WorkerPool> writers_;  // of results: none waits for another's million
  std::atomic<bool> stopping_{false};
};

}  // namespace weft::running
