#include "net/request_head.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/ascii.h"
#include "net/http.h"

namespace weft::net {
namespace {

using base::is_digit;

// Header values that are shown in a refusal are cut to so many bytes.
constexpr size_t kShownBytes = 60;

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string readable(std::string_view text) {
  std::string out(text.substr(0, kShownBytes));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) c = '?';
  }
  return out;
}

// Fields of which one counts, and that say what the body is or whether it is what was sent: with
// two of them, what is looked at here and what was meant may differ. Host and Content-Length have
// words of their own below.
bool comes_once(std::string_view lower_name) {
  constexpr std::string_view kNames[] = {"authorization",
                                         "content-md5",
                                         "content-range",
                                         "content-type",
                                         "expect",
                                         "range",
                                         "x-amz-checksum-algorithm",
                                         "x-amz-content-sha256",
                                         "x-amz-copy-source",
                                         "x-amz-decoded-content-length",
                                         "x-amz-sdk-checksum-algorithm",
                                         "x-amz-target",
                                         "x-amz-trailer"};
  return std::ranges::find(kNames, lower_name) != std::end(kNames) ||
         lower_name.starts_with("x-amz-checksum-");
}

HeadFault bad(std::string text) { return {.status = 400, .text = std::move(text)}; }

// What the checks below collect of a head.
struct Head {
  bool http_1_0 = false;
  std::vector<std::string_view> hosts;
  std::vector<std::string_view> codings;  // of Transfer-Encoding, in order
  std::vector<std::string_view> lengths;  // members of Content-Length
  std::vector<std::string> once;          // names of fields that must not come again
  bool has_transfer_encoding = false;
  std::optional<std::string_view> expectation;
};

// RFC 9112 section 3: method SP request-target SP HTTP-version, one blank each.
std::optional<HeadFault> check_request_line(std::string_view line, Head& head) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return bad("The request line must be METHOD TARGET HTTP/1.1");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method)) return bad(fmt::format("'{}' is no method", readable(method)));
  const bool clean = std::ranges::all_of(
      target, [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && c != '#'; });
  if (target.empty() || !clean) return bad("The request target must not hold blanks or '#'");
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) ||
      version[6] != '.' || !is_digit(version[7])) {
    return bad(fmt::format("'{}' is no HTTP version", readable(version)));
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return HeadFault{505, "This server speaks HTTP/1.1"};
  }
  if (method == "CONNECT") return HeadFault{501, "This server is no proxy: it has no CONNECT"};
  const bool absolute = target.starts_with("http://") || target.starts_with("https://");
  if (target.front() != '/' && !absolute && !(target == "*" && method == "OPTIONS")) {
    return bad("The request target must begin with '/' or be a whole http URL");
  }
  head.http_1_0 = version[7] == '0';
  return std::nullopt;
}

void split_list(std::string_view value, std::vector<std::string_view>& out) {
  while (true) {
    const size_t comma = value.find(',');
    out.push_back(trimmed(value.substr(0, comma)));
    if (comma == std::string_view::npos) return;
    value.remove_prefix(comma + 1);
  }
}

// RFC 9112 section 5: name ":" OWS value OWS, and no line that goes on with the one before.
std::optional<HeadFault> check_field(std::string_view line, Head& head) {
  if (line.front() == ' ' || line.front() == '\t') {
    return bad("A header field must not be folded over several lines");
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return bad("A header field has no ':'");
  const std::string_view name = line.substr(0, colon);
  if (!is_token(name)) return bad(fmt::format("'{}' is no name of a header field", readable(name)));
  const std::string_view value = trimmed(line.substr(colon + 1));
  const bool clean = std::ranges::all_of(value, [](char c) {
    return (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) || c == '\t';
  });
  if (!clean)
    return bad(fmt::format("The header field {} holds a control character", readable(name)));
  const std::string lower = lower_case(name);
  if (comes_once(lower)) {
    if (std::ranges::find(head.once, lower) != head.once.end())
      return bad(fmt::format("There must be one {}, not several", lower));
    head.once.push_back(lower);
  }
  if (lower == "host") head.hosts.push_back(value);
  if (lower == "content-length") split_list(value, head.lengths);
  if (lower == "expect") head.expectation = value;
  if (lower == "transfer-encoding") {
    head.has_transfer_encoding = true;
    split_list(value, head.codings);
  }
  return std::nullopt;
}

// RFC 3986 section 3.2: a name or "[" address "]", and a port.
bool has_form_of_host(std::string_view host) {
  const size_t name = host.starts_with('[') ? host.find(']') : host.find_first_of(":[]");
  if (host.starts_with('[')) {
    if (name == std::string_view::npos) return false;
    host.remove_prefix(name + 1);
  } else {
    host.remove_prefix(std::min(name, host.size()));
  }
  return host.empty() || (host.front() == ':' && std::ranges::all_of(host.substr(1), is_digit));
}

// RFC 9112 section 3.2: one Host, and one that is a host.
std::optional<HeadFault> check_host(const Head& head) {
  if (head.hosts.size() > 1) return bad("There must be one Host header field, not several");
  if (head.hosts.empty()) {
    if (head.http_1_0) return std::nullopt;
    return bad("A request of HTTP/1.1 must have a Host header field");
  }
  if (head.hosts[0].find_first_of(" \t,/@?#\\\"<>") != std::string_view::npos ||
      !has_form_of_host(head.hosts[0])) {
    return bad(fmt::format("'{}' is no host", readable(head.hosts[0])));
  }
  return std::nullopt;
}

// RFC 9112 section 6: how long the body is must be said once and in one way.
std::optional<HeadFault> check_length(const Head& head) {
  for (std::string_view length : head.lengths) {
    if (length.empty() || !std::ranges::all_of(length, is_digit) || length.size() > 18) {
      return bad(fmt::format("Content-Length '{}' is no number of bytes", readable(length)));
    }
  }
  if (head.lengths.size() > 1) return bad("There must be one Content-Length, not several");
  if (!head.has_transfer_encoding) return std::nullopt;
  if (head.http_1_0) return bad("HTTP/1.0 has no Transfer-Encoding");
  if (!head.lengths.empty()) {
    return bad("A request must not have both Content-Length and Transfer-Encoding");
  }
  for (size_t i = 0; i < head.codings.size(); ++i) {
    const bool last = i + 1 == head.codings.size();
    const bool chunked = lower_case(head.codings[i]) == "chunked";
    if (last && !chunked) {
      return bad(fmt::format("The last transfer coding must be chunked, not '{}'",
                             readable(head.codings[i])));
    }
    if (!last && chunked) return bad("chunked must be the last transfer coding, and stand once");
    if (!last) {
      return HeadFault{
          501, fmt::format("The transfer coding '{}' is not supported", readable(head.codings[i]))};
    }
  }
  return std::nullopt;
}

}  // namespace

HeadEnd find_head_end(std::string_view bytes, size_t searched) {
  // Two lines' ends may lie across the place where the search stopped.
  for (size_t at = searched < 3 ? 0 : searched - 3;; ++at) {
    at = bytes.find('\n', at);
    if (at == std::string_view::npos) return {};
    if (at == 0 || bytes[at - 1] != '\r') return {.state = HeadEnd::State::kMalformed};
    if (at >= 3 && bytes[at - 2] == '\n') return {HeadEnd::State::kComplete, at + 1};
  }
}

std::optional<HeadFault> check_head(std::string_view head) {
  Head collected;
  bool first = true;
  while (true) {
    const size_t end = head.find("\r\n");
    if (end == std::string_view::npos) return bad("A line of the head has no end");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 2);
    if (line.empty()) break;
    if (line.find('\r') != std::string_view::npos) return bad("A line of the head holds a bare CR");
    auto fault = first ? check_request_line(line, collected) : check_field(line, collected);
    if (fault) return fault;
    first = false;
  }
  if (auto fault = check_host(collected)) return fault;
  if (auto fault = check_length(collected)) return fault;
  if (collected.expectation && lower_case(*collected.expectation) != "100-continue") {
    return HeadFault{
        417, fmt::format("The expectation '{}' cannot be met", readable(*collected.expectation))};
  }
  return std::nullopt;
}

}  // namespace weft::net
