#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "maprun/result_files.h"

namespace weft::sim {

class World;

// A bucket as results are written to it: keeps the objects in the order they were finished in, for
// the World to put them one after the other, so that a crash may fall between any two.
class WrittenObjects : public maprun::ResultBucket {
 public:
  // `there`: what it holds already.
  explicit WrittenObjects(const std::map<std::string, std::string>& there) : there_(there) {}
  base::Result<std::unique_ptr<maprun::ResultObject>> create(const std::string& key) override;
  base::Result<void> remove(const std::string& key) override;
  base::Result<std::optional<uint64_t>> size_of(const std::string& key) override;

  std::vector<std::pair<std::string, std::string>> in_order;  // key, bytes

 private:
  const std::map<std::string, std::string>& there_;
};

// What the bucket of results holds, by key. Outlives crashes.
using Objects = std::map<std::string, std::string>;

// Of every Map Run that exported: every child has one outcome in one file, the manifest is true,
// and nothing else lies in the bucket.
std::vector<std::string> check_result_files(const World& world);

}  // namespace weft::sim
