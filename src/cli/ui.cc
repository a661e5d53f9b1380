#include <cstdio>

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/page_server.h"
#include "server/interrupts.h"
#include "server/options.h"

namespace weft::cli {

base::Result<int> ui_command(const UiFlags& flags) {
  const auto payloads = trace::Redactor::create(redaction_rules(flags.redact));
  if (!payloads) {
    return base::fail(payloads.error().code, "--redact: " + payloads.error().message);
  }
  server::Interrupts::install();
  auto server = PageServer::open(flags.read.data, flags.listen, *payloads);
  if (!server) return std::unexpected(server.error());
  std::string page = (*server)->page();
  if (!flags.read.arn.empty()) {
    const auto arn = resolve_arn((*server)->query(), flags.read.arn);
    if (!arn) return std::unexpected(arn.error());
    page = (*server)->page_of(*arn);
  }
  fmt::print(
      "The page is at {}\nIt shows what was stored by now, and runs nothing; Ctrl-C ends it\n",
      page);
  std::fflush(stdout);
  if (flags.open) open_browser(page);
  server::Interrupts::wait();
  return 0;
}

}  // namespace weft::cli
