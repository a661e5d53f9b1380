#include "trace/ids.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/evp.h>

// Vectors: recomputed with Datadog's libraries; the two of a trace
// given from upstream (11 and 15) are also in context_test.cc.

namespace weft::trace {
namespace {

TEST(Ids, KnownHashes_Agree) {
  EXPECT_EQ(high_hash("some_testing_random_string"), 4364271812988819936u);
  EXPECT_EQ(low_hash("some_testing_random_string"), 7456137785171041414u);
  constexpr std::string_view kMachine =
      "arn:aws:states:sa-east-1:425362996713:stateMachine:MyStateMachine-b276uka1j";
  EXPECT_EQ(high_hash(std::string(kMachine) + "#lambda#1"), 3711631873188331089u);
  EXPECT_EQ(high_hash(std::string(kMachine) + "#lambda#2"), 5759173372325510050u);
  EXPECT_EQ(low_hash(kMachine), 1680583253837593461u);
  EXPECT_EQ(high_hash(kMachine), 6984552746569958392u);
}

// Executions of the vectors, less what the ARNs of one account share.
constexpr const char* kSa = "arn:aws:states:sa-east-1:425362996713:";
constexpr const char* kUs = "arn:aws:states:us-east-1:425362996713:";
constexpr const char* kOurs = "arn:aws:states:us-east-1:123456789012:execution:MyMachine";

struct Vector {
  int number;
  std::string execution;
  const char* state;
  const char* entered;
  uint32_t retry;
  uint32_t redrive;
  std::string root;  // empty: no trace is checked
  uint64_t low;
  uint64_t high;
  uint64_t parent;  // 0: no state is checked
};

std::vector<Vector> vectors() {
  const std::string four =
      "arn:aws:states:sa-east-1:601427271234:express:DatadogStateMachine:"
      "acaf1a67-336a-e854-1599-2a627eb2dd8a:c8baf081-31f1-464d-971f-70cb17d01111";
  const std::string six =
      std::string(kSa) +
      "execution:abhinav-activity-state-machine:72a7ca3e-901c-41bb-b5a3-5f279b92a316";
  const char* six_at = "2024-12-04T19:38:04.118Z";
  const std::string nine =
      std::string(kUs) + "execution:agocsTestSF:bc9f281c-3daa-4e5a-9a60-471a3810bf44";
  const std::string ten =
      std::string(kUs) + "execution:agocsTestSF:aa6c9316-713a-41d4-9c30-61131716744f";
  const std::string ten_root =
      std::string(kSa) + "execution:invokeJavaLambda:4875aba4-ae31-4a4c-bf8a-63e9eee31dad";
  const std::string express = std::string(kSa) + "express:logs-to-traces-sequential:";
  const std::string twelve =
      express + "85a9933e-9e11-83dc-6a61-b92367b6c3be:3f7ef5c7-c8b8-4c88-90a1-d54aa7e7e2bf";
  const std::string thirteen =
      express + "a1b2c3d4-e5f6-7890-1234-56789abcdef0:9f8e7d6c-5b4a-3c2d-1e0f-123456789abc";
  const std::string fifteen = std::string(kSa) +
                              "execution:rstrat-sfn-lambda-jsonpath-demo-dev-state-machine:"
                              "7d67bd1e-57df-4021-8b52-f55d5cad1169";
  const std::string inner = std::string(kSa) + "execution:abhinav-inner-state-machine:";
  const std::string sixteen = inner + "912eaa4c-291a-488a-bda3-d06bcc21203d";
  const std::string seventeen = inner + "11623e4f-70ee-4330-8fbe-955152dea54c";
  const std::string ours = std::string(kOurs) + ":root-1";
  const std::string child =
      std::string(kOurs) + "/ProcessImageMap:0c1f7a6e-1111-3333-8888-aaaaaaaaaaaa";
  const char* ours_at = "2025-06-01T00:00:01.050Z";
  return {
      {4, four, "step-one", "2022-12-08T21:08:19.224Z", 0, 0, "", 0, 0, 4340734536022949921u},
      {5, four, "step-one", "2022-12-08T21:08:19.224Y", 0, 0, "", 0, 0, 981693280319792699u},
      {6, six, "Lambda Invoke", six_at, 0, 0, six, 435175499815315247u, 0x3e7a89d1b7310603u,
       3929055471293792800u},
      {7, six, "Lambda Invoke", six_at, 0, 1, "", 0, 0, 8782364156266188026u},
      {8, six, "Lambda Invoke", six_at, 1, 0, "", 0, 0, 5324109749361013132u},
      {8, six, "Lambda Invoke", six_at, 1, 1, "", 0, 0, 2628671995960372739u},
      {9, nine, "agocsTest1", "2024-07-30T19:55:53.018Z", 0, 0, nine, 5744042798732701615u,
       0x1914fe7789eb32beu, 2902498116043018663u},
      {10, ten, "agocsTest1", "2024-07-30T20:46:20.824Z", 0, 0, ten_root, 1322229001489018110u,
       0x579d19b3ee216ee9u, 8947638978974359093u},
      {12, twelve, "step-one", "2022-12-08T21:08:19.224Z", 2, 0, twelve, 1139193989631387307u,
       0x1e3bc630afd0f64fu, 7747304477664363642u},
      {13, "", "", "", 0, 0, thirteen, 8676990472248253142u, 0x7ec140962b2ef025u, 0},
      {14, "665c417c-1237-4742-aaca-8b3becbb9e75", "my-awesome-state",
       "Mon Nov 13 12:43:33 PST 2023", 0, 0, "4875aba4-ae31-4a4c-bf8a-63e9eee31dad",
       4521899030418994483u, 0x12d1270d99cc5e03u, 6880978411788117524u},
      {15, fifteen, "InvokeDownstreamSecond", "2026-05-01T18:13:16.310Z", 0, 0, "", 0, 0,
       5718818197702795437u},
      {16, sixteen, "EventBridge PutEvents", "2025-03-13T15:17:34.008Z", 0, 0, sixteen,
       3401561763239692811u, 0xa49ff3b7fb47b0bu, 2153517518581064194u},
      {17, seventeen, "SNS Publish", "2025-03-13T15:19:14.061Z", 0, 0, seventeen,
       1459500239678510857u, 0xfafc98885fd4647u, 4266287755575080658u},
      {18, child, "Lambda Invoke", ours_at, 0, 0, ours, 3045353155436941590u, 0x33089bd613b96f23u,
       2212676373656268639u},
      {19, ours, "Lambda Invoke", ours_at, 1, 0, "", 0, 0, 1121532525235348899u},
  };
}

TEST(Ids, VectorsOfTracesAndAttempts_Agree) {
  for (const Vector& each : vectors()) {
    SCOPED_TRACE(each.number);
    if (!each.root.empty()) {
      EXPECT_EQ(trace_of_root(each.root), (TraceId{.high = each.high, .low = each.low}));
    }
    if (each.parent != 0) {
      EXPECT_EQ(span_of_attempt(each.execution, each.state, each.entered, each.retry, each.redrive),
                each.parent);
    }
  }
}

// Texts that begin alike share the work on their first block: the lengths around blocks, after a
// text with the same beginning and after one with another.
TEST(Ids, TextsOfAnyLength_HashAsWithoutWhatCameBefore) {
  for (size_t length = 0; length <= 200; ++length) {
    for (const char last : {'a', 'b', 'b', 'a'}) {
      for (const size_t at : {size_t{0}, length / 2, length == 0 ? 0 : length - 1}) {
        std::string text(length, 'x');
        if (length != 0) text[at] = last;
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
        ASSERT_EQ(
            EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr), 1);
        uint64_t expected = 0;
        for (size_t i = 0; i < 8; ++i) expected = expected << 8 | digest[i];
        EXPECT_EQ(high_hash(text), expected & 0x7FFF'FFFF'FFFF'FFFF) << length << last << at;
      }
    }
  }
}

TEST(Ids, Hex_HasAllDigits) {
  EXPECT_EQ(hex_of(2212676373656268639u), "1eb5017046ae6f5f");
  EXPECT_EQ((TraceId{.high = 0xfafc98885fd4647, .low = 0x2a43448f556f1116}).hex(),
            "0fafc98885fd46472a43448f556f1116");
}

}  // namespace
}  // namespace weft::trace
