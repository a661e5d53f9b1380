#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "integrations/lambda/sandbox.h"

namespace weft::lambda {

// The calls of one function that wait. Groups (Invocation::group) take turns, one call each, so
// that the ten children of one Map Run do not wait behind the ten thousand of another; within a
// group the oldest is first. Every function takes constant time, but nth(). Not thread-safe.
class CallQueue {
 public:
  void push(std::unique_ptr<Call> call);
  size_t size() const { return calls_.size(); }
  bool empty() const { return calls_.empty(); }
  // The next to be taken. Not of an empty queue; neither is take().
  const Call& front() const { return *groups_.front().calls.front(); }
  // The one that is taken after `n` others if nothing comes in between; nullptr when there are no
  // more than those. Takes time proportional to `n`.
  Call* nth(size_t n) const;
  // nullptr when no such call waits.
  const Call* find(std::string_view request_id) const;
  std::unique_ptr<Call> take();
  // nullptr when no such call waits.
  std::unique_ptr<Call> remove(std::string_view request_id);

 private:
  struct Group {
    uint64_t id = 0;
    std::list<std::unique_ptr<Call>> calls{};  // never empty
  };
  using Groups = std::list<Group>;
  struct Place {
    Groups::iterator group;
    std::list<std::unique_ptr<Call>>::iterator call;
  };
  std::unique_ptr<Call> remove(std::unordered_map<std::string, Place>::iterator found);

  Groups groups_;  // in the order of their turns
  std::unordered_map<uint64_t, Groups::iterator> by_id_;
  std::unordered_map<std::string, Place> calls_;  // by request id
};

}  // namespace weft::lambda
