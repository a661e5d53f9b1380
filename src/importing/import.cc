#include "importing/import.h"

#include <utility>

#include "importing/placing.h"
#include "importing/writing.h"
#include "reading/query.h"
#include "records/records.h"

namespace weft::importing {
namespace {

using store::Family;

// A store nobody else writes to: numbers go on after the last ones in it.
class StoreTarget : public ImportTarget {
 public:
  explicit StoreTarget(store::Store& store) : store_(store) {}
  base::Result<void> commit(store::Batch batch) override { return store_.commit(std::move(batch)); }
  base::Result<uint64_t> new_execution_index() override {
    return number_on(Family::kExecution, next_execution_,
                     [](std::string_view bytes) -> base::Result<uint64_t> {
                       const auto key = records::parse_execution_key(bytes);
                       if (!key) return std::unexpected(key.error());
                       return key->index;
                     });
  }
  base::Result<uint64_t> new_run_number() override {
    return number_on(Family::kMapRun, next_run_, records::parse_map_run_key);
  }

 private:
  using ParseKey = base::Result<uint64_t>(std::string_view);
  base::Result<uint64_t> number_on(Family family, uint64_t& next, ParseKey* number_of) {
    if (next != 0) return next++;
    next = 1;
    auto read =
        store::scan_checked(store_, family, "", "", true,
                            [&](std::string_view key, std::string_view) -> base::Result<bool> {
                              const auto last = number_of(key);
                              if (!last) return std::unexpected(last.error());
                              next = *last + 1;
                              return false;
                            });
    if (!read) return std::unexpected(read.error());
    return next++;
  }

  store::Store& store_;
  uint64_t next_execution_ = 0;  // 0: not read yet
  uint64_t next_run_ = 0;
};

}  // namespace

// Lines come in one by one; finish() places them (placing.h) and then writes all they touched
// (writing.h). Of one thread.
class Import::Writer {
 public:
  Writer(const store::Store& store, ImportTarget& target, base::Text definition)
      : target_(target),
        query_(store, arn::Home{}),
        definition_(std::move(definition)),
        placing_(store, target_, query_, touched_),
        writing_(store, target_, query_, touched_) {}
  Writer(store::Store& store, base::Text definition)
      : own_target_(std::make_unique<StoreTarget>(store)),
        target_(*own_target_),
        query_(store, arn::Home{}),
        definition_(std::move(definition)),
        placing_(store, target_, query_, touched_),
        writing_(store, target_, query_, touched_) {}

  void add(cloudwatch::LogEvent line) { placing_.add(std::move(line)); }

  base::Result<ImportReport> finish() {
    if (auto done = placing_.place(); !done) return std::unexpected(done.error());
    if (auto done = writing_.write(definition_); !done) return std::unexpected(done.error());
    return touched_.report;
  }

 private:
  std::unique_ptr<ImportTarget> own_target_;  // may be null
  ImportTarget& target_;
  reading::Query query_;
  base::Text definition_;
  Touched touched_;
  Placing placing_;
  Writing writing_;
};

Import::Import(store::Store& store, base::Text definition)
    : writer_(std::make_unique<Writer>(store, std::move(definition))) {}

Import::Import(const store::Store& store, ImportTarget& target, base::Text definition)
    : writer_(std::make_unique<Writer>(store, target, std::move(definition))) {}

Import::~Import() = default;

void Import::add(cloudwatch::LogEvent line) { writer_->add(std::move(line)); }

base::Result<ImportReport> Import::finish() { return writer_->finish(); }

}  // namespace weft::importing
