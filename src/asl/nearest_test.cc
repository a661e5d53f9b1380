#include "asl/nearest.h"

#include <array>

#include <gtest/gtest.h>

namespace weft::asl {
namespace {

constexpr std::array<std::string_view, 6> kKnown = {"Arguments", "Assign",   "Next",
                                                    "Output",    "Resource", "End"};

TEST(Nearest, FewSlips_AreForgiven) {
  EXPECT_EQ(nearest("Argument", kKnown), "Arguments");
  EXPECT_EQ(nearest("arguments", kKnown), "Arguments");
  EXPECT_EQ(nearest("Arugments", kKnown), "Arguments");
  EXPECT_EQ(nearest("Nxet", kKnown), "Next");
  EXPECT_EQ(nearest("Resorce", kKnown), "Resource");
}

TEST(Nearest, AnotherWord_IsLeftAlone) {
  EXPECT_EQ(nearest("Parameters", kKnown), "");
  EXPECT_EQ(nearest("X", kKnown), "");
  EXPECT_EQ(nearest("", kKnown), "");
  EXPECT_EQ(nearest("Next", kKnown), "") << "nobody means the same instead";
  EXPECT_EQ(nearest(std::string(1'000'000, 'N'), kKnown), "");
}

}  // namespace
}  // namespace weft::asl
