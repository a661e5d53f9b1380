#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/client.h"

namespace weft::net {
namespace {

constexpr std::chrono::milliseconds kPatience{30'000};

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* connection) const { SSL_free(connection); }
};

// A certificate for localhost, signed by itself.
std::unique_ptr<X509, Free> self_signed(EVP_PKEY* key) {
  std::unique_ptr<X509, Free> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>("weft test");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_EXTENSION* names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
  X509_add_ext(certificate.get(), names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate.get(), key, EVP_sha256());
  return certificate;
}

// An https server that answers every request alike and keeps connections open.
class TlsServer {
 public:
  TlsServer() : key_(EVP_EC_gen("P-256")), certificate_(self_signed(key_.get())) {
    context_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context_.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(context_.get(), key_.get());
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(socket_, 8), 0);
    socklen_t length = sizeof(address);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      int peer;
      while ((peer = ::accept(socket_, nullptr, nullptr)) >= 0) serve(peer);
    });
  }
  ~TlsServer() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  int port() const { return port_; }
  int connections() const { return connections_; }
  void write_certificate(const std::string& path) const {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    ASSERT_NE(file, nullptr);
    PEM_write_X509(file, certificate_.get());
    std::fclose(file);
  }

 private:
  void serve(int peer) {
    ++connections_;
    std::unique_ptr<SSL, Free> connection(SSL_new(context_.get()));
    SSL_set_fd(connection.get(), peer);
    if (SSL_accept(connection.get()) == 1) {
      char buffer[4096];
      constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
      while (SSL_read(connection.get(), buffer, sizeof(buffer)) > 0) {
        SSL_write(connection.get(), kAnswer.data(), static_cast<int>(kAnswer.size()));
      }
    }
    ::close(peer);
  }

  std::unique_ptr<EVP_PKEY, Free> key_;
  std::unique_ptr<X509, Free> certificate_;
  std::unique_ptr<SSL_CTX, Free> context_;
  int socket_;
  int port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

class HttpsClientTest : public ::testing::Test {
 protected:
  HttpsClientTest() {
    path_ = fmt::format("{}/weft-tls-{}.pem", ::testing::TempDir(), ::getpid());
    server_.write_certificate(path_);
  }
  ~HttpsClientTest() override { std::filesystem::remove(path_); }
  std::string url(const char* host) const {
    return fmt::format("https://{}:{}/", host, server_.port());
  }

  TlsServer server_;
  std::string path_;
};

TEST_F(HttpsClientTest, TrustedServer_AnswersAndItsConnectionIsKept) {
  HttpClient client({.ca_file = path_});
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.request({.url = url("localhost")}, kPatience);
    ASSERT_TRUE(answer.has_value()) << answer.error().message;
    EXPECT_EQ(answer->body, "secret");
  }
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(HttpsClientTest, UnknownAuthority_Refused) {
  HttpClient client;
  const auto answer = client.request({.url = url("localhost")}, kPatience);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, base::ErrorCode::kUnavailable);
  EXPECT_NE(answer.error().message.find("certificate"), std::string::npos)
      << answer.error().message;
}

TEST_F(HttpsClientTest, OtherName_Refused) {
  HttpClient client({.ca_file = path_});
  const auto answer = client.request({.url = url("127.0.0.1")}, kPatience);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, base::ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace weft::net
