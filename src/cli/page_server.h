#pragma once

#include <memory>
#include <optional>
#include <string>

#include "api/router.h"
#include "base/error.h"
#include "cli/data_directory.h"
#include "net/loop.h"
#include "net/server.h"
#include "running/reading_host.h"
#include "trace/redact.h"

namespace weft::cli {

// The page and the query API over what lies in a data directory (or a running weft reads); nothing
// is run and nothing is written. What is stored later is not seen: the directory is read as it is
// when it is opened.
class PageServer {
 public:
  // `listen`: `ADDRESS:PORT`, port 0 = a free one. Errors: of data_directory.h, and kIo when it
  // cannot listen there.
  static base::Result<std::unique_ptr<PageServer>> open(const DataFlags& data,
                                                        const std::string& listen,
                                                        const trace::Redactor& payloads);
  ~PageServer();

  const reading::Query& query() const { return *data_.query; }
  // "http://127.0.0.1:40123/_weft/ui/", and where it shows an execution, a Map Run or a machine.
  std::string page() const;
  std::string page_of(const std::string& arn) const;

 private:
  PageServer() = default;

  // In order of construction: what answers goes before what it answers from.
  DataDirectory data_;
  std::unique_ptr<running::ReadingHost> host_;
  net::Loop loop_;
  std::optional<api::ApiThreads> threads_;
  std::unique_ptr<net::HttpServer> http_;
  std::string url_;
};

// Opens the address in this desktop's browser, where there is one; false when there is none.
bool open_browser(const std::string& url);

}  // namespace weft::cli
