#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "sync/mutex.h"

namespace weft::lambda {

// What the ledger asks the machine, so that tests can say it.
struct LedgerCircumstances {
  std::string boot;             // changes when the machine starts
  uint64_t out_of_memory = 0;   // processes that the kernel has ended for want of memory since then
  bool signals_refused = true;  // whether the kernel keeps functions' signals away from Weft
  int64_t now_ms = 0;           // Unix epoch
};
LedgerCircumstances ask_machine();

// Which calls functions work on, in a file that outlives the process: after Weft has died, who was
// out then. A call that was out at so many deaths in a row that may be its doing
// (kCallDeathsMax) is the likely cause of them. A death may be a call's doing when it was a signal
// of a fault (a broken invariant, a segmentation fault), when the kernel had ended processes for
// want of memory meanwhile, and when nothing keeps functions' signals away. Any other, a `kill -9`
// of the user's among them, is no sign by itself; but a call that was out at kCallEndsMax in a row
// of whatever kind has found a way that we do not know, and is the likely cause, too.
//
// It also answers whether a call may have been out at all, where that matters more than that it is
// delivered (UnknownOutcome::kFail). What it cannot know it holds for possible: after a crash of
// the machine, after the loss of the file, and after more calls at once than it holds.
//
// Costs a call a copy of its id, and no system call: the file is mapped, and the kernel keeps what
// a dead process wrote there. After a crash of the machine it names no call. Thread-safe.
class CallLedger : public std::enable_shared_from_this<CallLedger> {
 public:
  // More calls than that at once are not noted.
  static constexpr size_t kCallsMax = 4'096;

  // A call that is out, as long as this lives.
  class Entry {
   public:
    Entry() = default;
    Entry(Entry&& other) noexcept : ledger_(std::move(other.ledger_)), slot_(other.slot_) {}
    Entry& operator=(Entry&& other) noexcept {
      std::swap(ledger_, other.ledger_);
      std::swap(slot_, other.slot_);
      return *this;
    }
    ~Entry();
    explicit operator bool() const { return ledger_ != nullptr; }

   private:
    friend class CallLedger;
    Entry(std::shared_ptr<CallLedger> ledger, size_t slot)
        : ledger_(std::move(ledger)), slot_(slot) {}
    std::shared_ptr<CallLedger> ledger_;
    size_t slot_ = 0;
  };

  // Takes over what the last process left in the file, made (mode 0600) where there is none. One
  // process at a time. kIo: it cannot be written.
  static base::Result<std::shared_ptr<CallLedger>> open(const std::string& path,
                                                        const LedgerCircumstances& now);
  ~CallLedger();
  CallLedger(const CallLedger&) = delete;
  CallLedger& operator=(const CallLedger&) = delete;

  // A process is to work on the call now. Ids that are no UUID are not noted.
  Entry begin(std::string_view request_id);
  // At how many deaths of Weft in a row the call was out.
  struct Deaths {
    uint32_t its_doing = 0;  // those that may be
    uint32_t all = 0;
  };
  Deaths deaths(std::string_view request_id) const;
  // Whether an earlier process may have delivered the call, and nobody knows what came of it.
  // `since_ms` (Unix epoch): it was not delivered before.
  bool may_have_been_out(std::string_view request_id, int64_t since_ms) const;
  // The call is not delivered any more.
  void forget(std::string_view request_id);
  // Weft is about to end as it was told to: calls that are out now stay so, for the next process,
  // and this end is held against none of them.
  void leave();

  // From now on, signals of faults of this process are noted in this ledger (then they do what they
  // do). Not where somebody else handles them. Of one ledger a process.
  void note_faults();

 private:
  struct Header;
  struct Slot;
  CallLedger(void* file, size_t bytes);
  void take_over(const LedgerCircumstances& now);
  void begin_anew(const LedgerCircumstances& now, int64_t unsure_ms);
  // Frees the slot of a call that has come to an end.
  void end(size_t slot);
  Header& header() const;
  Slot& slot(size_t index) const;

  void* const file_;
  const size_t bytes_;
  bool sure_ = false;  // what was out when the last process ended is all in `left_`
  mutable sync::Mutex mutex_;
  bool leaving_ WEFT_GUARDED_BY(mutex_) = false;
  std::vector<size_t> free_ WEFT_GUARDED_BY(mutex_);
  // Slots of calls that earlier processes left, by id.
  std::unordered_map<std::string, size_t> left_ WEFT_GUARDED_BY(mutex_);
};

// A call that was out at that many deaths that may be its doing is not delivered again.
inline constexpr uint32_t kCallDeathsMax = 2;
// Nor one that was out at that many deaths of any kind.
inline constexpr uint32_t kCallEndsMax = 5;

}  // namespace weft::lambda
