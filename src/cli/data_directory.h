#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/error.h"
#include "reading/query.h"
#include "store/store.h"

namespace weft::cli {

// How long a command waits for the server that --endpoint names: for the connection, and for a
// whole answer (a page of what is stored; others go on with the next).
inline constexpr std::chrono::milliseconds kServerConnect{2'500};
inline constexpr std::chrono::milliseconds kServerAnswer{10'000};

inline constexpr const char* kDefaultDataDirectory = ".weft";

// The store of a data directory opened for reading, beside a Weft that may be running on it.
struct DataDirectory {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<reading::Query> query;
  // Whether a running weft is asked anew for everything; else it stays as it was when it was
  // opened.
  bool changes = false;
  // For running::ReadingHost.
  const store::Store* counted() const { return changes ? nullptr : store.get(); }
};

// Where a reading command reads.
struct DataFlags {
  std::string directory = kDefaultDataDirectory;
  std::string endpoint;  // URL of a running weft to read from instead; "" = the directory
};

// kInvalidArgument when the directory holds no executions. Makes nothing.
base::Result<void> check_holds_executions(const std::string& path);
// The same error; errors of the store.
base::Result<DataDirectory> open_data_directory(const std::string& path);
// The same, or what a running weft reads and answers: it is asked anew for everything that is read.
// kUnavailable when it does not answer, or is of another version.
base::Result<DataDirectory> open_data(const DataFlags& flags);

// What a further command on the same data needs when it is typed here: " --data DIR" (quoted for a
// shell), " --endpoint URL", or "" where that is what it reads without.
std::string where_text(const DataFlags& flags);
// What to say behind executions that are RUNNING: that nobody works on the data directory, and how
// to go on. "" where somebody does, or it cannot be known (another machine's).
std::string unattended_note(const DataFlags& flags);
std::string where_text(const std::string& directory);

// Whether a task of another execution started this top-level execution.
bool is_nested(const reading::Query& query, history::ExecutionKey key);

// The ARN of what people call by less: `latest` is the newest top-level execution that no other one
// started; the name of an execution or of a child workflow execution does as well. ARNs come back
// as they are. kInvalidArgument when nothing is called so.
base::Result<std::string> resolve_arn(const reading::Query& query, const std::string& text);

}  // namespace weft::cli
