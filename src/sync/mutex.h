#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <shared_mutex>

// Mutexes that the compiler understands. libstdc++'s carry no annotations, so clang's
// -Wthread-safety (an error here) says nothing about them; these are the same with annotations, and
// cost nothing more. This is the only place that names the standard ones (tools/tidy).
//
// A member that a mutex protects says so, and so does a function that wants it held:
//
//   void add_locked(Job job) WEFT_REQUIRES(mutex_);
//   sync::Mutex mutex_;
//   std::deque<Job> jobs_ WEFT_GUARDED_BY(mutex_);
//
// A lambda is a function of its own to the analysis: conditions are waited for with a loop,
// `while (jobs_.empty()) filled_.wait(mutex_);`.

#ifdef __clang__
#define WEFT_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define WEFT_THREAD_ATTRIBUTE(x)
#endif

#define WEFT_CAPABILITY(name) WEFT_THREAD_ATTRIBUTE(capability(name))
#define WEFT_SCOPED_CAPABILITY WEFT_THREAD_ATTRIBUTE(scoped_lockable)
// The member, or what the pointer points to, is read and written with `mutex` held only.
#define WEFT_GUARDED_BY(mutex) WEFT_THREAD_ATTRIBUTE(guarded_by(mutex))
#define WEFT_PT_GUARDED_BY(mutex) WEFT_THREAD_ATTRIBUTE(pt_guarded_by(mutex))
// The caller holds it, before and after.
#define WEFT_REQUIRES(...) WEFT_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
// The caller does not hold it: the function takes it itself.
#define WEFT_EXCLUDES(...) WEFT_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define WEFT_ACQUIRE(...) WEFT_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define WEFT_TRY_ACQUIRE(...) WEFT_THREAD_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define WEFT_RELEASE(...) WEFT_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
// For the compiler only: it is held, in a way the analysis cannot see. Say why beside each use.
#define WEFT_ASSERT_HELD(...) WEFT_THREAD_ATTRIBUTE(assert_capability(__VA_ARGS__))
#define WEFT_ACQUIRE_SHARED(...) WEFT_THREAD_ATTRIBUTE(acquire_shared_capability(__VA_ARGS__))
#define WEFT_RELEASE_SHARED(...) WEFT_THREAD_ATTRIBUTE(release_shared_capability(__VA_ARGS__))

namespace weft::sync {

class WEFT_CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() WEFT_ACQUIRE() { mutex_.lock(); }
  void unlock() WEFT_RELEASE() { mutex_.unlock(); }
  bool try_lock() WEFT_TRY_ACQUIRE(true) { return mutex_.try_lock(); }
  // Tells the analysis that this thread holds it; does nothing.
  void assert_held() const WEFT_ASSERT_HELD() {}

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a mutex until the end of the scope, or until unlock().
class WEFT_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) WEFT_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() WEFT_RELEASE() {
    if (held_) mutex_.unlock();
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void unlock() WEFT_RELEASE() {
    held_ = false;
    mutex_.unlock();
  }
  void lock() WEFT_ACQUIRE() {
    mutex_.lock();
    held_ = true;
  }

 private:
  Mutex& mutex_;
  bool held_ = true;
};

// One writer, or any number of readers.
class WEFT_CAPABILITY("mutex") SharedMutex {
 public:
  SharedMutex() = default;
  SharedMutex(const SharedMutex&) = delete;
  SharedMutex& operator=(const SharedMutex&) = delete;

  void lock() WEFT_ACQUIRE() { mutex_.lock(); }
  void unlock() WEFT_RELEASE() { mutex_.unlock(); }
  void lock_shared() WEFT_ACQUIRE_SHARED() { mutex_.lock_shared(); }
  void unlock_shared() WEFT_RELEASE_SHARED() { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
};

class WEFT_SCOPED_CAPABILITY WriterLock {
 public:
  explicit WriterLock(SharedMutex& mutex) WEFT_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~WriterLock() WEFT_RELEASE() { mutex_.unlock(); }
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;

 private:
  SharedMutex& mutex_;
};

class WEFT_SCOPED_CAPABILITY ReaderLock {
 public:
  explicit ReaderLock(SharedMutex& mutex) WEFT_ACQUIRE_SHARED(mutex) : mutex_(mutex) {
    mutex_.lock_shared();
  }
  ~ReaderLock() WEFT_RELEASE() { mutex_.unlock_shared(); }
  ReaderLock(const ReaderLock&) = delete;
  ReaderLock& operator=(const ReaderLock&) = delete;

 private:
  SharedMutex& mutex_;
};

// Waits release the mutex and hold it again when they return, which they may for no reason at all.
class CondVar {
 public:
  void wait(Mutex& mutex) WEFT_REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // False when `time` has come.
  template <typename Clock, typename Duration>
  bool wait_until(Mutex& mutex, const std::chrono::time_point<Clock, Duration>& time)
      WEFT_REQUIRES(mutex) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    const bool told = condition_.wait_until(lock, time) == std::cv_status::no_timeout;
    lock.release();
    return told;
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace weft::sync
