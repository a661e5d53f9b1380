#include "integrations/lambda/connection_owner.h"

#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>
#include <dirent.h>
#include <fmt/format.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/file_descriptor.h"

namespace weft::lambda {
namespace {

constexpr int kDepthMax = 64;

struct DiagRequest {
  nlmsghdr header;
  inet_diag_req_v2 request;
};

// Asks the kernel for that one socket. Nothing also where it does not answer such questions.
std::optional<uint64_t> ask_kernel(uint16_t client_port, uint16_t server_port) {
  const net::FileDescriptor socket(
      ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!socket.is_open()) return std::nullopt;
  DiagRequest message{};
  message.header = {
      .nlmsg_len = sizeof message, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST};
  message.request.sdiag_family = AF_INET;
  message.request.sdiag_protocol = IPPROTO_TCP;
  message.request.idiag_states = ~0U;
  inet_diag_sockid& id = message.request.id;
  id.idiag_sport = htons(client_port);
  id.idiag_dport = htons(server_port);
  id.idiag_src[0] = htonl(INADDR_LOOPBACK);
  id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
  id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  if (send(socket.get(), &message, sizeof message, 0) != sizeof message) return std::nullopt;
  alignas(nlmsghdr) std::array<char, 4096> answer;
  const ssize_t size = recv(socket.get(), answer.data(), answer.size(), 0);
  if (size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(inet_diag_msg)))) return std::nullopt;
  nlmsghdr header;
  std::memcpy(&header, answer.data(), sizeof header);
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
  inet_diag_msg found;
  std::memcpy(&found, answer.data() + NLMSG_HDRLEN, sizeof found);
  return found.idiag_inode;
}

// The same from the list of all of them, which takes longer the more there are.
std::optional<uint64_t> look_in_list(uint16_t client_port, uint16_t server_port) {
  const auto end = [](uint16_t port) {
    return fmt::format("{:08X}:{:04X}", htonl(INADDR_LOOPBACK), port);
  };
  const std::string wanted = fmt::format(": {} {} ", end(client_port), end(server_port));
  std::ifstream list("/proc/net/tcp");
  for (std::string line; std::getline(list, line);) {
    if (line.find(wanted) == std::string::npos) continue;
    // sl local remote st tx:rx tr:when retrnsmt uid timeout inode
    constexpr int kInodeColumn = 9;
    size_t at = 0;
    for (int column = 0; column < kInodeColumn && at != std::string::npos; ++column) {
      at = line.find_first_not_of(' ', line.find(' ', line.find_first_not_of(' ', at)));
    }
    if (at == std::string::npos) return std::nullopt;
    uint64_t inode = 0;
    std::from_chars(line.data() + at, line.data() + line.size(), inode);
    return inode;
  }
  return std::nullopt;
}

// The names in `directory` that are numbers; empty when it cannot be read.
std::vector<int> numbers_in(const std::string& directory) {
  std::vector<int> numbers;
  DIR* open = opendir(directory.c_str());
  if (open == nullptr) return numbers;
  while (const dirent* entry = readdir(open)) {
    const std::string_view name = entry->d_name;
    int number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc{} && end == name.data() + name.size()) numbers.push_back(number);
  }
  closedir(open);
  return numbers;
}

bool has_open(pid_t process, std::string_view target) {
  const std::string directory = fmt::format("/proc/{}/fd", process);
  for (const int fd : numbers_in(directory)) {
    std::array<char, 64> name;
    const std::string link = fmt::format("{}/{}", directory, fd);
    const ssize_t size = readlink(link.c_str(), name.data(), name.size());
    if (size > 0 && std::string_view(name.data(), static_cast<size_t>(size)) == target) return true;
  }
  return false;
}

bool has_open_below(pid_t process, std::string_view target, int depth) {
  if (has_open(process, target)) return true;
  if (depth == kDepthMax) return false;
  for (const int thread : numbers_in(fmt::format("/proc/{}/task", process))) {
    std::ifstream children(fmt::format("/proc/{}/task/{}/children", process, thread));
    for (pid_t child = 0; children >> child;) {
      if (has_open_below(child, target, depth + 1)) return true;
    }
  }
  return false;
}

}  // namespace

std::optional<uint64_t> client_socket(uint16_t client_port, uint16_t server_port) {
  auto found = ask_kernel(client_port, server_port);
  if (!found) found = look_in_list(client_port, server_port);
  // 0: nobody has it open any more.
  return found == 0U ? std::nullopt : found;
}

bool has_socket(pid_t process, uint64_t socket) {
  return has_open_below(process, fmt::format("socket:[{}]", socket), 0);
}

}  // namespace weft::lambda
