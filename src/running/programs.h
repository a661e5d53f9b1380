#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "asl/compile.h"
#include "asl/program.h"
#include "base/error.h"
#include "base/text.h"
#include "store/store.h"
#include "sync/mutex.h"

namespace weft::running {

// Compiled definitions by hash: each is compiled once per process and shared by all executions.
// Thread-safe.
class Programs {
 public:
  explicit Programs(const store::Store& store) : store_(store) {}
  // Compiles the stored definition when it is not at hand.
  base::Result<std::shared_ptr<const asl::Program>> get(const std::string& hash);
  // Compiles `definition`; kInvalidDefinition with AWS's text when it has errors.
  base::Result<std::shared_ptr<const asl::Program>> compile(const base::Text& definition,
                                                            const asl::CompileOptions& options);

 private:
  const store::Store& store_;
  sync::Mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const asl::Program>> programs_
      WEFT_GUARDED_BY(mutex_);
};

}  // namespace weft::running
