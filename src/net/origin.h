#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/http.h"

namespace weft::net {

// Whether POSTs are taken that a form can send. Only by a port that knows by other means who asks.
enum class Forms : uint8_t { kRefused, kTaken };

// Nothing here is authenticated, so a browser must not be used as a way in by pages of other sites.
// Why a request is refused, or nothing:
// - its Origin is another one than the server's, as its Host names it;
// - its Sec-Fetch-Site says that a page of another origin asks (also one of another port of this
//   machine), and it is no person who follows a link;
// - `local` (the server listens on loopback addresses only): its Host is a name that others could
//   have pointed here ("DNS rebinding"): neither an IP address nor localhost.
// - `forms` says that no forms are taken, and it is what a form or a script of any page can send
//   without asking before (Fetch standard, "CORS-safelisted request-header"): a POST whose
//   Content-Type is absent or one of a form's, and no header that only programs set.
// `allowed`: origins ("https://app.example:8443", lower case) whose pages may act as its own do.
// Clients that are no browsers send neither Origin nor Sec-Fetch-Site. Any thread. Source: Fetch
// Metadata Request Headers (W3C), sections 2 and 6.
std::optional<std::string> refusal(const Request& request, bool local,
                                   const std::vector<std::string>& allowed = {},
                                   Forms forms = Forms::kRefused);

// The origin that `text` names, in the form that browsers send: a scheme of http or https, a host,
// a port where it is not the usual one. kInvalidArgument.
base::Result<std::string> parse_origin(std::string_view text);

// `handler` behind refusal(): what is refused is answered with 403 and a sentence as JSON. Every
// port has this before its handler. What pages of `allowed` origins ask is answered with the
// headers that let them read it, preflights included (Fetch standard, "CORS protocol").
Handler guarded(Handler handler, bool local, std::vector<std::string> allowed = {},
                Forms forms = Forms::kRefused);

}  // namespace weft::net
