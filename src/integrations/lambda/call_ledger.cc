#include "integrations/lambda/call_ledger.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock/system_clock.h"
#include "net/file_descriptor.h"

namespace weft::lambda {
namespace {

constexpr char kMagic[8] = {'w', 'e', 'f', 't', 'c', 'l', '0', '2'};
constexpr size_t kIdBytes = 36;
// How many openings the ledger keeps a call that nobody delivers again: its execution is gone.
constexpr uint8_t kOpeningsMax = 16;
constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL};

enum State : uint8_t { kFree = 0, kOut = 1, kLeft = 2 };

// Where a signal of a fault is noted.
std::atomic<volatile uint8_t*> fault_mark{nullptr};

// Only what is allowed in a signal handler. The default is in place again: the signal ends us.
void on_fault(int number) {
  if (volatile uint8_t* mark = fault_mark.load()) *mark = 1;
  raise(number);
}

void count_up(uint8_t& count) { count = static_cast<uint8_t>(std::min(count + 1, 255)); }

std::string line_of(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

uint64_t count_of(const char* path, std::string_view name) {
  std::ifstream file(path);
  std::string key;
  uint64_t value = 0;
  while (file >> key >> value) {
    if (key == name) return value;
  }
  return 0;
}

}  // namespace

struct CallLedger::Header {
  char magic[sizeof kMagic];
  char boot[kIdBytes];
  uint8_t signals_refused;
  uint8_t fault;     // the process had one
  uint8_t left;      // the process ended as it was told to
  uint8_t overflow;  // there were more calls than slots
  uint64_t out_of_memory;
  int64_t unsure_ms;  // of calls that may have been out before then, some are not known
};

struct CallLedger::Slot {
  char id[kIdBytes];
  uint8_t state;
  uint8_t deaths;    // that may be its doing
  uint8_t openings;  // since somebody delivered it
  uint8_t ends;      // all deaths in a row that it was out at
  uint8_t unused[24];
};

LedgerCircumstances ask_machine() {
  const uint32_t action = SECCOMP_RET_ERRNO;
  return {.boot = line_of("/proc/sys/kernel/random/boot_id"),
          .out_of_memory = count_of("/proc/vmstat", "oom_kill"),
          .signals_refused = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0,
          .now_ms = clock::unix_ms()};
}

base::Result<std::shared_ptr<CallLedger>> CallLedger::open(const std::string& path,
                                                           const LedgerCircumstances& now) {
  static_assert(sizeof(Header) == 64 && sizeof(Slot) == 64);
  constexpr size_t kBytes = sizeof(Header) + kCallsMax * sizeof(Slot);
  const auto failed = [&path] {
    return base::fail(base::ErrorCode::kIo,
                      fmt::format("Cannot write '{}', where it stands which functions work: {}.",
                                  path, std::strerror(errno)));
  };
  const net::FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.is_open() || ftruncate(file.get(), static_cast<off_t>(kBytes)) != 0) return failed();
  // A page that finds no room later would be a signal, not an error.
  if (const int code = posix_fallocate(file.get(), 0, static_cast<off_t>(kBytes)); code != 0) {
    errno = code;
    return failed();
  }
  void* mapped = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (mapped == MAP_FAILED) return failed();
  std::shared_ptr<CallLedger> ledger(new CallLedger(mapped, kBytes));
  ledger->take_over(now);
  return ledger;
}

CallLedger::CallLedger(void* file, size_t bytes) : file_(file), bytes_(bytes) {}

CallLedger::~CallLedger() {
  volatile uint8_t* own = &header().fault;
  fault_mark.compare_exchange_strong(own, nullptr);
  munmap(file_, bytes_);
}

CallLedger::Header& CallLedger::header() const { return *static_cast<Header*>(file_); }

CallLedger::Slot& CallLedger::slot(size_t index) const {
  return reinterpret_cast<Slot*>(static_cast<char*>(file_) + sizeof(Header))[index];
}

void CallLedger::take_over(const LedgerCircumstances& now) {
  const Header& last = header();
  const bool known = std::memcmp(last.magic, kMagic, sizeof kMagic) == 0 &&
                     std::string_view(last.boot, kIdBytes) == now.boot;
  const bool theirs = last.left == 0 && (last.fault != 0 || last.signals_refused == 0 ||
                                         last.out_of_memory < now.out_of_memory);
  sure_ = known && last.overflow == 0;
  bool all_kept = sure_;
  const sync::MutexLock lock(mutex_);
  for (size_t i = kCallsMax; i-- > 0;) {
    Slot& one = slot(i);
    if (known && one.state == kOut) {
      if (last.left != 0) one.deaths = one.ends = 0;
      if (theirs) count_up(one.deaths);
      if (last.left == 0) count_up(one.ends);
      one.state = kLeft;
      one.openings = 0;
    }
    const bool left = known && one.state == kLeft;
    const bool kept = left && one.openings < kOpeningsMax;
    all_kept = all_kept && kept == left;
    if (kept && left_.emplace(std::string(one.id, kIdBytes), i).second) {
      ++one.openings;
    } else {
      one = {};
      free_.push_back(i);
    }
  }
  begin_anew(now, all_kept ? last.unsure_ms : now.now_ms);
}

void CallLedger::begin_anew(const LedgerCircumstances& now, int64_t unsure_ms) {
  Header next{};
  std::memcpy(next.magic, kMagic, sizeof kMagic);
  now.boot.copy(next.boot, kIdBytes);
  next.signals_refused = now.signals_refused ? 1 : 0;
  next.out_of_memory = now.out_of_memory;
  next.unsure_ms = unsure_ms;
  header() = next;
}

CallLedger::Entry CallLedger::begin(std::string_view request_id) {
  if (request_id.size() != kIdBytes) return {};
  const sync::MutexLock lock(mutex_);
  size_t index = 0;
  const auto left = left_.empty() ? left_.end() : left_.find(std::string(request_id));
  if (left != left_.end()) {
    index = left->second;
    left_.erase(left);
  } else {
    if (free_.empty()) {
      header().overflow = 1;
      return {};
    }
    index = free_.back();
    free_.pop_back();
    request_id.copy(slot(index).id, kIdBytes);
  }
  // A process that dies between the two has not delivered the call.
  std::atomic_ref<uint8_t>(slot(index).state).store(kOut, std::memory_order_release);
  return {shared_from_this(), index};
}

CallLedger::Deaths CallLedger::deaths(std::string_view request_id) const {
  const sync::MutexLock lock(mutex_);
  if (left_.empty()) return {};
  const auto left = left_.find(std::string(request_id));
  if (left == left_.end()) return {};
  return {.its_doing = slot(left->second).deaths, .all = slot(left->second).ends};
}

bool CallLedger::may_have_been_out(std::string_view request_id, int64_t since_ms) const {
  if (!sure_ || since_ms <= header().unsure_ms) return true;
  const sync::MutexLock lock(mutex_);
  return left_.contains(std::string(request_id));
}

void CallLedger::forget(std::string_view request_id) {
  const sync::MutexLock lock(mutex_);
  const auto left = left_.find(std::string(request_id));
  if (left == left_.end()) return;
  slot(left->second) = {};
  free_.push_back(left->second);
  left_.erase(left);
}

void CallLedger::leave() {
  const sync::MutexLock lock(mutex_);
  leaving_ = true;
  header().left = 1;
}

void CallLedger::end(size_t index) {
  const sync::MutexLock lock(mutex_);
  if (leaving_) return;
  slot(index) = {};
  free_.push_back(index);
}

CallLedger::Entry::~Entry() {
  if (ledger_) ledger_->end(slot_);
}

void CallLedger::note_faults() {
  fault_mark = &header().fault;
  for (const int number : kFaults) {
    struct sigaction present = {};
    if (sigaction(number, nullptr, &present) != 0 || present.sa_handler != SIG_DFL) continue;
    struct sigaction action = {};
    action.sa_handler = on_fault;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER | SA_ONSTACK);
    sigaction(number, &action, nullptr);
  }
}

}  // namespace weft::lambda
