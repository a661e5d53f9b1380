#include "net/datagrams.h"

#include <future>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/loop.h"

namespace weft::net {
namespace {

void send_to(uint16_t port, std::string_view text) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(sendto(fd, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&address),
                   sizeof address),
            static_cast<ssize_t>(text.size()));
  close(fd);
}

TEST(DatagramListenerTest, Datagrams_ReachTheHandlerOneByOne) {
  Loop loop;
  loop.start(1);
  std::promise<std::string> received;
  std::string all;
  auto listener = DatagramListener::listen(loop, "127.0.0.1", 0, [&](std::string_view text) {
    all += std::string(text) + ";";
    if (text == "last") received.set_value(all);
  });
  ASSERT_TRUE(listener);
  send_to((*listener)->port(), "first");
  send_to((*listener)->port(), "");
  send_to((*listener)->port(), "last");
  EXPECT_EQ(received.get_future().get(), "first;;last;");
}

TEST(DatagramListenerTest, WrongAddressAndPortInUse_AreErrors) {
  Loop loop;
  loop.start(1);
  EXPECT_FALSE(DatagramListener::listen(loop, "here", 0, nullptr));
  auto first = DatagramListener::listen(loop, "127.0.0.1", 0, [](std::string_view) {});
  ASSERT_TRUE(first);
  auto second = DatagramListener::listen(loop, "127.0.0.1", (*first)->port(), nullptr);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::ErrorCode::kIo);
}

}  // namespace
}  // namespace weft::net
