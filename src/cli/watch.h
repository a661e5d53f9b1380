#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "cli/definitions.h"
#include "server/file_watch.h"
#include "server/server.h"

namespace weft::cli {

// Takes up what changes while a server runs: a definition as a new revision of its state machine, a
// function's code by new processes. What it did or could not do is said on standard error; a
// definition that is wrong changes nothing, and a state machine that is in no definition any more
// stays. New functions, buckets and settings wait for the next
// start.
class Watch {
 public:
  // `flags` say where the definitions come from, `known` are those that are there. The server
  // outlives this.
  static base::Result<std::unique_ptr<Watch>> start(server::Server& server, RunFlags flags,
                                                    const server::ServeOptions& options,
                                                    const Definitions& known);

 private:
  Watch(server::Server& server, RunFlags flags) : server_(server), flags_(std::move(flags)) {}
  void changed(const std::set<std::string>& paths);
  void refresh_functions(const std::set<std::string>& paths);
  void reload_definitions();
  void note_removed(const Definitions& definitions);

  server::Server& server_;
  const RunFlags flags_;
  std::map<std::string, std::set<std::string>> functions_;  // names by directory
  std::set<std::string> definition_directories_;
  std::set<std::string> machines_;            // names of those that the definitions have
  std::unique_ptr<server::FileWatch> files_;  // last: its thread uses the others
};

}  // namespace weft::cli
