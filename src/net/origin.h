#pragma once

#include <optional>
#include <string>

#include "net/http.h"

namespace weft::net {

// Nothing here is authenticated, so a browser must not be used as a way in by pages of other sites.
// Why a request is refused, or nothing:
// - its Origin is another one than the server's, as its Host names it;
// - its Sec-Fetch-Site says that a page of another origin asks (also one of another port of this
//   machine), and it is no person who follows a link;
// - `local` (the server listens on loopback addresses only): its Host is a name that others could
//   have pointed here ("DNS rebinding"): neither an IP address nor localhost.
// Clients that are no browsers send neither Origin nor Sec-Fetch-Site. Any thread. Source: Fetch
// Metadata Request Headers (W3C), sections 2 and 6.
std::optional<std::string> refusal(const Request& request, bool local);

// `handler` behind refusal(): what is refused is answered with 403 and a sentence as JSON. Every
// port has this before its handler.
Handler guarded(Handler handler, bool local);

}  // namespace weft::net
